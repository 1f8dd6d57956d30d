"""The cases that an official has chosen to be answered alike."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Role
from accounts.viewers import Viewer

from ..models import Case
from .rights import office_cases, revealed


def answers_many(viewer: Viewer) -> bool:
    """Return whether the viewer is one of those who write replies, so that cases can be chosen in their list."""
    return viewer.holds(Role.HANDLER)


def chosen_cases(viewer: Viewer, numbers: Iterable[str]) -> list[Case]:
    """Return those of the cases that are at the viewer's desk, in the order of their choice."""
    wanted = list(dict.fromkeys(numbers))
    cases = office_cases(viewer).filter(number__in=wanted).select_related("unit", "contact").defer("text")
    found = {case.number: revealed(case) for case in cases}
    return [found[number] for number in wanted if number in found]
