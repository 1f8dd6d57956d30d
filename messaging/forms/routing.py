"""Forms of what is done with a talk: handing it over, watching it, reporting and blocking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from engagement.forms.fields import PlainText

from .. import rules
from ..models import AbuseReport

TARGETS = ("officer", "desk", "unit")


class Told(forms.Form):
    """A form whose first mistake is told in one sentence beside what stands on the page."""

    def first_error(self) -> str:
        """Return the first mistake as a sentence."""
        for field, found in self.errors.items():
            label = str(self.fields[field].label or "") if field in self.fields else ""
            return f"{label}: {found[0]}" if label else str(found[0])
        return ""


class TransferForm(Told):
    """To whom a talk is handed: "officer-5", "desk-2" or "unit-7", and a note."""

    to = forms.CharField(max_length=30, required=False)
    note = PlainText(label=_("Note"), most=rules.MOST_NOTE, least=2, lines=3)

    def clean_to(self) -> str:
        """Return the target if it can be one."""
        kind, _dash, number = str(self.cleaned_data["to"]).partition("-")
        if kind not in TARGETS or not (number.isascii() and number.isdigit() and len(number) < 10):
            raise forms.ValidationError(gettext("Please choose to whom."))
        return f"{kind}-{number}"

    def target(self, asked: str) -> int | None:
        """Return the id of the officer, desk or unit if that is what was chosen."""
        kind, _dash, number = str(self.cleaned_data["to"]).partition("-")
        return int(number) if kind == asked else None


class ReportForm(Told):
    """What went wrong in a talk."""

    words = PlainText(label=_("What happened?"), most=rules.MOST_WORDS, least=2, lines=3)


class WatchForm(Told):
    """Why a talk is supervised."""

    reason = PlainText(label=_("Reason"), most=300, least=2)


class KeptForm(Told):
    """Why words that were taken back are opened."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = PlainText(label=_("Reason"), most=300, least=4)


class BlockForm(Told):
    """For how long and why somebody may open no talks."""

    reason = PlainText(label=_("Reason"), most=300, least=2)
    hours = forms.IntegerField(label=pgettext_lazy("duration", "Hours"), min_value=1)

    def __init__(self, *args: Any, most: int, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["hours"].validators.append(MaxValueValidator(most))


class DecisionForm(Told):
    """What becomes of a report of abuse."""

    decision = forms.ChoiceField(choices=AbuseReport.Decision.choices)
    hours = forms.IntegerField(min_value=1, max_value=rules.MOST_SUPERVISOR_BLOCK, required=False)

    def clean_hours(self) -> int:
        """Return the hours of a block, a day unless said otherwise."""
        return int(self.cleaned_data["hours"] or rules.MOST_OFFICER_BLOCK)
