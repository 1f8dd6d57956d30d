"""Desks, duty and talks. A message has no row of its own: it is an entry of the talk's stream."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit


class Desk(Named):
    """A place where citizens reach a duty officer."""

    slug = models.SlugField(max_length=40, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="desks")
    about = models.CharField(_("about"), max_length=300, blank=True)
    about_en = models.CharField(_("about, in English"), max_length=300, blank=True)
    languages = models.JSONField(_("languages"), default=list, help_text=_('For example ["zh-hans", "en"].'))
    # Talks an officer may hold at once.
    limit = models.PositiveSmallIntegerField(_("talks at once"), default=3)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("desk")
        verbose_name_plural = _("desks")


class Shift(models.Model):
    """An officer is rostered at a desk from one moment to another."""

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="shifts")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start")]
        indexes = [models.Index(fields=["desk", "ends_at"]), models.Index(fields=["officer", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.desk} {self.officer} {self.starts_at:%Y-%m-%d %H:%M}"


class Duty(models.Model):
    """What an officer has said of themselves, and when their page was last heard of."""

    class State(models.TextChoices):
        ON = "on", _("on duty")
        BUSY = "busy", _("busy")
        AWAY = "away", _("away")

    officer = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="duty")
    state = models.CharField(max_length=5, choices=State.choices, default=State.AWAY)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.officer} {self.state}"


class Talk(models.Model):
    """One conversation between a citizen or visitor and a desk."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        OPEN = "open", _("open")
        ENDED = "ended", _("ended")
        ABANDONED = "abandoned", _("abandoned")
        MESSAGE = "message", _("left as a message")

    # Random and unguessable: it stands in addresses and stream names.
    number = models.CharField(max_length=16, unique=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="talks")
    citizen = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="talks")
    # viewer.key of whoever opened it.
    opened_by = models.CharField(max_length=60)
    name = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="talks_held")
    requested_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_words = models.CharField(max_length=500, blank=True)
    case = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="talks")
    # Sealed form token of the request that opened it: a repeated POST gives the same talk.
    token = models.CharField(max_length=64, unique=True, null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["desk", "requested_at"], condition=Q(status="waiting"), name="talk_queue"),
            models.Index(fields=["officer", "status"]),
            models.Index(fields=["citizen", "-requested_at"]),
            models.Index(fields=["opened_by"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(status="open") | Q(officer__isnull=False), name="talk_open_has_officer"),
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="talk_rating_1_to_5"),
        ]

    def __str__(self) -> str:
        return self.number

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
