"""Prepared answers: those somebody may use, filled in, and those somebody keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Unit
from accounts.viewers import Viewer

from .. import rules
from ..models import CannedReply, Case
from ..rules.canned import KEEPERS, fill, keeps_for_all, kept_units
from .contacts import contact_of


@dataclass(frozen=True)
class Filled:
    """A prepared answer, ready to be put into a send box."""

    title: str
    word: str
    text: str


def canned_replies(viewer: Viewer, language: str = "") -> list[CannedReply]:
    """Return the prepared answers of the viewer's units and of the whole house, those in the language first."""
    found = CannedReply.objects.filter(Q(unit_id__in=viewer.units()) | Q(unit=None)) if viewer.is_official else []
    return sorted(found, key=lambda reply: (reply.language != language, reply.title))


def filled_replies(viewer: Viewer, language: str, values: Mapping[str, str]) -> list[Filled]:
    """Return the prepared answers with `values` (see rules.canned.VARIABLES) and what is known of the viewer put in.

    Lazy values are said in the language of each answer.
    """
    found = canned_replies(viewer, language)
    known = {each: {**_known(viewer, each), **_plain(values, each)} for each in {reply.language for reply in found}}
    return [Filled(reply.title, reply.word, fill(reply.text, known[reply.language])) for reply in found]


def filled_text(viewer: Viewer, case: Case, text: str) -> str:
    """Return a reply to the case with its variables filled in."""
    contact = contact_of(case, viewer) or {}
    name = "" if case.confidential else contact.get("name", "")
    known = {**_known(viewer, case.language), "number": case.number}
    return fill(text, {**known, "citizen": name or known["citizen"]})


def _plain(values: Mapping[str, str], language: str) -> dict[str, str]:
    with translation.override(language):
        said = {name: str(value) for name, value in values.items()}
    return {name: value for name, value in said.items() if value}


def _known(viewer: Viewer, language: str) -> dict[str, str]:
    with translation.override(language):
        units = [post.unit.label for post in viewer.posts if post.role in KEEPERS] or [
            post.unit.label for post in viewer.posts
        ]
        return {
            "citizen": _("Sir or Madam"),
            "officer": str(viewer.person) if viewer.person else "",
            "unit": units[0] if units else "",
            "date": formats.date_format(timezone.localdate(), "DATE_FORMAT"),
        }


def keeps_replies(viewer: Viewer) -> bool:
    """Return whether the viewer keeps any prepared answers."""
    return viewer.person is not None and bool(kept_units(viewer))


def kept_replies(viewer: Viewer) -> QuerySet[CannedReply]:
    """Return the prepared answers that the viewer may change."""
    mine = Q(unit_id__in=kept_units(viewer))
    found = CannedReply.objects.filter(mine | Q(unit=None) if keeps_for_all(viewer) else mine)
    return found.select_related("unit").order_by(F("unit__name").asc(nulls_first=True), "language", "title")


def kept_reply(viewer: Viewer, reply_id: int) -> CannedReply:
    """Return a prepared answer that the viewer may change. Raises NotFound."""
    found = kept_replies(viewer).filter(pk=reply_id).first()
    if found is None:
        raise rules.NotFound()
    return found


def units_kept(viewer: Viewer) -> QuerySet[Unit]:
    """Return the units for which the viewer may add prepared answers."""
    return Unit.objects.filter(pk__in=kept_units(viewer), active=True).order_by("path")
