"""Web push: which browsers want to hear of which streams, and putting what they are told into the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.rules import NotFound, TooMany
from accounts.sealing import seal
from accounts.viewers import Viewer
from accounts.wording import city_name
from journal.queries import mark_of, may_follow

from .. import queries, rules
from ..models import Delivery, Device, Notice, Wish
from .queue import queue_parcel

DAY = 24 * 3600


@transaction.atomic
def listen(
    *,
    viewer: Viewer,
    session_key: str,
    stream: str,
    endpoint: str,
    p256dh: str,
    auth: str,
    at: datetime | None = None,
) -> Wish:
    """Let the browser behind `endpoint` hear of the stream while the session may follow it; a repeat renews it.

    `p256dh` and `auth` are the browser's keys as it writes them. Raises BadInput, NotFound for a stream that the
    viewer may not follow, TooMany.
    """
    rules.check_device(endpoint, p256dh, auth)
    if stream.partition("-")[0] not in rules.PUSHED or not may_follow(viewer, stream):
        raise NotFound()
    kept = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "session": session_key}
    digest = rules.device_digest(endpoint)
    device, _made = Device.objects.update_or_create(
        digest=digest,
        defaults={"address": seal(json.dumps(kept).encode(), queries.DEVICE), "language": viewer.language},
        create_defaults={
            "address": seal(json.dumps(kept).encode(), queries.DEVICE),
            "language": viewer.language,
            "made_at": at or timezone.now(),
        },
    )
    others = Wish.objects.exclude(device=device, stream=stream)
    if others.filter(stream=stream).count() >= rules.MOST_LISTENERS:
        raise TooMany()
    if others.filter(device=device).count() >= rules.MOST_WISHES:
        raise TooMany()
    wish, _made = Wish.objects.update_or_create(
        device=device, stream=stream, defaults={"listener": viewer.key, "told": mark_of(stream).head}
    )
    return wish


@transaction.atomic
def stop_listening(*, endpoint: str, stream: str) -> None:
    """Let the browser hear no more of the stream; only the browser knows its endpoint."""
    Wish.objects.filter(device__digest=rules.device_digest(endpoint), stream=stream).delete()
    Device.objects.filter(digest=rules.device_digest(endpoint), wishes=None).delete()


def catch_up(*, wish_id: int, told: int, seq: int) -> bool:
    """Note that a device was told up to `seq`; False when somebody else has moved on from `told` meanwhile."""
    return Wish.objects.filter(pk=wish_id, told=told).update(told=seq) == 1


def listen_along(wanted: Iterable[tuple[int, str, str]]) -> None:
    """Let devices, (id, stream, listener) each, hear of further streams that concern their listeners anyway."""
    asked = sorted(set(wanted))
    streams = {stream for _device, stream, _listener in asked}
    known = set(Wish.objects.filter(stream__in=streams).values_list("device_id", "stream"))
    fresh = [
        Wish(device_id=one, stream=stream, listener=name) for one, stream, name in asked if (one, stream) not in known
    ]
    Wish.objects.bulk_create(fresh, ignore_conflicts=True)


def forget_device(device_id: int) -> None:
    """Forget a browser: its push service says that it is gone."""
    Device.objects.filter(pk=device_id).delete()


def forget_wish(device_id: int, stream: str) -> None:
    """Forget that a browser wants to hear of the stream: its session has ended or may not follow it any more."""
    Wish.objects.filter(device_id=device_id, stream=stream).delete()
    Device.objects.filter(pk=device_id, wishes=None).delete()


def push_to(
    *, stream: str, words: Any, url: str, at: datetime, notice: Notice | None = None, seconds: int = DAY
) -> int:
    """Tell every browser that listens to the stream; return how many. `words` may be lazy: each reads its language.

    They stand on locked screens and say nothing of what happened. `seconds`: how long a push service may keep it for a
    browser that is off.
    """
    return push_many([(stream, words, url, notice)], at=at, seconds=seconds)


def push_many(tellings: Iterable[tuple[str, Any, str, Notice | None]], *, at: datetime, seconds: int = DAY) -> int:
    """Do what `push_to` does for several (stream, words, url, notice), asking once who listens."""
    told = list(tellings)
    listeners = queries.listeners_of({stream for stream, *_rest in told})
    made = [
        push_device(wish, words, url, at, notice, seconds)
        for stream, words, url, notice in told
        for wish in listeners.get(stream, [])
    ]
    return len(made)


def push_device(
    wish: Wish, words: Any, url: str, at: datetime, notice: Notice | None = None, seconds: int = DAY
) -> Delivery:
    """Put what one browser is told into the outbox. Raises ValueError for a foreign address."""
    rules.check_url(url)
    with translation.override(wish.device.language):
        text = str(words)
    title = city_name(wish.device.language)
    told = {"title": title, "body": text, "url": url, "tag": wish.stream, "seconds": seconds}
    address, body = f"{wish.device_id} {wish.stream}", json.dumps(told, ensure_ascii=False)
    return queue_parcel("push", address, title, body, wish.device.language, notice, at)
