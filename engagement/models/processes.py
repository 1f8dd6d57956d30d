"""Processes as data and the tasks they open."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from accounts.models import Unit

PERSON = settings.AUTH_USER_MODEL


class Process(models.Model):
    """One immutable version of a process; a case stays pinned to the one it began with."""

    key = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    definition = models.JSONField()
    checksum = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    # Null for one that came with the software.
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "processes"
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="process_version_once")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class ProcessDraft(models.Model):
    """A process while it is being changed; published, it becomes a version and the draft is gone."""

    key = models.SlugField(max_length=40, unique=True)
    definition = models.JSONField()
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"draft of {self.key}"


class ProcessMove(models.Model):
    """Running cases on their way to another version of their process; the worker takes them in batches."""

    target = models.ForeignKey(Process, models.PROTECT, related_name="moves")
    # Steps that the target does not have, and the ones that take their place: {"old": "new"}.
    mapping = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    after = models.PositiveBigIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    # Cases that could not be moved and stay with their version: at most the first 100 numbers.
    stayed = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target"], condition=Q(finished_at__isnull=True), name="move_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"to {self.target}"


class Task(models.Model):
    """Somebody has to do something about a case by a time."""

    class Status(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    class Role(models.TextChoices):
        LEAD = "lead"
        ASSIST = "assist"

    # No index of their own for these: the ones below answer every question, and a million tasks change daily.
    case = models.ForeignKey("engagement.Case", models.CASCADE, related_name="tasks", db_index=False)
    node = models.CharField(max_length=40)
    # The role (accounts.Role) that may do it at `unit`; "citizen" for what waits for the citizen.
    role_needed = models.CharField(max_length=20)
    part = models.CharField(max_length=6, choices=Role.choices, default=Role.LEAD)
    group_no = models.PositiveIntegerField(default=0)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="tasks", db_index=False)
    assignee = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="tasks", db_index=False)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # The next thing a timer does here, and when; computed anew after each act.
    next_action_at = models.DateTimeField(null=True)
    next_action = models.CharField(max_length=20, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+", db_index=False)
    action = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            # With all that a list's counts ask of a task, so that a desk's thousands are counted from here alone.
            models.Index(
                fields=["unit", "role_needed", "due_at", "id", "yellow_at", "assignee"],
                condition=Q(status="open"),
                name="task_unit_due",
            ),
            models.Index(
                fields=["assignee", "due_at", "id"],
                condition=Q(status="open", assignee__isnull=False),
                name="task_assignee_due",
            ),
            models.Index(
                fields=["next_action_at"],
                condition=Q(status="open", next_action_at__isnull=False),
                name="task_timer",
            ),
            models.Index(fields=["case", "status"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.node} {self.status}"
