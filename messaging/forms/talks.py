"""The forms of the chat and of the duty desk."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.forms.fields import FilesField, PlainText
from engagement.models import Case, Category

from .. import rules
from ..models import Desk

SALT = "messaging.opening"
# A start form that was left open for longer must be loaded again.
TOKEN_SECONDS = 24 * 3600
MOST_PHONE = 20


def new_token() -> str:
    """Return a fresh sealed token for a start form."""
    return signing.dumps(secrets.token_urlsafe(16), salt=SALT)


def contact_of(email: str, phone: str) -> dict[str, str]:
    """Return a case's contact from an address and a number, either of which may be empty."""
    wants = "email" if email else "sms" if phone else "none"
    return {"email": email, "phone": phone, "wants": wants}


class ContactForm(forms.Form):
    """How to reach the sender of a message, if they like."""

    email = PlainText(
        label=_("E-mail for the answer"),
        most=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    phone = PlainText(
        label=_("Mobile number"),
        most=MOST_PHONE,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_email(self) -> str:
        """Return the address, if one was given and can be one."""
        email = str(self.cleaned_data["email"])
        if email:
            validate_email(email)
        return email

    def contact(self) -> dict[str, str]:
        """Return how to reach the sender."""
        return contact_of(self.cleaned_data["email"], self.cleaned_data["phone"])


class StartForm(forms.Form):
    """Asking for a talk: a name if one likes, and the first words."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=200)
    text = PlainText(
        label=_("What can we help you with?"),
        most=rules.MOST_TEXT,
        least=1,
        lines=4,
        widget=forms.Textarea(attrs={"rows": 4, "class": "short"}),
    )
    name = PlainText(
        label=_("What may we call you?"),
        most=rules.MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    topic: Any = forms.ModelChoiceField(
        label=_("What is it about?"), queryset=Category.objects.none(), required=False, empty_label=_("not known yet")
    )

    def __init__(self, *args: Any, desk: Desk | None = None, **named: Any) -> None:
        super().__init__(*args, **named)
        topics = desk.topics.filter(active=True) if desk else Category.objects.none()
        self.fields["topic"].queryset = topics  # type: ignore[attr-defined]
        if not topics.exists():
            del self.fields["topic"]

    def clean_token(self) -> str:
        """Return the token if this house made it not too long ago."""
        value = str(self.cleaned_data["token"])
        try:
            signing.loads(value, salt=SALT, max_age=TOKEN_SECONDS)
        except signing.BadSignature as error:
            # Shown again with a fresh one; what was written stays.
            self.data = {**self.data.dict(), "token": new_token()}  # type: ignore[attr-defined]
            raise ValidationError(gettext("This page was open for very long. Please send it once more.")) from error
        return value


class AskForm(forms.Form):
    """A question to the citizen of a case."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=200)
    text = PlainText(label=_("Your question"), most=rules.MOST_TEXT, least=1, lines=3)

    clean_token = StartForm.clean_token


class MessageForm(ContactForm, StartForm):
    """Leaving a message where nobody is on duty."""


class SayForm(forms.Form):
    """One message, for pages without JavaScript."""

    text = PlainText(most=rules.MOST_TEXT, lines=3)
    key = forms.CharField(max_length=64)
    files = FilesField()  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        """Ask for words where there is no file."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("text") and not values.get("files") and "text" not in self.errors:
            self.add_error("text", gettext("Please fill this in."))
        return values


class MailForm(forms.Form):
    """Where to send the thread."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    email = PlainText(
        label=_("E-mail"),
        most=254,
        least=3,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def clean_email(self) -> str:
        """Return the address if it can be one."""
        validate_email(self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class RateForm(forms.Form):
    """One tap from 1 to 5, and words if one likes."""

    score = forms.TypedChoiceField(choices=[(n, n) for n in range(1, 6)], coerce=int)
    words = PlainText(most=rules.MOST_WORDS, lines=3)


class CaseForm(forms.Form):
    """Making a case of a talk."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=Case.Kind.choices, initial=Case.Kind.ENQUIRY)
    title = PlainText(label=_("Title"), most=200)
    category: Any = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, empty_label=_("not known yet")
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["category"].queryset = Category.objects.filter(active=True)  # type: ignore[attr-defined]
