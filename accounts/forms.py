"""The forms of sign-in, sign-up and "my account": what is asked; what may stand in it is said by rules.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import Person
from .queries import person_by_login
from .rules import is_plain


def _password(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, max_length=200, strip=False, help_text=help_text)


NEW_PASSWORD_HINT = _("At least 10 characters; not only digits, and nothing others would guess.")


class SignInForm(AuthenticationForm):
    """Name, address or number, and the password."""

    username = forms.CharField(
        label=_("User name, e-mail or mobile number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = _password(_("Password"), "current-password")
    error_messages = {
        "invalid_login": _("Name and password do not match. Please check both."),
        "inactive": _("Name and password do not match. Please check both."),
    }

    def clean_username(self) -> str:
        """Return the user name of whoever this names, or what was entered: tries are counted by it."""
        login: str = self.cleaned_data["username"]
        if not is_plain(login, newlines=False):
            raise ValidationError(self.error_messages["invalid_login"])
        person = person_by_login(login)
        return person.username if person else login


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password = _password(_("New password"), "new-password", NEW_PASSWORD_HINT)
    again = _password(_("The same password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        given = super().clean() or self.cleaned_data
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", _("The two passwords differ."))
        return given


class SignUpForm(NewPasswordForm):
    """A citizen's new account."""

    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    username = forms.CharField(
        label=_("User name"), max_length=60, help_text=_("You sign in with it."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("To be told about your matters, and for a new password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Mobile number"), max_length=30, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    field_order = ("name", "username", "password", "again", "email", "phone")


class DetailsForm(forms.Form):
    """What a person says of themselves."""

    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    nickname = forms.CharField(
        label=_("Nickname"), max_length=40, required=False, help_text=_("Shown in the forums instead of your name.")
    )
    phone = forms.CharField(
        label=_("Mobile number"), max_length=30, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("A new address counts once you follow the link we send to it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of messages to you"), choices=settings.LANGUAGES)

    @classmethod
    def of(cls, person: Person) -> DetailsForm:
        """Return the form filled with what is known."""
        known = {name: getattr(person, name) for name in ("name", "nickname", "phone", "email", "language")}
        return cls(initial=known, prefix="details")


class ChangePasswordForm(NewPasswordForm):
    """The old password and a new one."""

    before = _password(_("Your password now"), "current-password")
    field_order = ("before", "password", "again")


class AddressForm(forms.Form):
    """Where the link for a new password goes."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class ExportForm(forms.Form):
    """The password, before somebody's whole life here is handed out."""

    before = _password(_("Your password now"), "current-password")


class EraseForm(forms.Form):
    """The password and two plain words, before an account is erased."""

    withdraw = forms.BooleanField(label=_("Take back my open cases"), required=False)
    sure = forms.BooleanField(label=_("I know that this cannot be undone"))
    before = _password(_("Your password now"), "current-password")
