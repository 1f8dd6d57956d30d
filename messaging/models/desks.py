"""Desks, shifts and duty: where citizens reach an officer, and who is there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit


class Desk(Named):
    """A place where citizens reach a duty officer."""

    slug = models.SlugField(max_length=40, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="desks")
    about = models.CharField(_("about"), max_length=300, blank=True)
    about_en = models.CharField(_("about, in English"), max_length=300, blank=True)
    languages = models.JSONField(_("languages"), default=list, help_text=_('For example ["zh-hans", "en"].'))
    topics = models.ManyToManyField(
        "engagement.Category",
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("desk", "topics"),
        help_text=_("Offered to citizens."),
    )
    # Local times such as [["09:00", "12:00"], ["13:30", "17:00"]]; both empty: open whenever somebody is rostered.
    hours = models.JSONField(_("hours of a working day"), default=list, blank=True)
    off_hours = models.JSONField(_("hours of a day off"), default=list, blank=True)
    # Talks an officer may hold at once.
    limit = models.PositiveSmallIntegerField(_("talks at once"), default=3)
    # Waiting talks go to a free officer by themselves; otherwise officers take them.
    automatic = models.BooleanField(_("assigned automatically"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("desk")
        verbose_name_plural = _("desks")
        ordering = ["name", "pk"]

    @property
    def about_label(self) -> str:
        """What the desk is for, in the reader's language."""
        return self.about_en if (get_language() or "").startswith("en") and self.about_en else self.about

    @property
    def stream_name(self) -> str:
        """The journal stream of its queue, for the officers who serve it."""
        return f"desk-{self.pk}"


class DeskDay(models.Model):
    """A date on which a desk keeps other hours than the working calendar would give it."""

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="days", verbose_name=_("desk"))
    date = models.DateField(_("date"))
    # Empty: closed all day.
    hours = models.JSONField(_("hours"), default=list, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("special day of a desk")
        verbose_name_plural = _("special days of desks")
        constraints = [models.UniqueConstraint(fields=["desk", "date"], name="desk_day_once")]

    def __str__(self) -> str:
        return f"{self.desk} {self.date}"


class Shift(models.Model):
    """An officer is rostered at a desk from one moment to another."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("ordinary shift")
        # 领导接访日: a leader sits at the desk in person.
        LEADER = "leader", _("leader day")

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="shifts", verbose_name=_("desk"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="shifts", verbose_name=_("duty officer")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.ORDINARY)
    # When those in charge were told that nobody came, and that nobody relieves at its end.
    missed_at = models.DateTimeField(null=True, editable=False)
    unrelieved_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"),
            models.UniqueConstraint(fields=["desk", "officer", "starts_at"], name="shift_once"),
        ]
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
    # What they speak; empty: every language of their desk.
    languages = models.JSONField(default=list)
    # Talks they hold at once at most; empty: as many as the desk allows.
    limit = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name_plural = "duties"
        indexes = [models.Index(fields=["seen_at"])]

    def __str__(self) -> str:
        return f"{self.officer} {self.state}"
