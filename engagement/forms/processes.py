"""What is entered with an action that only one process knows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.processes.definition import Act, FormField, in_language

from .fields import PlainText
from .office import VersionForm


class StepForm(VersionForm):
    """Words, where the action asks for them, and its own form fields."""

    def __init__(self, *given: Any, act: Act, **named: Any) -> None:
        super().__init__(*given, **named)
        self.act = act
        if "reason" in act.require:
            self.fields["text"] = PlainText(most=20_000, least=1, lines=3, label=_("Reason (stays in the house)"))
        elif "text" in act.require:
            self.fields["text"] = PlainText(most=20_000, least=1, lines=4, label=_("Words (they stay in the house)"))
        for each in act.fields:
            self.fields[f"field-{each.code}"] = form_field(each)

    def clean(self) -> dict[str, Any]:
        """Gather the action's own fields under `given`."""
        values = super().clean() or {}
        given = {name[6:]: values.pop(name) for name in list(values) if name.startswith("field-")}
        return {**values, "given": given}


def form_field(field: FormField) -> forms.Field:
    """Return the field of a form that takes what the process asks for."""
    label = in_language(field.label, field.label_en)
    if field.kind == "yes":
        return forms.BooleanField(required=False, label=label)
    if field.kind == "number":
        return forms.IntegerField(required=field.required, label=label)
    if field.kind == "date":
        return forms.DateField(
            required=field.required, label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )
    lines = 1 if field.kind == "line" else 3
    most = 200 if field.kind == "line" else 2_000
    return PlainText(most=most, required=field.required, lines=lines, label=label)
