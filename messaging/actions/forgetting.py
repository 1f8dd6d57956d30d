"""Destroying what was said in a talk, when its citizen is forgotten or its period is over; times and counts stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.rules import WrongStatus
from audit.actions import record
from journal.actions import prune, retract
from journal.queries import head
from notices.actions import forget_stream

from ..models import ReadMark, Talk, TalkFile, TalkKey
from .archive import make_unfindable
from .files import forget_rows
from .locks import lock_talk

OVER = (Talk.Status.ENDED, Talk.Status.ABANDONED, Talk.Status.MESSAGE)
PER_TURN = 200
# What a talk's opener is called when nobody is to know any more.
FORGOTTEN = "erased"


@transaction.atomic
def forget_person(person_id: int) -> None:
    """Destroy what was said in an erased person's talks. Raises WrongStatus while one is going on."""
    found = Talk.objects.filter(citizen_id=person_id).order_by("pk")
    if found.exclude(status__in=OVER).exists():
        raise WrongStatus()
    for pk in list(found.values_list("pk", flat=True)):
        shred_talk(talk_id=pk)


@transaction.atomic
def shred_talk(*, talk_id: int) -> None:
    """Destroy every word and file of a talk that is over, with the key that seals its files."""
    talk = lock_talk(pk=talk_id)
    if talk.status not in OVER:
        raise WrongStatus()
    forget_rows(list(TalkFile.objects.filter(talk=talk)))
    TalkKey.objects.filter(talk=talk).delete()
    ReadMark.objects.filter(talk=talk).delete()
    talk.citizen, talk.opened_by, talk.name, talk.subject = None, FORGOTTEN, "", ""
    talk.origin, talk.rating_words, talk.claim, talk.token = "", "", None, None
    talk.save()
    for stream in sorted((talk.stream_name, talk.aside_name, talk.kept_name)):
        # A message is its entry: words and entry go together. The numbers go on, so that no page misreads a gap.
        prune(stream, up_to=head(stream)[1])
        forget_stream(stream)
    make_unfindable(talk)
    retract(talk.stream_name, talk.aside_name)


def retain(at: datetime | None = None) -> int:
    """Shred talks whose period is over, for the worker; return how many."""
    if not settings.KEEP_TALKS_DAYS:
        return 0
    over = (at or timezone.now()) - timedelta(days=settings.KEEP_TALKS_DAYS)
    old = Talk.objects.filter(requested_at__lt=over, status__in=OVER).exclude(opened_by=FORGOTTEN)
    ids = list(old.order_by("pk").values_list("pk", flat=True)[:PER_TURN])
    for pk in ids:
        shred_talk(talk_id=pk)
    if ids:
        record("data.retained", facts={"talks": len(ids)}, at=at)
    return len(ids)
