"""The open step of a case for officials: what is to be done, whose it is, and how long they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..models import Process, Task
from ..processes.definition import CITIZEN
from ..processes.engine import definition_of
from .allowed import Standing
from .clocks import light_of

LABELS = {
    "register": _("Accept or refuse"),
    "dispatch": _("Send to a unit"),
    "sign": _("Sign for it"),
    "handle": _("Work on it and reply"),
    "review": _("Check the reply"),
    "sign_off": _("Sign the reply"),
    "clarify": _("The citizen is asked"),
    "answered": _("The citizen may rate"),
}


class Timed(Protocol):
    """What a light and the time left are told from: a task, or a line of a list."""

    @property
    def role_needed(self) -> str:
        """The role that may do it."""

    @property
    def created_at(self) -> datetime:
        """Since when it is to be done."""

    @property
    def yellow_at(self) -> datetime | None:
        """When its light turns yellow."""

    @property
    def due_at(self) -> datetime | None:
        """When it is late."""


@dataclass(frozen=True)
class OpenStep:
    """The step a case stands at. `mine` is whether the viewer may do it; `light` is "none" while no clock runs."""

    label: str
    unit: str
    person: str
    mine: bool
    waits_for_citizen: bool
    due_at: datetime | None
    light: str
    left: str


def open_step(stands: Standing) -> OpenStep | None:
    """Return the step that is to be done now, None for a case that is closed."""
    task, at = stands.engine.task, stands.at
    if task is None:
        return None
    citizens = task.role_needed == CITIZEN
    return OpenStep(
        label=step_label(task),
        unit="" if citizens or task.unit is None else task.unit.label,
        person=str(task.assignee) if task.assignee and not citizens else "",
        mine=not citizens and stands.doer,
        waits_for_citizen=citizens,
        due_at=None if citizens else task.due_at,
        light=task_light(task, at),
        left=time_left(task, at),
    )


def step_label(task: Task) -> str:
    """Return what is to be done at a task."""
    return step_name(task.node, None if task.node in LABELS else task.case.process, task.part, task.group_no)


def step_name(node: str, process: Process | None, part: str = "", group_no: int = 0) -> str:
    """Return what is to be done at a step, by the name its process gives it unless every process knows it."""
    if node in LABELS:
        return str(LABELS[node])
    known = definition_of(process).nodes.get(node) if process else None
    label = known.label if known else ""
    if not group_no:
        return label
    said = gettext("%(step)s – lead") if part == Task.Role.LEAD else gettext("%(step)s – assist")
    return said % {"step": label or node}


def task_light(task: Timed, at: datetime) -> str:
    """Return the light of a task; "none" for what waits for the citizen."""
    return "none" if task.role_needed == CITIZEN or task.due_at is None else light_of(task.due_at, task.yellow_at, at)


def time_left(task: Timed, at: datetime) -> str:
    """Return how long until the task is due, or by how much it is late, in the largest unit."""
    if task.due_at is None or task.role_needed == CITIZEN:
        since = formats.date_format(timezone.localtime(task.created_at), "SHORT_DATE_FORMAT")
        return gettext("waiting since %(day)s") % {"day": since}
    minutes = int((task.due_at - at).total_seconds() // 60)
    hours, days = abs(minutes) // 60, abs(minutes) // 1440
    if days:
        length = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    elif hours:
        length = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    else:
        length = ngettext("%(n)d minute", "%(n)d minutes", abs(minutes)) % {"n": abs(minutes)}
    return length if minutes >= 0 else gettext("%(length)s late") % {"length": length}
