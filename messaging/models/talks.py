"""Talks. A message has no row of its own: it is an entry of the talk's stream."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .desks import Desk


class Talk(models.Model):
    """One conversation between a citizen or visitor and a desk."""

    SEALED = {"claim": "claim-{0.number}"}

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("talk", "waiting")
        OPEN = "open", pgettext_lazy("talk", "open")
        ENDED = "ended", pgettext_lazy("talk", "ended")
        ABANDONED = "abandoned", pgettext_lazy("talk", "abandoned")
        MESSAGE = "message", pgettext_lazy("talk", "left as a message")

    # Random and unguessable: it stands in addresses and stream names.
    number = models.CharField(max_length=16, unique=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="talks")
    citizen = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="talks")
    # viewer.key of whoever opened it.
    opened_by = models.CharField(max_length=60)
    name = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    topic = models.ForeignKey("engagement.Category", models.SET_NULL, null=True, related_name="+")
    # HMAC of the address it was opened from, for throttling and blocks of people without an account.
    origin = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="talks_held")
    requested_at = models.DateTimeField()
    # When the opener's page was last heard of; a queue keeps no place for ever.
    seen_at = models.DateTimeField(default=timezone.now)
    # When the first officer joined; a hand-over does not move it.
    taken_at = models.DateTimeField(null=True)
    # The first message of a human officer; nothing automatic counts.
    first_reply_at = models.DateTimeField(null=True)
    # When the waiting opener was told that nobody is left and a message is the better way.
    offered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_words = models.CharField(max_length=500, blank=True)
    case = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="talks")
    # An official asked the citizen of the case, who had opened a page; the official needs no duty at a desk.
    asked = models.BooleanField(default=False)
    # The case's access code, sealed with the context "claim-<number>", until the opener has seen it once.
    claim = models.BinaryField(null=True)
    # HMAC of the form token of the request that opened it: a repeated POST gives the same talk.
    token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - many have none, and unique
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("talk")
        verbose_name_plural = _("talks")
        indexes = [
            models.Index(fields=["desk", "requested_at"], condition=Q(status="waiting"), name="talk_queue"),
            models.Index(fields=["officer", "status"]),
            models.Index(fields=["citizen", "-requested_at"]),
            models.Index(fields=["opened_by"]),
            models.Index(fields=["origin", "-requested_at"]),
            models.Index(fields=["desk", "-taken_at"], condition=Q(taken_at__isnull=False), name="talk_waits"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="open") | Q(officer__isnull=False), name="talk_open_has_officer"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="talk_rating_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stream_name(self) -> str:
        """The journal stream that holds its messages."""
        return f"talk-{self.number}"

    @property
    def aside_name(self) -> str:
        """The journal stream of what officials say among themselves about it; never the citizen's."""
        return f"aside-{self.number}"

    @property
    def kept_name(self) -> str:
        """The journal stream that keeps, sealed, what was changed or taken back; nobody follows it."""
        return f"kept-{self.number}"


class Seats(NamedTuple):
    """All of a talk that decides who may speak in it, and as whom: read for many talks at once."""

    pk: int
    number: str
    status: str
    officer_id: int | None
    citizen_id: int | None
    opened_by: str
    asked: bool
    awaits_reply: bool

    @property
    def stream_name(self) -> str:
        """The journal stream that holds its messages."""
        return f"talk-{self.number}"


class ReadMark(models.Model):
    """How far one reader has read one talk."""

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="read_marks")
    reader = models.CharField(max_length=60)
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["talk", "reader"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.talk_id} {self.reader} {self.seq}"
