"""Live interviews: announced ahead, questions queued and screened, answered live, the transcript published."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.models import Unit
from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import append, append_once, retract
from journal.rules import check_client_key
from search.actions import Text, index_many

from .. import queries, rules
from ..models import Interview, Member, Question, Room
from .locks import lock_room, seat_in

SLUG_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
# Unscreened questions that one reader may have waiting.
MOST_WAITING = 3


@transaction.atomic
def announce_interview(
    *,
    by: Viewer,
    unit_id: int,
    title: str,
    about: str,
    guests: str,
    starts_at: datetime,
    ends_at: datetime,
    title_en: str = "",
    about_en: str = "",
    guests_en: str = "",
    people: list[int] | None = None,
    at: datetime | None = None,
) -> Interview:
    """Announce a live interview of a unit; whoever announces it screens the questions, `people` answer beside them.

    Raises NotYours for whoever is no host of the unit, NotFound, BadInput.
    """
    at = at or timezone.now()
    if by.person is None or unit_id not in by.scope(*rules.HOSTS):
        raise rules.NotYours()
    words = _words(title, about, guests) | _words(title_en, about_en, guests_en, least=0, field="%s_en")
    rules.check_times(starts_at, ends_at, at)
    unit = Unit.objects.get(pk=unit_id)
    room = Room.objects.create(
        kind=Room.Kind.INTERVIEW, title=words["title"], made_by=by.person, made_at=at, said_at=at
    )
    Member.objects.create(room=room, person=by.person, is_chair=True, joined_at=at)
    others = queries.officials(at).filter(pk__in=set(people or ()) - {by.person.pk})
    Member.objects.bulk_create(Member(room=room, person=one, joined_at=at) for one in others)
    slug = f"{timezone.localtime(starts_at):%Y%m%d}-{get_random_string(5, SLUG_LETTERS)}"
    times = {"starts_at": starts_at, "ends_at": ends_at}
    interview = Interview.objects.create(room=room, slug=slug, unit=unit, **words, **times)
    append(room.stream_name, "interview.announced", {"slug": slug}, by=by.person, sender=by.key, at=at)
    return interview


def _words(title: str, about: str, guests: str, *, least: int = 2, field: str = "%s") -> dict[str, str]:
    return {
        field % "title": clean_text(title, most=rules.MOST_TITLE, least=least, field=field % "title", newlines=False),
        field % "about": clean_text(about, most=rules.MOST_ABOUT, least=least, field=field % "about"),
        field % "guests": clean_text(guests, most=300, least=least, field=field % "guests", newlines=False),
    }


def _lock(interview_id: int, by: Viewer, *, chair: bool) -> Interview:
    """Return the interview with its room locked, for a member of it, or for its chair only. Raises NotYours."""
    room_id = Interview.objects.filter(pk=interview_id).values_list("room_id", flat=True).first()
    seat = seat_in(lock_room(room_id or 0), by)
    if chair and not seat.is_chair:
        raise rules.NotYours()
    return Interview.objects.select_related("room", "unit").get(pk=interview_id)


# Each step: the act of rules.INTERVIEW_STEPS, the state it leads to, the event.
STEPS: dict[str, tuple[Interview.Status, str]] = {
    "start": (Interview.Status.LIVE, "interview.started"),
    "end": (Interview.Status.ENDED, "interview.ended"),
    "cancel": (Interview.Status.CANCELLED, "interview.cancelled"),
}


@transaction.atomic
def move_interview(*, interview_id: int, by: Viewer, step: str, at: datetime | None = None) -> Interview:
    """Start, end or cancel the interview, as its chair. Raises NotYours, WrongStatus, BadInput."""
    at = at or timezone.now()
    if step not in STEPS:
        raise rules.BadInput(field="step")
    interview = _lock(interview_id, by, chair=True)
    rules.check_interview(interview.status, step)
    interview.status, kind = STEPS[step]
    interview.version += 1
    interview.save(update_fields=["status", "version"])
    if step != "start":
        _leave_unanswered(interview, Question.Status.WAITING)
    append(interview.room.stream_name, kind, by=by.person, sender=by.key, at=at)
    if step == "cancel":
        retract(interview.room.stream_name)
    return interview


def _leave_unanswered(interview: Interview, status: Question.Status) -> None:
    """Tell those whose questions got no further than `status` that nothing more will come."""
    interview.questions.filter(status=status).update(status=Question.Status.UNANSWERED)


@transaction.atomic
def ask_question(
    *, viewer: Viewer, interview_id: int, text: str, name: str = "", token: str, at: datetime | None = None
) -> Question:
    """Queue a reader's question until somebody screens it; the same form `token` again asks nothing twice.

    Raises NotFound, WrongStatus once it is over, BadInput, Conflict with three unscreened ones waiting.
    """
    at = at or timezone.now()
    words = clean_text(text, most=rules.MOST_QUESTION, least=2, field="text")
    called = clean_text(name, most=rules.MOST_NAME, field="name", newlines=False)
    # Locked, so that a question which comes as the interview ends is either refused or among those left unanswered.
    interview = Interview.objects.select_for_update(no_key=True).filter(pk=interview_id).first()
    if interview is None or (viewer.person is None and not viewer.visitor):
        raise rules.NotFound()
    rules.check_interview(interview.status, "ask")
    digest = hmac.new(settings.SECRET_KEY.encode(), f"question {token}".encode("utf-8", "replace"), sha256).hexdigest()
    waiting = interview.questions.filter(asked_by=viewer.key, status=Question.Status.WAITING)
    known = Question.objects.filter(token=digest).exists()
    if not known and waiting.count() >= MOST_WAITING:
        raise rules.Conflict(_("Your earlier questions are still being looked at. Please wait a little."))
    made = {"interview": interview, "asked_by": viewer.key, "name": called, "text": words, "at": at}
    question, is_new = Question.objects.get_or_create(token=digest, defaults=made)
    if question.asked_by != viewer.key:
        raise rules.Conflict()
    if is_new:
        # The chair's own stream: what is not screened yet reaches no reader.
        append(interview.screen_name, "question.asked", {"question": question.pk}, at=at)
    return question


@transaction.atomic
def screen_question(
    *, question_id: int, by: Viewer, put: bool, ground: str = "", at: datetime | None = None
) -> Question:
    """Put a waiting question to the guests, where everybody reads it, or refuse it on a ground; once.

    Raises NotYours for all but the chair, WrongStatus, Conflict, BadInput.
    """
    at = at or timezone.now()
    why = clean_text(ground, most=200, least=0 if put else 2, field="ground", newlines=False)
    found = Question.objects.filter(pk=question_id).first()
    if found is None:
        raise rules.NotYours()
    interview = _lock(found.interview_id, by, chair=True)
    rules.check_interview(interview.status, "screen")
    question = Question.objects.select_for_update().get(pk=question_id)
    if question.status != Question.Status.WAITING:
        raise rules.Conflict(_("This question was screened already."))
    question.screened_by, question.ground = by.person, why
    question.status = Question.Status.PUT if put else Question.Status.REFUSED
    if put:
        data = {"question": question.pk, "text": question.text, "name": question.name}
        question.seq = append(interview.room.stream_name, "question.put", data, at=at).seq
    append(interview.screen_name, "question.screened", {"question": question.pk, "put": put}, by=by.person, at=at)
    question.save(update_fields=["screened_by", "ground", "status", "seq"])
    return question


@transaction.atomic
def answer_question(
    *, question_id: int, by: Viewer, text: str, client_key: str, at: datetime | None = None
) -> Question:
    """Answer a question that was put; several may answer it, the same `client_key` answers once.

    Raises NotYours for all but those who hold the interview, WrongStatus, BadInput, Conflict.
    """
    at = at or timezone.now()
    client_key = check_client_key(client_key)
    words = rules.check_words(text)
    found = Question.objects.filter(pk=question_id).first()
    if found is None:
        raise rules.NotYours()
    interview = _lock(found.interview_id, by, chair=False)
    rules.check_interview(interview.status, "answer")
    question = Question.objects.select_for_update().get(pk=question_id)
    if question.status not in (Question.Status.PUT, Question.Status.ANSWERED):
        raise rules.WrongStatus()
    data = {"question": question.pk, "text": words, "name": str(by.person), "key": client_key}
    append_once(
        interview.room.stream_name, "question.answered", data, sender=by.key, key=client_key, by=by.person, at=at
    )
    if question.status != Question.Status.ANSWERED:
        question.status = Question.Status.ANSWERED
        question.save(update_fields=["status"])
    return question


@transaction.atomic
def publish_transcript(*, interview_id: int, by: Viewer, at: datetime | None = None) -> Interview:
    """Publish the transcript for good: a public page that search finds. Raises NotYours, WrongStatus."""
    at = at or timezone.now()
    interview = _lock(interview_id, by, chair=True)
    rules.check_interview(interview.status, "publish")
    interview.status, interview.published_at = Interview.Status.PUBLISHED, at
    interview.version += 1
    interview.save(update_fields=["status", "published_at", "version"])
    _leave_unanswered(interview, Question.Status.PUT)
    append(interview.room.stream_name, "interview.published", by=by.person, sender=by.key, at=at)
    index_many([_findable(interview)])
    return interview


def findable_interviews() -> Iterator[Text]:
    """Return what can be found of every published interview, to build the index anew."""
    return map(_findable, Interview.objects.filter(status=Interview.Status.PUBLISHED).select_related("room"))


def _findable(interview: Interview) -> Text:
    return Text(
        room="interview", ref=interview.slug, title=interview.title, text=_transcript(interview),
        url=f"/interviews/{interview.slug}/", at=interview.published_at or interview.starts_at,
    )  # fmt: skip


def _transcript(interview: Interview) -> str:
    lines: list[Any] = [interview.guests, interview.guests_en, interview.about, interview.about_en]
    for item in queries.items_of(interview):
        lines += [item.text, *(answer.text for answer in item.answers)]
    return "\n".join(str(line) for line in lines if line)


def close_forgotten(at: datetime | None = None) -> int:
    """End live interviews whose hours were over long ago and that nobody ended; return how many."""
    at = at or timezone.now()
    late = Interview.objects.filter(status=Interview.Status.LIVE, ends_at__lt=at - timedelta(hours=6))
    return sum(_close(pk, at) for pk in late.values_list("pk", flat=True)[:50])


@transaction.atomic
def _close(interview_id: int, at: datetime) -> bool:
    interview = Interview.objects.get(pk=interview_id)
    room = lock_room(interview.room_id)
    live = Interview.objects.filter(pk=interview_id, status=Interview.Status.LIVE)
    if not live.update(status=Interview.Status.ENDED):
        return False
    _leave_unanswered(interview, Question.Status.WAITING)
    append(room.stream_name, "interview.ended", at=at)
    return True
