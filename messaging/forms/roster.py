"""Forms of the duty roster."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from engagement.forms.fields import PlainText

from .. import rules
from ..models import Rota, Shift
from .routing import Told

SLOT = re.compile(r"([0-2]?\d:[0-5]\d)\s*[-–—~至]\s*([0-2]?\d:[0-5]\d)")


class Hours(forms.CharField):
    """Opening hours as people write them: "09:00-12:00 13:30-17:00"; empty for none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=200, required=False, **options)

    def clean(self, value: Any) -> Any:
        """Return [["09:00", "12:00"], …]."""
        text = str(value or "").replace("：", ":").strip()[:200]
        found = [[start.zfill(5), end.zfill(5)] for start, end in SLOT.findall(text)]
        if SLOT.sub("", text).strip(" ,;，；、"):
            raise ValidationError(gettext("Please write hours as 09:00-12:00 13:30-17:00, in order."))
        return found


def moment(**options: Any) -> forms.DateTimeField:
    """Return a field for a moment, as the browser's own picker sends it."""
    return forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        **options,
    )


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class ShiftForm(Told):
    """One shift."""

    officer_id = forms.TypedChoiceField(label=_("Who"), coerce=int)
    starts_at = moment(label=_("From"))
    ends_at = moment(label=_("Until"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Shift.Kind.choices, initial=Shift.Kind.ORDINARY)

    def __init__(self, *args: Any, people: list[Person], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["officer_id"].choices = [(one.pk, str(one)) for one in people]  # type: ignore[attr-defined]


class RotaForm(Told):
    """A pattern of shifts."""

    days = forms.ChoiceField(label=_("On"), choices=Rota.Days.choices)
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    turn = forms.ChoiceField(label=_("Turns change"), choices=Rota.Turn.choices)
    seats = forms.IntegerField(label=_("Officers at once"), min_value=1, max_value=rules.MOST_TURNS, initial=1)
    since = _day(label=_("From the day"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Shift.Kind.choices, initial=Shift.Kind.ORDINARY)
    officers = forms.TypedMultipleChoiceField(
        label=_("Who takes turns"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: list[Person], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["officers"].choices = [(one.pk, str(one)) for one in people]  # type: ignore[attr-defined]

    def clean_since(self) -> date:
        """Return the first day; turns are counted from it, so it cannot lie years back."""
        since: date = self.cleaned_data["since"]
        if abs((since - datetime.now(tz=rules.zone()).date()).days) > 366:
            raise ValidationError(gettext("A shift is at most a day long, and planned at most a year ahead."))
        return since


class HoursForm(Told):
    """When a desk is open."""

    hours = Hours(label=_("On working days"))
    off_hours = Hours(label=_("On days off"))


class DayForm(Told):
    """Other hours on one date."""

    day = _day(label=_("Date"))
    hours = Hours(label=_("Open from – until; empty: closed all day"))
    name = PlainText(label=_("Name"), most=80)
    usual = forms.BooleanField(label=_("An ordinary day again"), required=False)


class OfficerForm(Told):
    """What an officer speaks, and how many talks they hold at once."""

    officer_id = forms.IntegerField()
    languages = forms.MultipleChoiceField(choices=settings.LANGUAGES, required=False)
    limit = forms.IntegerField(min_value=1, max_value=20, required=False)


class SwapForm(Told):
    """Whom one asks to take a shift: a colleague ("officer-5") or a colleague's shift in exchange ("shift-9")."""

    with_whom = forms.CharField(max_length=30)
    note = PlainText(most=300)

    def clean_with_whom(self) -> tuple[str, int]:
        """Return what was chosen."""
        kind, _dash, number = str(self.cleaned_data["with_whom"]).partition("-")
        if kind not in ("officer", "shift") or not (number.isascii() and number.isdigit() and len(number) < 10):
            raise ValidationError(gettext("Please choose whom to ask."))
        return kind, int(number)


class SheetForm(Told):
    """What whoever leaves tells whoever comes."""

    note = PlainText(label=_("For whoever comes next"), most=2000, lines=5)
