"""How a viewer stands to a case: as its citizen, as an official of its unit, as whoever has to do the open step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import Role
from accounts.viewers import Viewer

from ..models import Case, Promise, Task
from ..processes.definition import CITIZEN
from ..processes.engine import Engine, serves
from .around import Around, around
from .rights import WORKERS, in_office, is_party


@dataclass
class Relation:
    """How a viewer stands to a case at a moment: whose it is, whose step, who works on it."""

    viewer: Viewer
    case: Case
    at: datetime
    engine: Engine

    def __post_init__(self) -> None:
        """While several units work on the case, act on the task that is the viewer's."""
        if len(self.engine.tasks) > 1:
            mine = [task for task in self.engine.tasks if self._does(task)]
            own = self.viewer.person.pk if self.viewer.person else 0
            mine.sort(key=lambda task: (task.assignee_id != own, task.part != Task.Role.LEAD, task.pk))
            for task in mine[:1]:
                self.engine.choose(task)

    @cached_property
    def party(self) -> bool:
        """Whether the viewer is the case's citizen."""
        return is_party(self.viewer, self.case)

    @cached_property
    def office(self) -> bool:
        """Whether the viewer may read the case as an official."""
        return in_office(self.viewer, self.case, self.engine.tasks)

    @cached_property
    def around(self) -> Around:
        """What hangs on the case: asked once, by whichever act needs it first."""
        return around(self.case)

    @cached_property
    def promised(self) -> bool:
        """Whether something is promised and still to come."""
        if "around" in self.__dict__:
            return self.around.promise is not None
        return Promise.objects.filter(case=self.case, state=Promise.State.OPEN).exists()

    @cached_property
    def doer(self) -> bool:
        """Whether the open task is the viewer's to do."""
        return self.engine.task is not None and self._does(self.engine.task)

    def _does(self, task: Task) -> bool:
        node = self.engine.definition.nodes[task.node]
        if node.role == CITIZEN:
            return self.party
        if not self.office or self.viewer.person is None:
            return False
        if node.also and serves(self.viewer.posts, task.unit_id, node.also):
            return True
        mine = task.assignee_id in (None, self.viewer.person.pk)
        return mine and serves(self.viewer.posts, task.unit_id, (node.role,))

    @cached_property
    def outrun(self) -> bool:
        """Whether a colleague has just taken or done the viewer's part of a step that several units work on."""
        group = max((task.group_no for task in self.engine.tasks), default=0)
        if not group or self.doer:
            return False
        units = set(self.case.tasks.filter(group_no=group).values_list("unit_id", flat=True))
        roles = self.engine.node.roles if self.engine.node else ()
        return any(serves(self.viewer.posts, unit, roles) for unit in units)

    @cached_property
    def leads(self) -> bool:
        """Whether it is the viewer's mailbox, as its leader or secretary."""
        box, person = self.case.mailbox, self.viewer.person
        if box is None or person is None or not self.office:
            return False
        return serves(self.viewer.posts, box.unit_id, (Role.SECRETARY,)) or (
            box.leader_id == person.pk and serves(self.viewer.posts, box.unit_id, (Role.LEADER,))
        )

    @cached_property
    def works(self) -> bool:
        """Whether the viewer works on the case, rather than only watching it."""
        task, node = self.engine.task, self.engine.node
        holds = self.office and serves(self.viewer.posts, self.case.unit_id, WORKERS)
        at_task = bool(task and node and self.office and node.role != CITIZEN) and serves(
            self.viewer.posts, task.unit_id if task else None, node.roles if node else ()
        )
        return holds or at_task or self.leads

    @cached_property
    def reviews(self) -> bool:
        """Whether the viewer is a reviewer of the unit that holds the case, or of the office that reviews it."""
        task, node = self.engine.task, self.engine.node
        reviewing = node is not None and "approve" in node.actions
        units = {self.case.unit_id, task.unit_id if task and reviewing else None} - {None}
        return self.office and any(serves(self.viewer.posts, unit, (Role.REVIEWER,)) for unit in units)
