"""What administrators enter about working hours and the ladder."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Unit
from engagement.actions.ladder import CHANNELS, WHO
from engagement.models import CalendarDay, Rung

from .fields import PlainText

WHO_LABELS = {
    "doer": _("whose step it is"),
    "reviewer": _("the unit's reviewers"),
    "supervisor": _("the supervisors above"),
    "leader": _("the leader of the mailbox"),
    "above": _("the unit above"),
}
CHANNEL_LABELS = {"email": _("e-mail"), "sms": _("text message")}


class HoursForm(forms.Form):
    """The hours of a working day."""

    hours = PlainText(most=100, least=1, label=_("Hours of a working day"))


class DayForm(forms.Form):
    """A day that is not what its weekday says."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    kind = forms.ChoiceField(choices=CalendarDay.Kind.choices, label=_("What it is"))
    hours = PlainText(most=100, required=False, label=_("Hours, if not the usual ones"))
    name = PlainText(most=80, required=False, label=pgettext_lazy("day", "Name"))
    confirmed = forms.BooleanField(required=False, initial=True, label=_("Official"))


class DropDayForm(forms.Form):
    """The day that goes."""

    day = forms.DateField()


class TableForm(forms.Form):
    """A table of days."""

    table = forms.FileField(label=_("CSV file: date, kind, hours, name, confirmed"))


class NewCalendarForm(forms.Form):
    """The unit that gets a calendar of its own."""

    unit_id = forms.TypedChoiceField(coerce=int, label=_("Unit"))

    def __init__(self, *given: object, units: list[Unit], **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.fields["unit_id"].choices = [(unit.pk, unit.label) for unit in units]  # type: ignore[attr-defined]


class RungForm(forms.Form):
    """One row of the ladder."""

    level = forms.IntegerField(min_value=1, max_value=20, label=_("Level"))
    name = PlainText(most=80, least=1, label=pgettext_lazy("day", "Name"))
    hours = forms.IntegerField(min_value=1, max_value=2000, label=_("Working hours past the due time"))
    tells = forms.MultipleChoiceField(
        choices=[(who, WHO_LABELS[who]) for who in WHO], widget=forms.CheckboxSelectMultiple, label=_("Who is told")
    )
    channels = forms.MultipleChoiceField(
        choices=[(each, CHANNEL_LABELS[each]) for each in CHANNELS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Besides the page by"),
    )
    does = forms.ChoiceField(choices=Rung.Does.choices, label=_("What it does"))
    active = forms.BooleanField(required=False, initial=True, label=_("In force"))
