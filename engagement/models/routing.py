"""Routing rules as data, and replays of past cases through a changed process or changed rules."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit

from .cases import Case
from .catalogue import Category


class RoutingRule(models.Model):
    """Where letters of a kind, subject, place, wording, channel or time of day usually go; the first that fits counts.

    An empty condition is no condition.
    """

    class Hours(models.TextChoices):
        ANY = "", _("at any time")
        WORKING = "working", _("in working hours")
        CLOSED = "closed", _("outside working hours")

    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)
    kinds = models.JSONField(_("kinds"), default=list, blank=True)
    channels = models.JSONField(_("channels"), default=list, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    # Any one of these in the title, the text or the place; one a line.
    words = models.TextField(_("words"), blank=True)
    # Names of streets, estates or districts, one a line: any one of them in the place.
    areas = models.TextField(_("places"), blank=True)
    # Corners of an area on the map, [[latitude, longitude], …].
    polygon = models.JSONField(_("area on the map"), default=list, blank=True)
    hours = models.CharField(_("time"), max_length=8, choices=Hours.choices, default=Hours.ANY, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    assisting = models.ManyToManyField(Unit, blank=True, related_name="+", verbose_name=_("assisting units"))
    # Sent at once when it is accepted; otherwise the dispatcher reads it as a proposal.
    automatic = models.BooleanField(_("automatic"), default=False)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Routed(models.Model):
    """The first dispatch of a round: what a rule proposed, where the case went, and whether it stayed there."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="routed")
    round = models.PositiveSmallIntegerField()
    rule = models.ForeignKey(RoutingRule, models.SET_NULL, null=True, related_name="routed")
    proposed = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    automatic = models.BooleanField(default=False)
    # False from the moment on that the unit gave it back, and `settled` names where it went in the end.
    stayed = models.BooleanField(default=True)
    settled = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="routed_once_a_round")]
        indexes = [models.Index(fields=["at"]), models.Index(fields=["rule", "at"])]

    def __str__(self) -> str:
        return f"{self.case_id} to {self.unit_id}"


class Replay(models.Model):
    """Past cases taken through a changed process or changed rules, in batches; `result` holds only figures."""

    key = models.CharField(max_length=40)
    definition = models.JSONField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    most = models.PositiveIntegerField(default=5000)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    after = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["started_at"], condition=Q(finished_at__isnull=True), name="replay_unfinished")
        ]

    def __str__(self) -> str:
        return f"replay of {self.key}"
