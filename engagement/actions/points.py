"""Point by point: the letter's questions one by one, each answered, refused with a ground, or passed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import SmallIntegerField
from django.utils.translation import gettext as _

from accounts.prepared import Given, Prepared
from accounts.viewers import Viewer
from accounts.wording import listed

from .. import rules
from ..models import Case, Point
from ..rules import acts
from .turns import turn


def itemise_case(*, case_id: int, by: Viewer, points: str, at: datetime | None = None) -> list[Point]:
    """Write down the letter's questions, one a line; doing it again keeps the answers of lines that stay.

    Raises NotFound, NotYours, WrongStatus, BadInput.
    """
    text = rules.clean_text(points, most=rules.TEXT, least=1, field="points")
    lines = acts.check_lines(text, acts.POINTS, 500, "points")
    with turn(case_id=case_id, by=by, action="itemise_case", at=at) as current:
        current.stays = True
        case = current.case
        known = {point.text: point for point in Point.objects.filter(case=case, round=case.round)}
        Point.objects.filter(case=case, round=case.round).delete()
        made = [_point(case, number, line, known.get(line)) for number, line in enumerate(lines, 1)]
        Point.objects.bulk_create(made)
        current.note("points.listed", {"text": "\n".join(f"{point.position}. {point.text}" for point in made)})
    return made


def _point(case: Case, position: int, text: str, before: Point | None) -> Point:
    kept = {"state": before.state, "answer": before.answer} if before else {}
    return Point(case=case, round=case.round, position=position, text=text, **kept)


def answer_points(
    *, case_id: int, by: Viewer, answers: Iterable[Mapping[str, Any]], at: datetime | None = None
) -> list[Point]:
    """Say to each point what becomes of it: [{"position", "state", "answer"}]; the citizen reads it with the reply.

    Raises NotFound, NotYours, WrongStatus, BadInput for a point that is none and for a decision without words.
    """
    given = [_checked(each) for each in answers]
    with turn(case_id=case_id, by=by, action="answer_points", at=at) as current:
        current.stays = True
        case = current.case
        known = {point.position: point for point in Point.objects.filter(case=case, round=case.round)}
        for position, state, answer in given:
            point = known.get(position)
            if point is None:
                raise rules.BadInput(_("There is no such point."), field="answers")
            point.state, point.answer = state, answer
            point.save(update_fields=["state", "answer"])
        current.note("points.answered", {"points": [position for position, _state, _answer in given]})
    return sorted(known.values(), key=lambda point: point.position)


def _checked(given: Mapping[str, Any]) -> tuple[int, str, str]:
    position = rules.check_whole(given.get("position"), 1, acts.POINTS, "position")
    field = f"answer_{position}"
    state = rules.check_choice(given.get("state"), Point.State.values, f"state_{position}")
    least = 0 if state == Point.State.OPEN else 1
    return position, state, rules.clean_text(given.get("answer") or "", most=rules.WORDS, least=least, field=field)


POINTS: Prepared[Point] = Prepared(
    lambda: Point.objects.filter(case=Given("case"), round=Given("round", SmallIntegerField()))
)


def _points(case: Case) -> list[Point]:
    return POINTS.all(case=case.pk, round=case.round)


def check_points(case: Case) -> None:
    """Raises BadInput while a point of the letter has no answer: the reply would leave it out."""
    left = [point.position for point in _points(case) if point.state == Point.State.OPEN]
    if left:
        numbers = listed(left)
        raise rules.BadInput(
            _("These points of the letter have no answer yet: %(numbers)s.") % {"numbers": numbers},
            field="text",
            code="points_open",
        )


def points_told(case: Case) -> list[dict[str, Any]]:
    """Return the points as the citizen reads them below the reply."""
    return [
        {"n": point.position, "text": point.text, "state": point.state, "answer": point.answer}
        for point in _points(case)
    ]
