"""The provider's webhooks, and the page on which somebody confirms a mobile number."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Person
from accounts.rules import BadInput, RuleBroken

from . import actions, queries, rules

FORM = "application/x-www-form-urlencoded"
NOTHING_TO_SAY = "<?xml version='1.0' encoding='UTF-8'?><Response/>"


@csrf_exempt
@require_POST
def status(request: HttpRequest, signed: str) -> HttpResponse:
    """Take in what became of an SMS of ours."""
    reference = rules.unsign(signed)
    if not rules.is_open() or not reference:
        raise Http404
    return _store(request, rules.STATUS, {"reference": reference})


@csrf_exempt
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Take in an SMS to us."""
    if not rules.is_open():
        raise Http404
    return _store(request, rules.INCOMING, {})


def _store(request: HttpRequest, kind: str, extra: dict[str, str]) -> HttpResponse:
    """Verify, store, and only then say yes; a database error becomes a 5xx and the provider's own alarm."""
    # The signature of a JSON body covers only its address: such a call proves nothing about what it says.
    if request.content_type != FORM:
        return HttpResponse(status=415)
    if not rules.is_genuine(_path(request), request.POST, request.headers.get("X-Twilio-Signature", "")):
        return HttpResponse(status=403)
    fields = {name: str(value) for name, value in request.POST.items()}
    try:
        provider_id, said = rules.check_fields(fields, kind)
    except BadInput:
        return HttpResponse(status=400)
    actions.store_inbound(kind=kind, provider_id=provider_id, status=said, raw={**fields, **extra})
    return HttpResponse(NOTHING_TO_SAY, content_type="text/xml")


def _path(request: HttpRequest) -> str:
    """Return path and query as they were sent; Django's own are decoded and escaped anew."""
    scope = getattr(request, "scope", {})
    raw = scope.get("raw_path")
    if raw:
        query = scope.get("query_string", b"")
        return bytes(raw).decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    sent = str(request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or "")
    return sent if sent.startswith("/") else request.get_full_path()


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Let somebody confirm a mobile number: the number first, then the code that was sent to it."""
    error, status_code = None, 200
    if request.method == "POST":
        try:
            if _step(request):
                return redirect("sms:phone")
        except RuleBroken as broken:
            error, status_code = broken, broken.status
    viewer = request.viewer  # type: ignore[attr-defined]
    context = {"waiting": queries.waiting_number(viewer), "phone": viewer.person.phone, "error": error}
    return render(request, "sms/phone.html", context, status=status_code)


def _step(request: HttpRequest) -> bool:
    """Do the step that was posted; return whether there was one."""
    person: Person = request.viewer.person  # type: ignore[attr-defined]
    if "phone" in request.POST:
        actions.send_code(person=person, phone=request.POST["phone"])
        messages.info(request, _("We have sent you a code."))
    elif "code" in request.POST:
        actions.check_code(person=person, code=request.POST["code"])
        messages.success(request, _("Your mobile number is confirmed."))
    else:
        return False
    return True
