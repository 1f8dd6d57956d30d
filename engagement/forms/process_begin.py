"""Forms beside the editor of a process: a new one, another step, a file, a replay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import PlainText
from .process_editor import code_field

LETTERS = _("Small letters, digits and _, for example legal_check")


class NewProcessForm(forms.Form):
    """A process of the office's own, begun with the steps of another one."""

    key = code_field(pgettext_lazy("process", "Code"), help_text=LETTERS)
    name = PlainText(most=120, least=1, label=pgettext_lazy("process", "Name"))
    name_en = PlainText(most=120, required=False, label=_("Name in English"))
    like = forms.ChoiceField(label=_("Begin with the steps of"))

    def __init__(self, *given: Any, processes: Iterable[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["like"].choices = list(processes)  # type: ignore[attr-defined]


class NewStepForm(forms.Form):
    """Another step."""

    code = code_field(pgettext_lazy("process", "Code"), help_text=LETTERS)
    name = PlainText(most=60, least=1, label=pgettext_lazy("process", "Name"))
    name_en = PlainText(most=60, required=False, label=_("Name in English"))


class ImportForm(forms.Form):
    """A BPMN file."""

    file = forms.FileField(label=_("BPMN file"), widget=forms.FileInput(attrs={"accept": ".bpmn,.xml"}))


class ReplayForm(forms.Form):
    """How far back, and how many cases at most."""

    days = forms.IntegerField(min_value=1, max_value=7_320, initial=365, label=_("Cases of the last days"))
    until = forms.DateField(
        required=False,
        label=_("The last of these days"),
        help_text=_("Today if empty."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    most = forms.IntegerField(min_value=1, max_value=20_000, initial=5_000, label=_("Cases at most"))
