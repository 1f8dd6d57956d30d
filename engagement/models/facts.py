"""Facts: one row for every finished round of a case, written once and rebuildable."""

from django.db import models

from accounts.models import Unit

from .cases import Case
from .catalogue import Category, Mailbox
from .processes import Process


class CaseFact(models.Model):
    """What statistics count. Times in seconds or minutes as named; never averaged medians."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="facts")
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=12)
    channel = models.CharField(max_length=8)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    category_root = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    process = models.ForeignKey(Process, models.PROTECT, related_name="+")
    # Month of receipt in the city's time zone, 202611.
    month = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # answered - received, wall time.
    reply_seconds = models.BigIntegerField(null=True)
    # Working minutes from receipt to answer by the unit's calendar, and working days (minutes / minutes of a day).
    reply_work_minutes = models.IntegerField(null=True)
    reply_working_days = models.FloatField(null=True)
    first_response_seconds = models.BigIntegerField(null=True)
    # concluded - accepted, working time minus pauses.
    work_minutes = models.IntegerField(null=True)
    paused_minutes = models.IntegerField(default=0)
    on_time = models.BooleanField(null=True)
    returns = models.PositiveSmallIntegerField(default=0)
    hops = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="fact_once_a_round")]
        indexes = [
            models.Index(fields=["received_at"]),
            models.Index(fields=["answered_at", "unit"], name="fact_answered"),
            models.Index(fields=["unit", "month"]),
            models.Index(fields=["mailbox", "month"]),
            models.Index(fields=["category_root", "month"]),
        ]

    def __str__(self) -> str:
        return f"fact of {self.case_id}"


class FactDay(models.Model):
    """The facts of cases received on one day, as the bytes of an array (engagement.columns); derived, never edited."""

    day = models.DateField(unique=True)
    rows = models.BinaryField()

    def __str__(self) -> str:
        return self.day.isoformat()


class FactChange(models.Model):
    """A day whose facts have changed since it was packed; rows are only added, and taken away by the packing."""

    day = models.DateField()

    def __str__(self) -> str:
        return self.day.isoformat()
