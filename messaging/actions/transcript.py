"""The thread of a talk, sent by e-mail through the outbox."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.actions import limit_rate
from accounts.rules import clean_email
from accounts.viewers import Viewer
from journal.rules import check_client_key
from notices.actions import deliver_mail

from .. import queries, rules
from .locks import lock_talk, record
from .words import said_before

# Mails of one reader, and to one address, in an hour: nobody's box is filled from here.
MAILS, MAILS_SECONDS = 5, 3600


@transaction.atomic
def mail_transcript(*, talk_id: int, by: Viewer, key: str, email: str, at: datetime | None = None) -> None:
    """Send the talk's thread to the address; the same `key` again sends nothing more.

    Raises NotYours, BadInput, TooMany, Conflict for the key with another address.
    """
    key, address = check_client_key(key), clean_email(email)
    talk = lock_talk(pk=talk_id)
    side = queries.seat_of(talk, by)
    # Who was let in reads; to carry the words away is for the two sides.
    if side not in (rules.CITIZEN, rules.OFFICER):
        raise rules.NotYours()
    digest = rules.digest_of(address)
    if said_before(talk, rules.voice_of(talk, by, side), key, digest) is not None:
        return
    limit_rate("transcript", by.key, MAILS, MAILS_SECONDS)
    limit_rate("transcript-to", address.lower(), MAILS, MAILS_SECONDS)
    moment = at or timezone.now()
    with translation.override(by.language):
        values = {"talk": talk, "lines": queries.whole_thread(talk), "at": moment, "site": settings.PUBLIC_URL}
        text = render_to_string("messaging/transcript.txt", values)
    subject, _, body = text.strip().partition("\n")
    deliver_mail(to=address, subject=subject, body=body.strip() + "\n", language=by.language, at=moment)
    record(talk, "talk.mailed", {"side": side}, by=by, at=moment, key=key, digest=digest)
