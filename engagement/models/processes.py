"""Processes as data and the tasks they open."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Unit


class Process(models.Model):
    """One immutable version of a process; a case stays pinned to the one it began with."""

    key = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    definition = models.JSONField()
    checksum = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "processes"
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="process_version_once")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Task(models.Model):
    """Somebody has to do something about a case by a time."""

    class Status(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    class Role(models.TextChoices):
        LEAD = "lead"
        ASSIST = "assist"

    case = models.ForeignKey("engagement.Case", models.CASCADE, related_name="tasks")
    node = models.CharField(max_length=40)
    # The role (accounts.Role) that may do it at `unit`; "citizen" for what waits for the citizen.
    role_needed = models.CharField(max_length=20)
    part = models.CharField(max_length=6, choices=Role.choices, default=Role.LEAD)
    group_no = models.PositiveIntegerField(default=0)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="tasks")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="tasks")
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
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["unit", "role_needed", "due_at", "id"], condition=Q(status="open"), name="task_unit_due"
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
