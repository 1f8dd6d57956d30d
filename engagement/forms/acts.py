"""What officials and citizens enter for the acts around the graph."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import Pause
from engagement.rules import acts

from .fields import PlainText
from .office import VersionForm

CAUSES = [(value, label) for value, label in Pause.Cause.choices if value in acts.PAUSES]


class Moment(forms.DateTimeField):
    """A day and time as browsers send it."""

    def __init__(self, **options: object) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M"], **options)  # type: ignore[arg-type]


class OrderForm(VersionForm):
    """What the unit must do, and how long it has to answer the order itself."""

    demand = PlainText(most=2_000, least=1, lines=3, label=_("What the unit must do"))
    days = forms.IntegerField(
        min_value=1, max_value=acts.ORDER_DAYS_MOST, initial=acts.ORDER_DAYS,
        label=_("Working days to answer the order"),
    )  # fmt: skip


class OrderAnswerForm(forms.Form):
    """What the unit has done about the order."""

    answer = PlainText(most=20_000, least=1, lines=4, label=_("Answer to the supervisor (internal)"))


class AcceptOrderForm(forms.Form):
    """A word to the unit, if any."""

    words = PlainText(most=2_000, required=False, lines=2, label=_("A word to the unit"))


class RenewOrderForm(forms.Form):
    """Why it is not enough, and the new time."""

    reason = PlainText(most=2_000, least=1, lines=2, label=_("What is missing?"))
    days = forms.IntegerField(
        min_value=1, max_value=acts.ORDER_DAYS_MOST, initial=acts.ORDER_DAYS, label=_("Working days for a new answer")
    )


class PauseForm(VersionForm):
    """Why the clock stands still, and until when at the latest."""

    cause = forms.ChoiceField(choices=CAUSES, label=_("Cause"))
    until = Moment(label=_("Until at the latest"))
    reason = PlainText(most=300, least=1, lines=2, label=_("Reason (the citizen reads it)"))
