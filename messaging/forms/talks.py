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

from accounts.rules import BadInput, clean_text
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


class Words(forms.CharField):
    """Text checked by accounts.rules.clean_text: at most `most` characters, one line unless `lines` says more."""

    def __init__(self, *, most: int, least: int = 0, lines: int = 1, **options: Any) -> None:
        self.most, self.least, self.lines = most, least, lines
        options.setdefault("required", least > 0)
        options.setdefault("widget", forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput())
        super().__init__(strip=False, **options)
        # The validator below looks at all of it; Django's own would say the same twice.
        self.validators = []

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser count as well."""
        return {**super().widget_attrs(widget), "maxlength": str(self.most)}

    def clean(self, value: Any) -> str:
        """Return the text as it may be stored."""
        try:
            return clean_text(value or "", most=self.most, least=self.least, newlines=self.lines > 1)
        except BadInput as broken:
            raise ValidationError(str(broken), code=broken.code) from broken


def contact_of(email: str, phone: str) -> dict[str, str]:
    """Return a case's contact from an address and a number, either of which may be empty."""
    wants = "email" if email else "sms" if phone else "none"
    return {"email": email, "phone": phone, "wants": wants}


class ContactForm(forms.Form):
    """How to reach the sender of a message, if they like."""

    email = Words(
        label=_("E-mail for the answer"),
        most=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    phone = Words(
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
    text = Words(
        label=_("What can we help you with?"),
        most=rules.MOST_TEXT,
        least=1,
        lines=4,
        widget=forms.Textarea(attrs={"rows": 4, "class": "short"}),
    )
    name = Words(
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


class MessageForm(ContactForm, StartForm):
    """Leaving a message where nobody is on duty."""


class SayForm(forms.Form):
    """One message, for pages without JavaScript."""

    text = Words(most=rules.MOST_TEXT, least=1, lines=3)
    key = forms.CharField(max_length=64)


class RateForm(forms.Form):
    """One tap from 1 to 5, and words if one likes."""

    score = forms.TypedChoiceField(choices=[(n, n) for n in range(1, 6)], coerce=int)
    words = Words(most=rules.MOST_WORDS, lines=3)


class CaseForm(forms.Form):
    """Making a case of a talk."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=Case.Kind.choices, initial=Case.Kind.ENQUIRY)
    title = Words(label=_("Title"), most=200)
    category: Any = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, empty_label=_("not known yet")
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["category"].queryset = Category.objects.filter(active=True)  # type: ignore[attr-defined]
