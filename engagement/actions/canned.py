"""Keeping the prepared answers of a unit."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.rules import clean_language, clean_text
from accounts.viewers import Viewer

from .. import rules
from ..models import CannedReply
from ..queries.canned import kept_reply
from ..rules.canned import MOST_TITLE, check_canned_text, check_word, keeps_for_all, kept_units


def save_canned_reply(
    *,
    by: Viewer,
    title: Any,
    text: Any,
    language: Any,
    word: Any = "",
    unit_id: int | None,
    reply_id: int | None = None,
) -> CannedReply:
    """Add a prepared answer for a unit (None: for all units), or change the one named; the same again adds nothing.

    Raises NotFound for a unit or an answer that the viewer does not keep, BadInput, Conflict for a short name that
    another answer of the unit has in this language.
    """
    if not (unit_id in kept_units(by) if unit_id is not None else keeps_for_all(by)):
        raise rules.NotFound()
    fields = {
        "unit_id": unit_id,
        "title": clean_text(title, most=MOST_TITLE, least=1, field="title", newlines=False),
        "text": check_canned_text(text),
        "language": clean_language(language),
        "word": check_word(word),
    }
    if reply_id is None:
        known = CannedReply.objects.filter(**fields).first()
        if known is not None:
            return known
    reply = kept_reply(by, reply_id) if reply_id is not None else CannedReply()
    for name, value in fields.items():
        setattr(reply, name, value)
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError:
        told = _("Another prepared answer already has the short name “%(word)s”.") % {"word": fields["word"]}
        raise rules.Conflict(told, code="word_taken") from None
    return reply


@transaction.atomic
def drop_canned_reply(*, by: Viewer, reply_id: int) -> None:
    """Remove a prepared answer; what was sent with it stays as it is. Raises NotFound."""
    kept_reply(by, reply_id).delete()
