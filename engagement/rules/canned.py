"""Prepared answers: who keeps them, their short names, and the words that are put into them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from accounts.rules import BadInput, clean_text
from accounts.viewers import Viewer

# Who keeps the prepared answers of their own unit; administrators keep those of every unit in their scope.
KEEPERS = (Role.DUTY_OFFICER, Role.INTAKE_OFFICER, Role.HANDLER, Role.REVIEWER, Role.SECRETARY)
MOST_TITLE, MOST_TEXT, MOST_WORD = 80, 4000, 20
# What stands in braces in a text and is filled in when it is used.
VARIABLES = {
    "citizen": gettext_lazy("how the citizen is called"),
    "officer": gettext_lazy("your name"),
    "unit": gettext_lazy("your unit"),
    "desk": gettext_lazy("the duty desk"),
    "number": gettext_lazy("the number of the case"),
    "date": gettext_lazy("today's date"),
}
_VARIABLE = re.compile(r"\{([^{}\s]{1,30})\}")
_WORD = re.compile(r"[\w-]+")


def check_word(value: object) -> str:
    """Return the short name under which "/" finds an answer: letters (Chinese ones too), digits and dashes, or ""."""
    word = clean_text(value, most=MOST_WORD, field="word", newlines=False).lstrip("/").lower()
    if word and not _WORD.fullmatch(word):
        raise BadInput(_("Letters, digits and dashes only, please."), field="word", code="bad_word")
    return word


def check_canned_text(value: object) -> str:
    """Return a prepared answer's text. Raises BadInput also for a word in braces that nothing is put in for."""
    text = clean_text(value, most=MOST_TEXT, least=1, field="text")
    unknown = [name for name in _VARIABLE.findall(text) if name not in VARIABLES]
    if unknown:
        told = _("Nothing can be filled in for {%(name)s}.") % {"name": unknown[0]}
        raise BadInput(told, field="text", code="bad_variable")
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its variables filled in; one without a value stays to be seen and filled by hand."""
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)


def left_open(text: str) -> list[str]:
    """Return the variables that still stand in a text because nothing was known to be put in."""
    return [name for name in _VARIABLE.findall(text) if name in VARIABLES]


def kept_units(viewer: Viewer) -> frozenset[int]:
    """Return the ids of the units whose prepared answers the viewer keeps."""
    return viewer.units(*KEEPERS) | viewer.scope(Role.ADMINISTRATOR)


def keeps_for_all(viewer: Viewer) -> bool:
    """Return whether the viewer keeps the answers that every unit uses."""
    return viewer.holds(Role.ADMINISTRATOR)
