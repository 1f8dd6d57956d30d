"""A talk is opened, taken, handed back, ended and rated."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import retract

from .. import queries, rules
from ..models import Desk, Guest, Talk, Watch
from .abuse import check_admitted
from .assigning import assign_later
from .locks import held_by, lock_duty, lock_talk, record
from .moves import close, hand_to, put_back
from .saying import say

# No I, L, O, U: they are misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@transaction.atomic
def open_talk(
    *,
    viewer: Viewer,
    desk_id: int,
    text: str,
    name: str = "",
    subject: str = "",
    token: str = "",
    topic_id: int | None = None,
    address: str = "",
    at: datetime | None = None,
) -> Talk:
    """Ask for a talk at the desk and say the first words; the talk waits until an officer takes it.

    The same form `token` again returns the same talk. `address` is where the request came from; only its digest is
    kept. Raises NotFound for a desk not in use or another desk's topic, BadInput, WrongStatus for somebody who is
    blocked, TooMany, and Conflict when the token was another person's or too many talks are going on.
    """
    at = at or timezone.now()
    origin = origin_of(address)
    if not token or not Talk.objects.filter(token=digest_of_token(token)).exists():
        check_admitted(viewer, origin, at)
    talk = start(viewer, desk_id, text, name, subject, token, at, origin=origin, topic_id=topic_id)
    if talk.desk.automatic:
        assign_later(talk.desk_id)
    return talk


def start(
    viewer: Viewer,
    desk_id: int,
    text: str,
    name: str,
    subject: str,
    token: str,
    at: datetime,
    *,
    origin: str = "",
    topic_id: int | None = None,
) -> Talk:
    """Make the waiting talk with its first words, or find the one that the token already made."""
    words = rules.check_words(text)
    desk = Desk.objects.select_related("unit").filter(pk=desk_id).first()
    if desk is None or (viewer.person is None and not viewer.visitor):
        raise rules.NotFound()
    rules.check_desk(desk)
    topic = desk.topics.filter(pk=topic_id, active=True).first() if topic_id is not None else None
    if topic_id is not None and topic is None:
        raise rules.NotFound()
    new = {
        "topic": topic,
        "origin": origin,
        "number": "".join(secrets.choice(ALPHABET) for _ in range(12)),
        "desk": desk,
        "citizen": viewer.person,
        "opened_by": viewer.key,
        "name": clean_text(name, most=rules.MOST_NAME, field="name", newlines=False),
        "subject": clean_text(subject, most=200, field="subject", newlines=False),
        "language": viewer.language,
        "requested_at": at,
        "seen_at": at,
    }
    talk, is_new = Talk.objects.get_or_create(token=digest_of_token(token or secrets.token_urlsafe(24)), defaults=new)
    if not is_new:
        # The token is a secret of one form: who has it sent that form. Only another person's sign-in tells otherwise.
        if talk.citizen_id and (viewer.person is None or viewer.person.pk != talk.citizen_id):
            raise rules.Conflict()
        return talk
    record(talk, "talk.opened", {"desk": desk.pk, "side": rules.CITIZEN}, by=viewer, at=at, what="opened")
    say(viewer=viewer, key=talk.number, client_key="first-words", text=words, at=at)
    return talk


def digest_of_token(token: str) -> str:
    """Return what is kept of a form token: enough to know it again, not to use it."""
    return hmac.new(settings.SECRET_KEY.encode(), f"talk {token}".encode("utf-8", "replace"), sha256).hexdigest()


def origin_of(address: str) -> str:
    """Return what stands for an address: enough to know it again, not to tell it."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"origin {address}".encode("utf-8", "replace"), sha256).hexdigest()[:32] if address else ""


@transaction.atomic
def take_talk(*, talk_id: int, by: Viewer, at: datetime | None = None) -> Talk:
    """Take a waiting talk: of many who press at once, one wins and the others get Conflict.

    Raises NotYours for somebody who does not serve the desk, Conflict at the desk's limit of talks at once.
    """
    at = at or timezone.now()
    if by.person is None:
        raise rules.NotYours()
    duty = lock_duty(by.person, at)
    talk = lock_talk(pk=talk_id)
    if not queries.serves(by, talk.desk, at):
        raise rules.NotYours()
    rules.check_take(talk, held_by(by.person), rules.limit_of(talk.desk, duty))
    hand_to(talk, by, at)
    return talk


@transaction.atomic
def hand_back(*, talk_id: int, by: Viewer, at: datetime | None = None) -> Talk:
    """Put a talk back into the queue, in its old place; the officer loses sight of it at once. Raises NotYours."""
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    rules.check_holder(talk, by)
    rules.check_possible(talk, "hand_back")
    rules.check_from_queue(talk)
    put_back(talk, by, "officer", at)
    if talk.desk.automatic:
        assign_later(talk.desk_id)
    return talk


@transaction.atomic
def end_talk(*, talk_id: int, by: Viewer, at: datetime | None = None) -> Talk:
    """End an open talk, from either side; an opener who still waits leaves the queue by it.

    Raises NotYours, WrongStatus if it is already over.
    """
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    side = rules.side_of(talk, by)
    if talk.status == Talk.Status.WAITING and side == rules.CITIZEN:
        close(talk, Talk.Status.ABANDONED, at)
        record(talk, "talk.abandoned", {"reason": "left"}, by=by, at=at, what="left")
        return talk
    rules.check_possible(talk, "end")
    close(talk, Talk.Status.ENDED, at)
    record(talk, "talk.ended", {"side": side}, by=by, at=at, what="ended")
    # Guests and supervisors were let into a talk that was going on.
    gone = Guest.objects.filter(talk=talk, left_at=None).update(left_at=at)
    gone += Watch.objects.filter(talk=talk, closed_at=None).update(closed_at=at)
    if gone:
        retract(talk.aside_name, talk.stream_name)
    if talk.desk.automatic:
        assign_later(talk.desk_id)
    return talk


@transaction.atomic
def rate_talk(*, talk_id: int, by: Viewer, score: int, words: str = "", at: datetime | None = None) -> Talk:
    """Rate an ended talk with 1 to 5 and, if the opener likes, words; once. Raises NotYours, WrongStatus, Conflict."""
    talk = lock_talk(pk=talk_id)
    rules.check_opener(talk, by)
    rules.check_possible(talk, "rate")
    rules.check_unrated(talk)
    talk.rating = rules.check_score(score)
    talk.rating_words = clean_text(words, most=rules.MOST_WORDS, field="words")
    talk.version += 1
    talk.save(update_fields=["rating", "rating_words", "version"])
    record(talk, "talk.rated", {"score": talk.rating}, by=by, at=at or timezone.now())
    return talk
