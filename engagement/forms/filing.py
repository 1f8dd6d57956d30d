"""The form of a letter or complaint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.models import Case

from .fields import FilesField, PlainText

KINDS = [
    (Case.Kind.ENQUIRY.value, _("I have a question"), _("You would like to know something.")),
    (Case.Kind.HELP_REQUEST.value, _("I need help"), _("Something must be done or repaired.")),
    (Case.Kind.COMPLAINT.value, _("I want to complain"), _("A service or an office let you down.")),
    (Case.Kind.SUGGESTION.value, _("I have a suggestion"), _("You know how the city could do it better.")),
    (Case.Kind.PRAISE.value, _("I want to say thank you"), _("Somebody did it well.")),
    (
        Case.Kind.APPLICATION.value,
        _("I apply for a permit"),
        _("Several offices look at it at the same time; you are told once what is missing."),
    ),
    (
        Case.Kind.REPORT.value,
        _("I want to report wrongdoing"),
        _("Corruption or abuse of office. Always confidential: only the integrity office reads it."),
    ),
]
WANTS = [
    ("none", _("Not at all – I look it up with number and access code")),
    ("email", _("By e-mail at every step")),
    ("sms", _("By SMS at every step")),
    ("phone", _("Please ring me")),
]
READERS = [
    ("public", _("Public"), _("Anybody may read it after your name and contact have been removed.")),
    ("private", _("Private"), _("Only you and the office.")),
]
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,30}")


class FilingForm(forms.Form):
    """Kind, words, place, files, readers and contact."""

    kind = forms.ChoiceField(
        choices=[(code, label) for code, label, _hint in KINDS],
        widget=forms.RadioSelect,
        label=_("What is it about?"),
        error_messages={"required": _("Please choose what it is about.")},
    )
    title = PlainText(
        most=200, least=1, label=_("In one line"), help_text=_("For example: lift in building 7 stuck for two weeks")
    )
    text = PlainText(most=20_000, least=1, lines=9, label=_("Your words"))
    category = forms.ChoiceField(required=False, label=_("Subject"))
    place = PlainText(
        most=200,
        required=False,
        label=_("Where is it?"),
        help_text=_("Street and number, estate, stop … Leave it empty if there is no place."),
    )
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    # A declared field never becomes an attribute, so the form's own `files` stays what it is.
    files = FilesField(label=_("Photos or documents"))  # type: ignore[assignment]
    readers = forms.ChoiceField(
        choices=[(code, label) for code, label, _hint in READERS],
        required=False,
        widget=forms.RadioSelect,
        label=_("Who may read it?"),
    )
    name = PlainText(most=40, required=False, label=_("Your name"))
    phone = PlainText(most=32, required=False, label=_("Telephone"), widget=forms.TextInput(attrs={"type": "tel"}))
    email = PlainText(most=200, required=False, label=_("E-mail"), widget=forms.EmailInput())
    wants = forms.ChoiceField(
        choices=WANTS, required=False, widget=forms.RadioSelect, label=_("How shall we tell you what happens?")
    )

    def __init__(self, *given: Any, categories: Iterable[Any] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["category"].choices = category_choices(categories)  # type: ignore[attr-defined]
        for name, word in (("name", "name"), ("phone", "tel"), ("email", "email"), ("place", "street-address")):
            self.fields[name].widget.attrs["autocomplete"] = word

    def clean_email(self) -> str:
        """Return the address, or say that it is none."""
        value = str(self.cleaned_data["email"])
        if value:
            try:
                validate_email(value)
            except ValidationError:
                raise ValidationError(gettext("This is not an e-mail address."), code="email") from None
        return value

    def clean_phone(self) -> str:
        """Return the number, or say that it is none."""
        value = str(self.cleaned_data["phone"])
        if value and not PHONE.fullmatch(value):
            raise ValidationError(gettext("This is not a telephone number."), code="phone")
        return value

    def clean(self) -> dict[str, Any]:
        """Check what depends on something else: readers on the kind, contact on the wish."""
        given = super().clean() or {}
        if given.get("kind") == Case.Kind.REPORT:
            given["readers"] = "private"
        elif not given.get("readers") and "readers" not in self.errors:
            self.add_error("readers", ValidationError(gettext("Please choose who may read it."), code="required"))
        self._check_reach(given)
        if (given.get("latitude") is None) != (given.get("longitude") is None):
            given["latitude"] = given["longitude"] = None
        return given

    def _check_reach(self, given: dict[str, Any]) -> None:
        wants = given.get("wants") or "none"
        for wish, name, words in (
            ("email", "email", gettext("Please give the e-mail address to write to.")),
            ("sms", "phone", gettext("Please give the mobile number to write to.")),
            ("phone", "phone", gettext("Please give the number to ring.")),
        ):
            if wants == wish and not given.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(words, code="required"))

    def contact(self) -> dict[str, str]:
        """Return how the citizen can be reached and wishes to be."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "phone": given["phone"],
            "email": given["email"],
            "wants": given["wants"] or "none",
        }


def category_choices(categories: Iterable[Any]) -> list[Any]:
    """Return the categories as choices: each first level a group of itself and what stands below it."""
    groups: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    every = list(categories)
    for category in every:
        if category.parent_id is None:
            groups[category.pk] = (category.label, [(category.code, category.label)])
    for category in every:
        root = groups.get(category.root_id or 0)
        if root is not None and category.parent_id is not None:
            indent = "\u3000" * (category.level - 2)
            root[1].append((category.code, indent + category.label))
    return [("", _("I don't know – the office decides")), *groups.values()]
