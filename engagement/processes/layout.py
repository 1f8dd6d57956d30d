"""Where the boxes and arrows of a process are drawn: the usual way straight down, everything else beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .definition import BACK, CITIZEN, Definition, Node

BOX_W, BOX_H, PITCH = 184, 46, 84
LANE, MARGIN, TOP = 11, 14, 14
# Whether an arrow runs beside the usual way (left), between the columns (middle) or outside (right).
LEFT, MIDDLE, RIGHT, STRAIGHT = "left", "middle", "right", "straight"


@dataclass
class Box:
    """A step as it is drawn: its place in the grid and, once laid out, in the picture."""

    node: Node
    row: int
    column: int
    x: float = 0
    y: float = 0

    @property
    def code(self) -> str:
        """The step's code."""
        return self.node.code

    @property
    def kind(self) -> str:
        """What the box looks like: an end, the citizen's, several units' or an office's."""
        if self.node.end:
            return "end"
        return "citizen" if self.node.role == CITIZEN else "several" if self.node.mode else "office"


@dataclass
class Arrow:
    """A way from one step to another with the actions that take it; `both` leads there and back again."""

    source: str
    target: str
    acts: list[str] = field(default_factory=list)
    both: bool = False
    side: str = STRAIGHT
    lane: int = 0
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The arrow as the data of an SVG path."""
        return "M" + " L".join(f"{x:g} {y:g}" for x, y in self.points)


@dataclass(frozen=True)
class Drawing:
    """Boxes and arrows with their places in a picture of `width` by `height`."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: float
    height: float


def usual_way(definition: Definition) -> list[str]:
    """Return the steps of a case with which nothing special happens, from the start to an end."""
    found: list[str] = []
    code = definition.start
    while code in definition.nodes and code not in found:
        found.append(code)
        code = _onward(definition, definition.nodes[code], found)
    return found


def _onward(definition: Definition, node: Node, seen: Sequence[str]) -> str:
    ways = [node.join] if node.mode else [act.ways for act in node.actions.values()]
    for each in ways:
        if each and each[-1].to not in (BACK, *seen) and not _is_pause(definition, each[-1].to):
            return each[-1].to
    return ""


def _is_pause(definition: Definition, code: str) -> bool:
    return code in definition.nodes and definition.nodes[code].pauses


def arrows_of(definition: Definition) -> list[Arrow]:
    """Return every pair of steps with a way between them, in the order of the definition."""
    found: dict[tuple[str, str], Arrow] = {}
    asks = {node.code for node in definition.nodes.values() if any(way.to == BACK for _act, way in node.ways())}
    for node in definition.nodes.values():
        for act, way in node.ways():
            if way.to == BACK or way.to not in definition.nodes:
                continue
            arrow = found.setdefault((node.code, way.to), Arrow(node.code, way.to, both=way.to in asks))
            if act not in arrow.acts:
                arrow.acts.append(act)
    return list(found.values())


def draw(definition: Definition) -> Drawing:
    """Lay the process out."""
    arrows = arrows_of(definition)
    boxes = _boxes(definition, arrows)
    for arrow in arrows:
        arrow.side = _side(boxes[arrow.source], boxes[arrow.target])
    lanes = {side: _lanes([arrow for arrow in arrows if arrow.side == side], boxes) for side in (LEFT, MIDDLE, RIGHT)}
    left = MARGIN + LANE * lanes[LEFT]
    second = left + BOX_W + LANE * (lanes[MIDDLE] + 3)
    for box in boxes.values():
        box.x = second if box.column else left
        box.y = TOP + box.row * PITCH
    for arrow in arrows:
        edge = {LEFT: left, MIDDLE: left + BOX_W + LANE, RIGHT: second + BOX_W}.get(arrow.side, 0)
        arrow.points = _points(arrow, boxes, arrows, edge)
    has_second = any(box.column for box in boxes.values())
    width = (second + BOX_W + LANE * lanes[RIGHT] if has_second else left + BOX_W) + MARGIN
    return Drawing(list(boxes.values()), arrows, width, TOP + PITCH * (max(b.row for b in boxes.values()) + 1) - 24)


def _boxes(definition: Definition, arrows: Sequence[Arrow]) -> dict[str, Box]:
    """Give every step a cell: the usual way in the first column, the others beside the step that leads to them."""
    spine = usual_way(definition)
    boxes = {code: Box(definition.nodes[code], row, 0) for row, code in enumerate(spine)}
    taken: set[int] = set()
    waiting = [code for code in definition.nodes if code not in boxes]
    while waiting:
        code = next((each for each in waiting if any(a.target == each and a.source in boxes for a in arrows)), "")
        code = code or waiting[0]
        waiting.remove(code)
        row = _row(code, boxes, arrows)
        while row in taken:
            row += 1
        taken.add(row)
        boxes[code] = Box(definition.nodes[code], row, 1)
    return boxes


def _row(code: str, boxes: dict[str, Box], arrows: Sequence[Arrow]) -> int:
    before = [boxes[arrow.source].row for arrow in arrows if arrow.target == code and arrow.source in boxes]
    after = [boxes[arrow.target].row for arrow in arrows if arrow.source == code and arrow.target in boxes]
    if not before:
        return max((box.row for box in boxes.values()), default=0)
    first = min(before)
    later = min((row for row in after if row > first), default=first)
    return (first + later + 1) // 2


def _side(source: Box, target: Box) -> str:
    if source.column != target.column:
        return STRAIGHT if source.row == target.row else MIDDLE
    if target.row == source.row + 1:
        return STRAIGHT
    return RIGHT if source.column else LEFT


def _lanes(arrows: list[Arrow], boxes: dict[str, Box]) -> int:
    """Give each arrow of a channel the innermost lane in which it crosses no other; return how many there are."""
    lanes: list[list[tuple[int, int]]] = []
    for arrow in sorted(arrows, key=lambda each: abs(boxes[each.source].row - boxes[each.target].row)):
        top, bottom = sorted((boxes[arrow.source].row, boxes[arrow.target].row))
        number = next((n for n, used in enumerate(lanes) if all(bottom < a or top > b for a, b in used)), len(lanes))
        if number == len(lanes):
            lanes.append([])
        lanes[number].append((top, bottom))
        arrow.lane = number + 1
    return len(lanes)


def _points(arrow: Arrow, boxes: dict[str, Box], arrows: Sequence[Arrow], edge: float) -> list[tuple[float, float]]:
    source, target = boxes[arrow.source], boxes[arrow.target]
    if arrow.side == STRAIGHT and source.column == target.column:
        middle = source.x + BOX_W / 2
        return [(middle, source.y + BOX_H), (middle, target.y)]
    start_right = arrow.side == RIGHT or (arrow.side != LEFT and source.column == 0)
    end_right = arrow.side == RIGHT or (arrow.side != LEFT and target.column == 0)
    start = (source.x + (BOX_W if start_right else 0), _port(source, arrow, arrows, boxes, right=start_right))
    end = (target.x + (BOX_W if end_right else 0), _port(target, arrow, arrows, boxes, right=end_right))
    if arrow.side == STRAIGHT:
        return [start, (end[0], start[1])]
    x = edge - LANE * arrow.lane if arrow.side == LEFT else edge + LANE * arrow.lane
    return [start, (x, start[1]), (x, end[1]), end]


def _port(box: Box, arrow: Arrow, arrows: Sequence[Arrow], boxes: dict[str, Box], *, right: bool) -> float:
    """Return the height at which the arrow touches the side of the box, none on top of another."""

    def touches(each: Arrow) -> bool:
        if box.code not in (each.source, each.target):
            return False
        if each.side == STRAIGHT and boxes[each.source].column == boxes[each.target].column:
            return False
        return right == (each.side == RIGHT or (each.side != LEFT and box.column == 0))

    def far(each: Arrow) -> tuple[int, str]:
        other = boxes[each.target if each.source == box.code else each.source]
        return other.row, f"{each.source}>{each.target}"

    here = sorted((each for each in arrows if touches(each)), key=far)
    return box.y + BOX_H * (here.index(arrow) + 1) / (len(here) + 1)
