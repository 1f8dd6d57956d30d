"""A case on the diagram of its process and as a list of steps: what its citizen may know, and more for its office."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.viewers import Viewer

from ..models import Case, Task
from ..processes.definition import ASSIST, CITIZEN, Definition, Node
from ..processes.engine import definition_of
from ..processes.layout import BOX_H, BOX_W, Arrow, Box, draw
from ..processes.naming import act_label, limit_said
from .rights import is_party, reads_file

# Letters that fit into a box: in the name of a step, and in the smaller lines below it.
WIDEST, WIDEST_UNDER = 23, 28
# A Chinese character, or a word of another script with the space behind it: what no line breaks.
PIECE = re.compile(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+")
# How far below a box's upper edge its lines stand, by how many there are.
BASELINES: dict[int, tuple[int, ...]] = {1: (28,), 2: (20, 36), 3: (15, 29, 41)}


@dataclass(frozen=True)
class Line:
    """One line of words in a box, at the height `y` of the picture."""

    text: str
    y: float
    small: bool


@dataclass(frozen=True)
class Shape:
    """A box as the picture shows it: its lines of words and its state (done, now or "")."""

    box: Box
    lines: list[Line]
    state: str
    width: int = BOX_W
    height: int = BOX_H

    @property
    def middle(self) -> float:
        """Where words are centred."""
        return self.box.x + BOX_W / 2


@dataclass(frozen=True)
class Picture:
    """The whole diagram, and in words for those who do not see it."""

    shapes: list[Shape]
    arrows: list[Arrow]
    width: int
    height: int


@dataclass(frozen=True)
class Station:
    """A step that the case has taken or is taking; `unit` and `person` are "" where the reader may not know them."""

    label: str
    unit: str
    person: str
    since: datetime
    until: datetime | None
    act: str
    state: str
    assists: bool


def picture_of(definition: Definition, states: Mapping[str, str] | None = None) -> Picture:
    """Return the diagram of a process; `states` says which steps are "done" or "now"."""
    drawing, found = draw(definition), states or {}
    shapes = [Shape(box, _lines(box), found.get(box.code, "")) for box in drawing.boxes]
    return Picture(shapes, drawing.arrows, round(drawing.width), round(drawing.height))


def _lines(box: Box) -> list[Line]:
    """Return the step's name, who does it and until when, on as few lines as it takes; three have room."""
    node = box.node
    name = _broken(node.label or box.code, WIDEST, 2)
    under = [] if node.end else [part for part in (who_said(node), limit_said(node.sla)) if part]
    together = " · ".join(under)
    if len(name) > 1 or _width(together) <= WIDEST_UNDER:
        under = [together] if together else []
    words = [(line, False) for line in name] + [(_cut(line, WIDEST_UNDER), True) for line in under]
    heights = zip(words, BASELINES[len(words)], strict=True)
    return [Line(line, box.y + below, small) for (line, small), below in heights]


def _broken(words: str, widest: int, most: int) -> list[str]:
    """Break into lines that fit; what is too long for `most` of them is cut."""
    lines = [""]
    for piece in PIECE.findall(words):
        if lines[-1] and len(lines) < most and _width(lines[-1] + piece.rstrip()) > widest:
            lines.append("")
        lines[-1] += piece
    return [_cut(line.strip(), widest) for line in lines]


def _width(words: str) -> float:
    """Return how wide words are, in letters; a Chinese character is nearly as wide as two."""
    return sum(1 if ord(sign) < 0x2E80 else 1.75 for sign in words)


def _cut(words: str, widest: int) -> str:
    if _width(words) <= widest:
        return words
    while _width(words) > widest:
        words = words[:-1]
    return words.rstrip() + "…"


def who_said(node: Node) -> str:
    """Return who does a step."""
    if node.role == CITIZEN:
        return _("citizen")
    roles = dict(Role.choices)
    said = str(roles.get(node.role, node.role))
    return f"{said} × n" if node.mode else said


def way_of(case: Case, viewer: Viewer) -> tuple[Picture, list[Station]]:
    """Return the case on its diagram and its steps so far, oldest first.

    The office reads units, persons and what was done; the citizen reads steps, dates and the unit in charge. Of a
    report of wrongdoing nobody but its office learns who has it.
    """
    definition = definition_of(case.process)
    office = reads_file(viewer, case) and not is_party(viewer, case)
    tasks = case.tasks.select_related("unit", "assignee", "done_by").order_by("pk")
    states: dict[str, str] = {}
    found = []
    for task in tasks:
        is_open = task.status == Task.Status.OPEN
        states[task.node] = "now" if is_open or states.get(task.node) == "now" else "done"
        if is_open or task.status == Task.Status.DONE or office:
            found.append(_station(task, definition, case, office))
    if not any(state == "now" for state in states.values()):
        end = next((code for code, node in definition.nodes.items() if node.end and node.status == case.status), "")
        states |= {end: "now"} if end else {}
    return picture_of(definition, states), found


def _station(task: Task, definition: Definition, case: Case, office: bool) -> Station:
    node = definition.nodes.get(task.node)
    is_open = task.status == Task.Status.OPEN
    act = node.actions.get(task.action) if node else None
    may_know_unit = office or not case.confidential
    person = (task.assignee if is_open else task.done_by) if office and task.role_needed != CITIZEN else None
    return Station(
        label=node.label or node.code if node else task.node,
        unit=task.unit.label if task.unit and may_know_unit and task.role_needed != CITIZEN else "",
        person=str(person or ""),
        since=task.created_at,
        until=task.due_at if is_open else task.done_at,
        act=act_label(task.action, act) if office and task.action else "",
        state="now" if is_open else "cut" if task.status == Task.Status.CANCELLED else "done",
        assists=task.part == ASSIST,
    )
