"""The table of what reviewers of quality checks look at: how it begins and how it is changed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Criterion
from ..queries.hours import may_edit_ladder
from ..queries.quality import judged_codes
from ..rules import quality

MOST = 20


def load_criteria() -> int:
    """Write the criteria that come with the software into a house that has none; return how many there are."""
    if not Criterion.objects.exists():
        Criterion.objects.bulk_create(
            Criterion(code=code, name=name, name_en=name_en, question=asks, question_en=asks_en, position=number)
            for number, (code, name, name_en, asks, asks_en) in enumerate(quality.SHIPPED, 1)
        )
    return Criterion.objects.count()


@transaction.atomic
def save_criterion(
    *,
    by: Viewer,
    code: str,
    name: str,
    question: str,
    name_en: str = "",
    question_en: str = "",
    position: int = 0,
    active: bool = True,
) -> Criterion:
    """Write one criterion of the table; a check keeps those it began with.

    What cases were judged by keeps its words, for they say what the marks mean: it can only move or go out of use.
    Raises NotFound, BadInput.
    """
    if not may_edit_ladder(by):
        raise rules.NotFound()
    quality.check_code(code)
    words = {
        "name": rules.clean_text(name, most=120, least=1, field="name", newlines=False),
        "name_en": rules.clean_text(name_en or "", most=120, field="name_en", newlines=False),
        "question": rules.clean_text(question, most=300, least=1, field="question", newlines=False),
        "question_en": rules.clean_text(question_en or "", most=300, field="question_en", newlines=False),
    }
    found = Criterion.objects.select_for_update().filter(code=code).first()
    if found is None and Criterion.objects.count() >= MOST:
        raise rules.BadInput(_("At most %(n)d criteria.") % {"n": MOST}, field="code", code="too_many")
    same = found is not None and all(getattr(found, key) == value for key, value in words.items())
    if not same and code in judged_codes():
        said = _("Cases have been judged by these words. Take them out of use and write a new criterion.")
        raise rules.BadInput(said, field="question", code="judged")
    found = found or Criterion(code=code)
    for key, value in words.items():
        setattr(found, key, value)
    found.position, found.active = rules.check_whole(position, 0, 1000, "position"), bool(active)
    found.save()
    return found
