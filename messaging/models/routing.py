"""Who else is in a talk, and who was kept out: guests, watches, blocks and reports of abuse."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit

from .talks import Talk


class Guest(models.Model):
    """An official of another unit whom the officer asked into a talk; everybody in it sees them come and go."""

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="guests")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="guest_in")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["talk", "person"], condition=Q(left_at=None), name="guest_once"),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(left_at=None), name="guest_now")]

    def __str__(self) -> str:
        return f"{self.talk_id} {self.person}"


class Watch(models.Model):
    """An open supervision of one talk: who reads along, since when and why; logged in the talk, seen by all."""

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="watches")
    supervisor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="watches")
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["talk", "supervisor"], condition=Q(closed_at=None), name="watch_once"),
        ]
        indexes = [models.Index(fields=["supervisor"], condition=Q(closed_at=None), name="watch_now")]

    def __str__(self) -> str:
        return f"{self.talk_id} {self.supervisor}"


class Block(models.Model):
    """Somebody may not open talks until a moment; letters and messages stay open to them."""

    # viewer.key of whoever it is, or "origin-…" for the address of a talk opened without an account.
    who = models.CharField(max_length=60, db_index=True)
    talk = models.ForeignKey(Talk, models.PROTECT, related_name="blocks")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-until"])]

    def __str__(self) -> str:
        return f"{self.talk_id} {self.until:%Y-%m-%d %H:%M}"


class AbuseReport(models.Model):
    """One side says that the other misused a talk; a supervisor of the desk's unit reads it and decides."""

    class Decision(models.TextChoices):
        BLOCKED = "blocked", _("blocked")
        DISMISSED = "dismissed", _("nothing to it")
        NOTED = "noted", _("dealt with inside")

    talk = models.ForeignKey(Talk, models.PROTECT, related_name="reports")
    side = models.CharField(max_length=10)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    words = models.CharField(max_length=500)
    at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["talk", "side"], name="report_once_a_side")]
        indexes = [models.Index(fields=["at"], condition=Q(decision=""), name="report_undecided")]

    def __str__(self) -> str:
        return f"{self.talk_id} {self.side}"
