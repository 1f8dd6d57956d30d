"""A new password for somebody who forgot the old one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from .. import actions
from ..addresses import address_of
from ..forms import AddressForm, NewPasswordForm
from ..models import Person
from ..queries import person_by_id
from ..rules import BadInput, NotFound
from .signing import add_rule_error

# Where the link's token waits while the form is shown, so that it stands in no Referer and no history.
KEPT = "reset-token"


@never_cache
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Ask for the address; the answer is the same for every address."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.limit_rate("reset", address_of(request), 20, 3600)
        actions.limit_rate("reset-to", form.cleaned_data["email"].lower(), 5, 3600)
        actions.send_reset(email=form.cleaned_data["email"])
        return render(request, "accounts/reset_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "accounts/reset.html", {"form": form}, status=400 if form.is_bound else 200)


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def reset_confirm(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set the new password for the holder of a good link."""
    kept = request.session.get(KEPT, "")
    person = _holder(uid, token if token != "set" else kept)
    if person is None:
        return render(request, "accounts/reset_spent.html", status=400)
    if token != "set":
        request.session[KEPT] = token
        return redirect("accounts:reset-confirm", uid=uid, token="set")
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _set(form, person):
        request.session.pop(KEPT, None)
        messages.success(request, _("Your new password counts from now. Please sign in."))
        return redirect("accounts:sign-in")
    return render(request, "accounts/reset_new.html", {"form": form}, status=400 if form.is_bound else 200)


def _set(form: Any, person: Person) -> bool:
    try:
        actions.change_password(person_id=person.pk, password=form.cleaned_data["password"])
    except BadInput as broken:
        add_rule_error(form, broken)
        return False
    return True


def _holder(uid: str, token: str) -> Person | None:
    try:
        person = person_by_id(int(urlsafe_base64_decode(uid).decode()))
    except (ValueError, OverflowError, NotFound):
        return None
    return person if default_token_generator.check_token(person, token) else None
