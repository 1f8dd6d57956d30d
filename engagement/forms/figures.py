"""What the figures page can be narrowed to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

# Days outside are typing errors; some would not even fit into a database's time.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
GROUPINGS = (
    ("unit", _("office in charge")),
    ("category", _("subject")),
    ("channel", _("way it came")),
    ("mailbox", _("leader's mailbox")),
)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        required=False,
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


class FiguresForm(forms.Form):
    """From, to and by; "from" is a word of Python, so the fields are made by name."""

    by = forms.ChoiceField(required=False, label=_("Compare by"), choices=GROUPINGS)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="figures-%s")
        self.fields["from"] = _day(_("Received from"))
        self.fields["to"] = _day(_("until"))
        self.order_fields(["from", "to", "by"])

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("from"), cleaned.get("to")
        if start and end and end < start:
            raise ValidationError(_("The period ends before it begins."), code="wrong_order")
        return cleaned

    def asked(self) -> tuple[date | None, date | None, str]:
        """Return first day, last day and grouping; what could not be understood narrows nothing."""
        self.is_valid()
        found = self.cleaned_data
        whole = not self.errors
        return found.get("from") if whole else None, found.get("to") if whole else None, found.get("by") or "unit"
