"""Coming in and going out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..addresses import address_of
from ..forms import SignInForm, SignUpForm
from ..rules import BadInput, RuleBroken, TooMany

QUARTER = 15 * 60
BACKEND = "accounts.backends.PersonBackend"


def safe_next(request: HttpRequest, default: str = "") -> str:
    """Return where `next` leads if that is a page of ours, otherwise the default (a route's name or a path)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own else resolve_url(default or settings.LOGIN_REDIRECT_URL)


class SignIn(LoginView):
    """Signs somebody in; tries are limited by account (axes) and by address."""

    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the try against the address first."""
        try:
            actions.limit_rate("sign-in", address_of(request), 20, QUARTER)
        except TooMany as broken:
            return _too_many(request, str(broken), broken.retry_after)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, in the language the person has chosen."""
        person = form.get_user()
        login(self.request, person)
        actions.signed_in(person=person)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again as what it is: a refused try."""
        actions.sign_in_failed(login=str(form.data.get("username", "")))
        return self.render_to_response(self.get_context_data(form=form), status=400)


sign_in = SignIn.as_view()


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session, with its open sockets."""
    person = request.user
    logout(request)
    if person.is_authenticated:
        actions.signed_out(person_id=person.pk, leaving=True)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make a citizen's account and sign in."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _register(request, form.cleaned_data)
            return redirect(safe_next(request))
        except TooMany as broken:
            return _too_many(request, str(broken), broken.retry_after)
        except BadInput as broken:
            add_rule_error(form, broken)
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next") or ""}
    return render(request, "accounts/sign_up.html", context, status=400 if form.is_bound else 200)


def _register(request: HttpRequest, given: dict[str, Any]) -> None:
    actions.limit_rate("sign-up", address_of(request), 20, 3600)
    person = actions.register_citizen(
        username=given["username"], name=given["name"], password=given["password"], phone=given["phone"],
        email=given["email"], language=translation.get_language() or settings.LANGUAGE_CODE,
    )  # fmt: skip
    login(request, person, backend=BACKEND)


def add_rule_error(form: Any, broken: RuleBroken) -> None:
    """Put a rule's refusal beside the field it is about."""
    field = broken.field if isinstance(broken, BadInput) and broken.field in form.fields else None
    form.add_error(field, str(broken))


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """Say that this account had too many wrong tries (called by axes)."""
    return _too_many(request, "", QUARTER)


def _too_many(request: HttpRequest, text: str, seconds: int) -> HttpResponse:
    context = {"text": text, "minutes": max(1, round(seconds / 60))}
    response = render(request, "accounts/locked_out.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response
