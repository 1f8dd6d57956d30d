"""Working-day calendars: sessions of each day, holidays and make-up working days."""

import uuid

from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit
from accounts.wording import listed


def new_revision() -> str:
    """Return a name for a state of a calendar that no other state has."""
    return uuid.uuid4().hex


class Calendar(Named):
    """The working time of a unit and of everything below it that has none of its own."""

    key = models.SlugField(max_length=40, unique=True)
    unit = models.OneToOneField(Unit, models.CASCADE, null=True, blank=True, related_name="calendar")
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    # Local times, [["09:00", "12:00"], ["13:00", "17:00"]].
    sessions = models.JSONField(_("hours of a working day"), default=list)

    # Renewed by everything that changes the calendar or its days, so that clocks built from it can be kept.
    revision = models.CharField(max_length=32, default=new_revision, editable=False)
    # The revision by which open cases were last given due times: another one while that is to be done, "" at first.
    counted = models.CharField(max_length=32, blank=True, editable=False)
    # How far that has come: the last case done.
    counted_to = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")


class CalendarDay(models.Model):
    """A day that is not what its weekday says."""

    class Kind(models.TextChoices):
        WORK = "work", _("working day")
        OFF = "off", _("day off")
        HALF = "half", _("half day")
        EMERGENCY = "emergency", _("emergency day")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days")
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    # Empty means the calendar's own hours (for a half day: its first session).
    sessions = models.JSONField(_("hours"), default=list, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    # False while the year's official notice is not out: such dates say so on the screen.
    confirmed = models.BooleanField(_("confirmed"), default=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"

    @property
    def label(self) -> str:
        """What the day is called, in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") and self.name_en else self.name

    @property
    def source_said(self) -> str:
        """Where the day comes from, in the reader's language."""
        said = {"holidays": gettext("public holidays"), "by hand": gettext("by hand"), "file": gettext("from a file")}
        return said.get(self.source, self.source)

    @property
    def sessions_said(self) -> str:
        """The day's own hours; "" where the calendar's are meant."""
        first = gettext("the first hours of the day") if self.kind == self.Kind.HALF else ""
        return listed(f"{begin}–{end}" for begin, end in self.sessions) or first
