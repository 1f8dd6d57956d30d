"""What the supervision desk asks for and takes in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.queries.board import CELLS, GROUPS
from engagement.queries.bulletin import LONGEST_DAYS
from engagement.rules import acts

from .fields import PlainText

GROUP_LABELS = {"unit": _("by unit"), "mailbox": _("by mailbox"), "category": _("by category")}


class BoardForm(forms.Form):
    """How the board is grouped and sorted."""

    by = forms.ChoiceField(required=False, choices=[(key, GROUP_LABELS[key]) for key in GROUPS])
    sort = forms.ChoiceField(required=False, choices=[(key, key) for key in ("", "label", *CELLS, "percent", "median")])
    up = forms.BooleanField(required=False)
    wall = forms.BooleanField(required=False)

    def chosen(self) -> dict[str, Any]:
        """Return what was asked for; nonsense is read as nothing."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "by": given.get("by") or "unit",
            "sort": given.get("sort") or "",
            "up": bool(given.get("up")),
            "wall": bool(given.get("wall")),
        }


class ChosenForm(forms.Form):
    """The cases that were ticked."""

    cases = forms.MultipleChoiceField(required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # What is no case of the viewer's is refused by the action, like one that does not exist.
        sent = self.data.getlist("cases") if hasattr(self.data, "getlist") else []
        self.fields["cases"].choices = [(each, each) for each in sent]  # type: ignore[attr-defined]


class UrgeManyForm(ChosenForm):
    """A word to those who have the cases."""

    words = PlainText(most=300, required=False, lines=2, label=_("Words of the reminder"))


class OrderManyForm(ChosenForm):
    """What the units must do."""

    demand = PlainText(most=2_000, least=1, lines=3, label=_("What the unit must do"))
    days = forms.IntegerField(
        min_value=1,
        max_value=acts.ORDER_DAYS_MOST,
        initial=acts.ORDER_DAYS,
        label=_("Working days to answer the order"),
    )


class WatchForm(ChosenForm):
    """Whether to keep an eye on them."""

    on = forms.ChoiceField(choices=[("1", "1"), ("0", "0")])


class PeriodForm(forms.Form):
    """From which day to which."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, and one that is no period of a bulletin any more."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not 0 <= (last - first).days <= LONGEST_DAYS:
            self.add_error(
                "last", forms.ValidationError(_("From a day to a later one, at most 400 days."), code="period")
            )
        return given
