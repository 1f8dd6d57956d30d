"""The shape of a matter that people write about."""

from __future__ import annotations

from dataclasses import dataclass

from engagement.models import Case

ENQUIRY, HELP, COMPLAINT = Case.Kind.ENQUIRY, Case.Kind.HELP_REQUEST, Case.Kind.COMPLAINT
SUGGESTION, PRAISE = Case.Kind.SUGGESTION, Case.Kind.PRAISE
SOLVED, PARTLY, EXPLAINED, PLANNED = (
    Case.Outcome.SOLVED,
    Case.Outcome.PARTLY,
    Case.Outcome.EXPLAINED,
    Case.Outcome.PLANNED,
)


@dataclass(frozen=True)
class Matter:
    """Titles, words and answer as templates; category by its Chinese name, unit by its code ("" = by the place)."""

    category: str
    unit: str
    kind: str
    titles: tuple[str, ...]
    text: str
    reply: str
    outcome: str
