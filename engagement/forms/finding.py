"""The filters above the published letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import PlainText


class LettersForm(forms.Form):
    """Words and filters; what cannot be understood is told and narrows nothing."""

    words = PlainText(most=100, required=False, label=_("Words"), widget=forms.TextInput(attrs={"type": "search"}))
    leader = forms.ChoiceField(required=False, label=_("Leader"))
    category = forms.ChoiceField(required=False, label=_("Subject"))
    unit = forms.ChoiceField(required=False, label=_("Office"))
    year = forms.ChoiceField(required=False, label=_("Year"))

    def __init__(self, data: Any, *, choices: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data, auto_id="find-%s")
        for name, every in (
            ("leader", _("all leaders")),
            ("category", _("all subjects")),
            ("unit", _("all offices")),
            ("year", _("all years")),
        ):
            self.fields[name].choices = [("", every), *choices.get(name, [])]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, str]:
        """Return the filters that were understood and are not empty."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
