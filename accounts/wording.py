"""How words are strung together in the reader's language: lists, and what something is called."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext, pgettext


def comma() -> str:
    """Return what stands between two names: ", " or "、"."""
    return pgettext("between names", ", ")


def listed(names: Iterable[object]) -> str:
    """Return the names in one line: "Wang, Li" or "王、李"."""
    return comma().join(map(str, names))


def named(what: object, name: object) -> str:
    """Return "Unit: Water Bureau" with the colon of the reader's language."""
    return gettext("%(what)s: %(name)s") % {"what": what, "name": name}
