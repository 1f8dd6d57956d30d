"""The duty roster: rotas that shifts are made from, swaps of shifts, and hand-overs at their end."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .desks import Desk, Shift


class Rota(models.Model):
    """A pattern of shifts at a desk: at these hours of such days, the officers take turns."""

    class Days(models.TextChoices):
        WORK = "work", _("working days")
        OFF = "off", _("days off")
        ALL = "all", _("every day")

    class Turn(models.TextChoices):
        DAY = "day", _("each day")
        WEEK = "week", _("each week")

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="rotas", verbose_name=_("desk"))
    days = models.CharField(_("on"), max_length=4, choices=Days.choices, default=Days.WORK)
    starts = models.TimeField(_("from"))
    # Not after `starts`: on the next day.
    ends = models.TimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=Shift.Kind.choices, default=Shift.Kind.ORDINARY)
    turn = models.CharField(_("turns change"), max_length=4, choices=Turn.choices, default=Turn.DAY)
    seats = models.PositiveSmallIntegerField(_("officers at once"), default=1)
    # The first turn is on this day; from here the turns are counted.
    since = models.DateField(_("from the day"))
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["desk", "starts", "pk"]

    def __str__(self) -> str:
        return f"{self.desk} {self.starts:%H:%M}-{self.ends:%H:%M}"


class RotaPlace(models.Model):
    """An officer's place in the order of a rota."""

    rota = models.ForeignKey(Rota, models.CASCADE, related_name="places")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["rota", "place"]
        constraints = [models.UniqueConstraint(fields=["rota", "place"], name="rota_place_once")]

    def __str__(self) -> str:
        return f"{self.rota_id} {self.place} {self.officer}"


class Swap(models.Model):
    """An officer asks a colleague to take a shift, perhaps in exchange for one of theirs."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        ACCEPTED = "accepted", pgettext_lazy("swap", "accepted")
        REFUSED = "refused", pgettext_lazy("swap", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("swap", "withdrawn")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="swaps")
    # What the colleague gives in return; empty: they take it over.
    other = models.ForeignKey(Shift, models.CASCADE, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="swaps_asked")
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shift"], condition=Q(state="asked"), name="swap_open_once")]
        indexes = [models.Index(fields=["asked_of"], condition=Q(state="asked"), name="swap_open")]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.state}"


class HandOver(models.Model):
    """The sheet at the end of a shift: what is open, in the words of who leaves, signed by who relieves."""

    desk = models.ForeignKey(Desk, models.PROTECT, related_name="hand_overs")
    shift = models.OneToOneField(Shift, models.SET_NULL, null=True, related_name="hand_over")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=2000, blank=True)
    # Numbers only, as they were then: {"waiting": [talk], "held": [talk], "cases": [case]}.
    open_things = models.JSONField(default=dict)
    at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["desk", "-at"])]

    def __str__(self) -> str:
        return f"{self.desk} {self.at:%Y-%m-%d %H:%M}"
