"""What begins a quality check, and what its reviewers judge by."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Person
from engagement.models import Criterion, Judgement
from engagement.queries.bulletin import last_month
from engagement.rules import quality

from .board import PeriodForm
from .fields import PlainText


class CheckForm(PeriodForm):
    """Which cases are drawn, and who judges them."""

    field_order = ("first", "last", "each", "one", "two", "third")
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    each = forms.IntegerField(
        min_value=1,
        max_value=quality.MOST_EACH,
        initial=3,
        label=_("Cases of each unit"),
        help_text=_("Drawn at random; where a unit has fewer, all of them."),
    )
    one = forms.TypedChoiceField(coerce=int, label=_("First reviewer"))
    two = forms.TypedChoiceField(coerce=int, label=_("Second reviewer"))
    third = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label=_("Who decides where they differ"),
        help_text=_("Without a third the two settle it together."),
    )

    def __init__(self, *given: Any, people: Iterable[Person], **named: Any) -> None:
        first, last = last_month()
        named.setdefault("initial", {"token": secrets.token_hex(16), "first": first, "last": last, "each": 3})
        super().__init__(*given, **named)
        choices = [(person.pk, str(person)) for person in people]
        for name in ("one", "two", "third"):
            field: Any = self.fields[name]
            field.choices = [("", "–"), *choices]


class JudgeForm(forms.Form):
    """A mark for each criterion, and a few words."""

    def __init__(
        self,
        *given: Any,
        criteria: Iterable[Criterion],
        words: bool,
        marks: Mapping[str, str] | None = None,
        **named: Any,
    ) -> None:
        super().__init__(*given, **named)
        for each in criteria:
            self.fields[each.code] = forms.ChoiceField(
                choices=Judgement.Mark.choices,
                widget=forms.RadioSelect,
                label=each.label,
                help_text=each.asks,
                initial=(marks or {}).get(each.code),
            )
        self.codes = [each.code for each in criteria]
        if words:
            self.fields["words"] = PlainText(most=2_000, required=False, lines=2, label=_("Why"))

    def judged(self) -> dict[str, Any]:
        """Return the marks and the words as the actions take them."""
        given = self.cleaned_data
        return {"marks": {code: given[code] for code in self.codes}, "words": given.get("words", "")}


class CriterionForm(forms.Form):
    """One criterion of the table; `chosen` is the one to be changed."""

    code = forms.CharField(
        max_length=40, label=pgettext_lazy("process", "Code"), help_text=_("Small letters, digits and -, please.")
    )
    name = PlainText(most=120, least=1, label=pgettext_lazy("day", "Name"))
    name_en = PlainText(most=120, required=False, label=_("Name in English"))
    question = PlainText(most=300, least=1, label=_("Question"))
    question_en = PlainText(most=300, required=False, label=_("Question in English"))
    position = forms.IntegerField(min_value=0, max_value=1000, initial=0, label=_("Position"))
    active = forms.BooleanField(required=False, initial=True, label=_("In use"))

    def __init__(self, *given: Any, chosen: Criterion | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        for name, field in self.fields.items():
            field.initial = getattr(chosen, name) if chosen else field.initial
