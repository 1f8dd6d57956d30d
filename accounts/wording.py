"""How words are strung together in the reader's language: lists, and what something and the city are called."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import get_language, gettext, pgettext


def comma() -> str:
    """Return what stands between two names: ", " or "、"."""
    return pgettext("between names", ", ")


def listed(names: Iterable[object]) -> str:
    """Return the names in one line: "Wang, Li" or "王、李"."""
    return comma().join(map(str, names))


def named(what: object, name: object) -> str:
    """Return "Unit: Water Bureau" with the colon of the reader's language."""
    return gettext("%(what)s: %(name)s") % {"what": what, "name": name}


def city_name(language: str = "") -> str:
    """Return what the city is called in the language, the reader's unless given; "Openhall" where it has no name."""
    names = [settings.CITY_NAME, settings.CITY_NAME_EN]
    if (language or get_language() or "").startswith("en"):
        names.reverse()
    return next(filter(None, names), "Openhall")
