"""Telling browsers of people who are elsewhere: unread words of a talk, and somebody who waits at a desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from journal.models import Entry
from journal.queries import mark_of
from notices.actions import catch_up, listen_along, push_device
from notices.models import Wish
from notices.queries import wishes_behind

from ..models import Duty, ReadMark, Shift, Talk

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# An open page reads at once; what is unread after this is read by nobody.
PATIENCE = timedelta(seconds=6)
# How long a push service may keep word of somebody who waits.
WAITS_SECONDS = 300
DAY = 24 * 3600
CAME = ("opened", "returned", "transferred")
ANSWERED = _("There is a new message in your conversation.")
WRITTEN = _("A citizen wrote in one of your conversations.")
WAITING = _("Somebody is waiting at the desk.")


def tell_devices(at: datetime | None = None) -> int:
    """Tell the devices that listen to talks and desks of what nobody has read for some seconds; return how many.

    For the worker. A device is told once of what came; the next time is when more has come.
    """
    at = at or timezone.now()
    _listen_for_officers()
    return sum(_tell(wish, at) for prefix in ("talk", "desk") for wish in wishes_behind(prefix))


def _listen_for_officers() -> None:
    """Let the devices of officers who listen to a desk hear of the talks they hold."""
    devices: dict[int, set[int]] = {}
    for wish in Wish.objects.filter(stream__startswith="desk-", listener__startswith="person-"):
        devices.setdefault(int(wish.listener.removeprefix("person-")), set()).add(wish.device_id)
    if not devices:
        return
    held = Talk.objects.filter(status=Talk.Status.OPEN, officer_id__in=devices).values_list("number", "officer_id")
    listen_along(
        (device, f"talk-{number}", f"person-{officer}") for number, officer in held for device in devices[officer or 0]
    )


@transaction.atomic
def _tell(wish: Wish, at: datetime) -> bool:
    """Decide what a device that lags behind its stream is told: something, nothing, or later."""
    news = _of_talk(wish, at) if wish.stream.startswith("talk-") else _of_desk(wish, at)
    if news is None:
        return False
    words, url, seq = news
    # Only who moves the mark tells: two workers never tell the same twice.
    if not catch_up(wish_id=wish.pk, told=wish.told, seq=seq) or not words:
        return False
    push_device(wish, words, url, at, seconds=DAY if wish.stream.startswith("talk-") else WAITS_SECONDS)
    return True


# Words, address, number.
News = tuple["StrPromise | str", str, int]


def _of_talk(wish: Wish, at: datetime) -> News | None:
    """Return words, address and number of what is unread in a talk, empty words for nothing, None for "not yet"."""
    talk = Talk.objects.filter(number=wish.stream.removeprefix("talk-")).first()
    head = mark_of(wish.stream).head
    if talk is None:
        return "", "/", head
    holds = talk.officer_id is not None and wish.listener == f"person-{talk.officer_id}"
    reader = wish.listener if holds else talk.opened_by
    read = ReadMark.objects.filter(talk=talk, reader=reader).values_list("seq", flat=True).first() or 0
    said = Entry.objects.filter(stream__name=wish.stream, kind="message.said", seq__gt=max(wish.told, read))
    newest = said.exclude(sender=reader).order_by("-seq").first()
    if newest is None:
        return "", "/", head
    if newest.at > at - PATIENCE:
        return None
    if holds:
        return WRITTEN, f"/duty/{talk.number}/", newest.seq
    return ANSWERED, f"/chat/{talk.number}/", newest.seq


def _of_desk(wish: Wish, at: datetime) -> News | None:
    """Return the same for a desk: somebody has come since, still waits, and this officer is on duty there."""
    head = mark_of(wish.stream).head
    desk, officer = wish.stream.removeprefix("desk-"), wish.listener.removeprefix("person-")
    came = Entry.objects.filter(stream__name=wish.stream, kind="desk.changed", seq__gt=wish.told)
    numbers = [entry.data["talk"] for entry in came if entry.data.get("what") in CAME]
    waiting = Talk.objects.filter(number__in=numbers, desk_id=desk, status=Talk.Status.WAITING)
    if not waiting.exists() or not _is_rostered(int(officer), int(desk), at):
        return "", "/", head
    if not waiting.filter(requested_at__lte=at - PATIENCE).exists():
        return None
    return WAITING, "/duty/", head


def _is_rostered(officer: int, desk: int, at: datetime) -> bool:
    here = Shift.objects.filter(officer_id=officer, desk_id=desk, starts_at__lte=at, ends_at__gt=at)
    return here.exists() and Duty.objects.filter(officer_id=officer, state=Duty.State.ON).exists()
