"""What the supervision desk keeps: callbacks, the ladder of escalation, watch lists and traces of devices."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit

from .cases import Case

PERSON = settings.AUTH_USER_MODEL


class Callback(models.Model):
    """Somebody calls the citizen after the answer (回访); the result is coded, never a guess."""

    class Result(models.TextChoices):
        SOLVED = "solved", _("solved")
        PARTLY = "partly", _("partly solved")
        UNSOLVED = "unsolved", _("not solved")
        REFUSED = "refused", _("did not want to say")
        UNREACHED = "unreached", _("not reached")

    case = models.ForeignKey(Case, models.CASCADE, related_name="callbacks")
    round = models.PositiveSmallIntegerField(default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=9, choices=Result.choices, blank=True)
    score = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(blank=True)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="callback_once_a_round")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(done_at__isnull=True), name="callback_waiting"),
            models.Index(fields=["done_at"], name="callback_done"),
        ]

    def __str__(self) -> str:
        return f"callback of {self.case_id}"


class Rung(Named):
    """One row of the ladder of escalation: after how many hours, who is told, by which channels, and what is done."""

    class Does(models.TextChoices):
        TELL = "tell", _("only tells")
        URGE = "urge", _("urges, on the record")
        ORDER = "order", _("issues a supervision order")

    level = models.PositiveSmallIntegerField(_("level"), unique=True)
    # Working hours past the due time; the lights before it are everybody's and stand in no table.
    hours = models.PositiveSmallIntegerField(_("working hours late"))
    # Of "doer", "reviewer", "supervisor", "leader", "above".
    tells = models.JSONField(_("who is told"), default=list)
    # Of "email", "sms"; the page always.
    channels = models.JSONField(_("channels"), default=list, blank=True)
    does = models.CharField(_("does"), max_length=5, choices=Does.choices, default=Does.TELL)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rung of the ladder")
        verbose_name_plural = _("ladder of escalation")
        ordering = ["level"]


class Watch(models.Model):
    """A supervisor keeps an eye on a case."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="watches")
    since = models.DateTimeField()

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint(fields=["person", "case"], name="case_watch_once")]

    def __str__(self) -> str:
        return f"{self.person_id} watches {self.case_id}"


class Trace(models.Model):
    """From which device somebody rated or worked: a keyed digest only, forgotten after a quarter of a year."""

    digest = models.CharField(max_length=64)
    day = models.DateField()
    # The official who worked on the device that day; null for the rating of a case.
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="traces")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "day", "person"], condition=Q(person__isnull=False), name="trace_once_a_day"
            )
        ]
        indexes = [
            models.Index(fields=["digest", "day"], name="trace_digest"),
            models.Index(fields=["day"], name="trace_day"),
        ]

    def __str__(self) -> str:
        return f"trace of {self.day}"
