""" "My account": what somebody says of themselves, their password and their sessions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from .. import actions
from ..forms import ChangePasswordForm, DetailsForm
from ..models import Person
from ..rules import BadInput, RuleBroken
from .signing import QUARTER, add_rule_error


def person_of(request: HttpRequest) -> Person:
    """Return who is signed in; behind login_required."""
    person = request.user
    assert isinstance(person, Person)
    return person


def _page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    shown = {
        "details": DetailsForm.of(person_of(request)),
        "password": ChangePasswordForm(prefix="password"),
        **forms,
    }
    return render(request, "accounts/account.html", shown, status=status)


@never_cache
@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show the account."""
    return _page(request)


@login_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Change name, nickname, number and language; a new e-mail address has to be confirmed."""
    person, form = person_of(request), DetailsForm(request.POST, prefix="details")
    if not form.is_valid():
        return _page(request, 400, details=form)
    given = dict(form.cleaned_data)
    email = given.pop("email")
    try:
        if email and email != person.email:
            actions.limit_rate("confirm", person.pk, 5, 3600)
            actions.ask_to_confirm(person_id=person.pk, email=email)
            messages.info(
                request, _("We sent a link to %(email)s. The address counts once you follow it.") % {"email": email}
            )
        actions.change_details(person_id=person.pk, **given)
    except RuleBroken as broken:
        add_rule_error(form, broken)
        return _page(request, broken.status, details=form)
    messages.success(request, _("Saved."))
    return redirect("accounts:account")


@sensitive_post_parameters()
@login_required
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; other sessions end, this one goes on."""
    person, form = person_of(request), ChangePasswordForm(request.POST, prefix="password")
    if not form.is_valid() or not is_own(form, person):
        return _page(request, 400, password=form)
    try:
        person = actions.change_password(person_id=person.pk, password=form.cleaned_data["password"])
    except BadInput as broken:
        add_rule_error(form, broken)
        return _page(request, 400, password=form)
    update_session_auth_hash(request, person)
    messages.success(request, _("Your new password counts from now. Everywhere else you are signed out."))
    return redirect("accounts:account")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session, this one too."""
    actions.sign_out_everywhere(person_id=person_of(request).pk)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("accounts:sign-in")


def is_own(form: Any, person: Person) -> bool:
    """Return whether the form has the person's password, ten tries in a quarter of an hour; else say so in it."""
    actions.limit_rate("own-password", person.pk, 10, QUARTER)
    if person.check_password(form.cleaned_data["before"]):
        return True
    form.add_error("before", _("This is not your password."))
    return False


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm an address by the link in a mail; by a button, because mail programs open links by themselves."""
    error = ""
    if request.method == "POST":
        try:
            actions.confirm_email(token=token)
            messages.success(request, _("Thank you: the address is confirmed."))
            return redirect("accounts:account" if request.user.is_authenticated else "accounts:sign-in")
        except BadInput as broken:
            error = str(broken)
    return render(request, "accounts/confirm_email.html", {"error": error}, status=400 if error else 200)
