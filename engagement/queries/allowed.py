"""What a viewer may do with a case now: one place, asked by pages for their buttons and by actions for their checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone

from accounts.models import Role
from accounts.viewers import Viewer
from journal.models import Entry

from ..models import Case, Promise, Task
from ..processes.definition import CITIZEN, CLOCK
from ..processes.engine import Engine, serves
from ..rules import CLOSED
from .around import Around, around
from .chances import citizens_acts, may_return, office_acts, supervises, urged_inside
from .rights import WORKERS, in_office, is_party

# Action codes of a process definition, and the functions of engagement.actions that do them.
BY_CODE = {
    "accept": "accept_case",
    "refuse": "refuse_case",
    "ask": "ask_citizen",
    "dispatch": "dispatch_case",
    "sign": "sign_for_case",
    "return": "return_case",
    "transfer": "transfer_case",
    "submit": "submit_reply",
    "approve": "approve_reply",
    "sign_off": "sign_reply",
    "send_back": "send_back",
    "answer": "answer_question",
    "rate": "rate_case",
    "reply_now": "answer_at_once",
    "tell_missing": "tell_missing",
}
CODES = {name: code for code, name in BY_CODE.items()}
# An action that only this process knows is allowed under this prefix and its own code.
OWN = "step:"
FINISHED = (Case.Status.ANSWERED, Case.Status.CONCLUDED, Case.Status.ARCHIVED)


@dataclass
class Standing:
    """How a viewer stands to a case at a moment."""

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

    def may(self, action: str) -> bool:
        """Return whether the viewer may do the action now; what the open step offers is told without a question."""
        own = action.removeprefix(OWN) if action.startswith(OWN) else ""
        code = CODES.get(action, own if own not in BY_CODE else "")
        return self._offers(code) or action in self.actions

    def _offers(self, code: str) -> bool:
        return self.doer and self.engine.offers(code) and self._is_time_for(code)

    @cached_property
    def actions(self) -> list[str]:
        """Every action the viewer may do now, by the names of engagement.actions."""
        found = self.at_the_step
        if self.party:
            found += self._for_the_citizen()
        if self.office:
            found += self._for_the_office()
        return list(dict.fromkeys(found))

    @property
    def at_the_step(self) -> list[str]:
        """What the open step offers the viewer."""
        return [BY_CODE.get(code, f"{OWN}{code}") for code in self._codes()]

    def _codes(self) -> list[str]:
        if not self.doer:
            return []
        codes = [act.code for act in self.engine.open_acts() if act.by != CLOCK]
        return [code for code in codes if self._is_time_for(code)]

    def _is_time_for(self, code: str) -> bool:
        if code == "return":
            return may_return(self)
        # What was promised is still to come: there is nothing to rate yet.
        return code != "rate" or not self.promised

    def _for_the_citizen(self) -> list[str]:
        node, found = self.engine.node, []
        if node is not None and node.role != CITIZEN:
            found.append("add_to_case")
            if not self.urged_lately:
                found.append("urge_case")
        if self.engine.may_act("withdraw"):
            found.append("withdraw_case")
        if self.engine.may_act("reopen") and self._reopens():
            found.append("reopen_case")
        if self.case.status in FINISHED and not self.case.confidential:
            found.append("decide_publication")
        return found + citizens_acts(self)

    def _reopens(self) -> bool:
        norms, since = self.engine.definition.norms, self.case.concluded_at or self.case.answered_at
        if since is None or self.case.round >= norms["most_rounds"]:
            return False
        return self.at <= since + timedelta(days=norms["reopen_days"])

    @cached_property
    def urged_lately(self) -> bool:
        """Whether the office was reminded so lately that another reminder must wait."""
        since = self.at - timedelta(hours=self.engine.definition.norms["urge_hours"])
        return Entry.objects.filter(stream__name=self.case.stream_name, kind="case.urged", at__gt=since).exists()

    def _for_the_office(self) -> list[str]:
        node, found = self.engine.node, []
        if self.works:
            found += ["add_note", "add_file"]
        if self.leads:
            found.append("comment_case")
        if node is not None:
            found += self._while_open()
        found += office_acts(self)
        if self.case.status in FINISHED and self.case.public and not self.case.confidential:
            found += self._publishing()
        if self.case.confidential and self.works:
            found.append("unmask_contact")
        return found

    def _while_open(self) -> list[str]:
        node = self.engine.node
        found: list[str] = []
        if node is None or self.case.status in CLOSED:
            return found
        task = self.engine.task
        if "submit" in node.actions and self.doer and task is not None and task.part == Task.Role.LEAD:
            found.append("save_draft")
        if "transfer" in node.actions and self.reviews:
            found.append("transfer_case")
        if supervises(self) and not urged_inside(self):
            found.append("urge_case")
        most = self.engine.definition.norms["extension_days"]
        if self.reviews and node.role != CITIZEN and self.case.extended_days < most:
            found.append("extend_case")
        return found

    def _publishing(self) -> list[str]:
        copy = self.around.copy
        person = self.viewer.person
        # The reviewer of the unit, and whoever runs the mailbox, stand for the second pair of eyes.
        second = self.reviews or self.leads
        if copy is None or (copy.published_at is None and copy.prepared_by_id == (person.pk if person else 0)):
            return ["prepare_publication"] if self.works else []
        if copy.published_at is not None:
            return ["unpublish"] if second else []
        return ["approve_publication", "refuse_publication"] if second else []


def standing(viewer: Viewer, case: Case, at: datetime | None = None, engine: Engine | None = None) -> Standing:
    """Return how the viewer stands to the case at the moment `at`, now unless given."""
    moment = at or timezone.now()
    return Standing(viewer, case, moment, engine or Engine(case, moment))


def allowed_actions(case: Case, viewer: Viewer, at: datetime | None = None) -> list[str]:
    """Return the names of the actions that the viewer may do with the case now."""
    return standing(viewer, case, at).actions


def signing_actions(stands: Standing) -> list[str]:
    """Return of the viewer's actions what a leader does on a card: the step's own and a comment, at little cost."""
    return [*stands.at_the_step, *(["comment_case"] if stands.office and stands.leads else [])]
