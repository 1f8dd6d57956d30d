"""What a citizen may say about their own case, and the number and code that open it."""

from __future__ import annotations

import secrets

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import Case

from .fields import FilesField, PlainText

SCORES = [
    ("5", _("5 – very satisfied")),
    ("4", _("4 – satisfied")),
    ("3", _("3 – acceptable")),
    ("2", _("2 – dissatisfied")),
    ("1", _("1 – very dissatisfied")),
]
SOLVED = [
    (Case.Outcome.SOLVED.value, _("Yes, it is solved")),
    (Case.Outcome.PARTLY.value, _("Partly")),
    (Case.Outcome.UNSOLVED.value, _("No, it is not solved")),
]


class TrackForm(forms.Form):
    """Number and access code; both are forgiving about spaces, hyphens and small letters."""

    number = PlainText(most=40, least=1, label=_("Number"))
    code = PlainText(most=60, least=1, label=_("Access code"))

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        for name in self.fields:
            self.fields[name].widget.attrs |= {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }

    def clean_number(self) -> str:
        """Return the number as it is kept: without spaces and hyphens, in capitals."""
        return "".join(self.cleaned_data["number"].split()).replace("-", "").upper()


class WordsForm(forms.Form):
    """Words or files for the office."""

    text = PlainText(most=20_000, required=False, lines=4, label=_("What would you like to add?"))
    # A declared field never becomes an attribute, so the form's own `files` stays what it is.
    files = FilesField(label=_("Photos or documents"))  # type: ignore[assignment]

    def clean(self) -> dict[str, object]:
        """Ask for words or files: nothing at all is not an addition."""
        given = super().clean() or {}
        if not self.errors and not given.get("text") and not given.get("files"):
            self.add_error("text", forms.ValidationError(_("Please write something or choose a file."), code="empty"))
        return given


class AddForm(WordsForm):
    """More words or files for the office; pressed twice, added once."""

    # Drawn anew for each form that is shown.
    client_key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput, initial=secrets.token_urlsafe)


class AnswerForm(WordsForm):
    """The answer to the office's question."""

    text = PlainText(most=20_000, least=1, lines=4, label=_("Your answer"))


class UrgeForm(forms.Form):
    """A reminder to the office."""

    words = PlainText(most=500, required=False, lines=2, label=_("A word to the office"))


class WithdrawForm(forms.Form):
    """Taking the case back."""

    reason = PlainText(most=2_000, required=False, lines=2, label=_("Why? It helps us."))
    sure = forms.BooleanField(
        label=_("I take my case back. The office stops working on it."),
        error_messages={"required": _("Please tick this box if you want to take your case back.")},
    )


class ReadersForm(forms.Form):
    """Whether others may read the case once it is redacted."""

    public = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda value: value == "yes")


class ReopenForm(forms.Form):
    """Why it is not over yet."""

    reason = PlainText(most=2_000, least=1, lines=4, label=_("What is still not solved?"))


class RateForm(forms.Form):
    """How content the citizen is, and whether it is solved."""

    score = forms.TypedChoiceField(
        choices=SCORES,
        coerce=int,
        widget=forms.RadioSelect,
        label=_("How satisfied are you?"),
        error_messages={"required": _("Please choose one of the five.")},
    )
    outcome = forms.ChoiceField(choices=SOLVED, required=False, widget=forms.RadioSelect, label=_("Is it solved?"))
    words = PlainText(most=2_000, required=False, lines=3, label=_("In your words"))
