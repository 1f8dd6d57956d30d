"""Writing a letter or complaint: the form, its summary, sending, and the receipt."""

from __future__ import annotations

import base64
import secrets
from contextlib import suppress
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import limit_rate
from accounts.addresses import address_of
from accounts.rules import BadInput, NotFound, RuleBroken, TooMany, WrongStatus
from accounts.sealing import SealBroken, seal, unseal
from accounts.viewers import Viewer, grant
from engagement import actions, queries
from engagement.forms import FilingForm
from engagement.forms.filing import KINDS, READERS, WANTS
from engagement.forms.held import held, hold, let_go
from engagement.models import Case, Mailbox
from engagement.rules.files import check_all

from .base import private, viewer_of
from .words import moment

TOKEN_SECONDS = 2 * 24 * 3600
RECEIPTS = "receipts"
POINT = ("latitude", "longitude")
HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to a leader."""
    return _fill(request, queries.mailbox_for(slug))


@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """Complain, ask or report without a leader."""
    return _fill(request, None)


def _fill(request: HttpRequest, mailbox: Mailbox | None) -> HttpResponse:
    categories = queries.categories()
    if request.method != "POST":
        form = FilingForm(initial=_known(request), categories=categories)
        return _form_page(request, mailbox, form, new_token(mailbox))
    token = request.POST.get("token", "")
    stage = request.POST.get("stage", "check")
    let_go(token, request.POST.getlist("drop"))
    if stage == "edit" or "drop" in request.POST:
        form = FilingForm(initial=request.POST.dict(), categories=categories)
        return _form_page(request, mailbox, form, token)
    form = FilingForm(request.POST, request.FILES, categories=categories)
    valid = form.is_valid()
    if not is_token(token, mailbox):
        token, valid = new_token(mailbox), False
        form.add_error(None, _("This page lay open for too long. Please check your words and go on."))
    try:
        return _go_on(request, mailbox, form, token, stage) if valid else _wrong(request, mailbox, form, token)
    except TooMany as broken:
        answer = _summary(request, mailbox, form, token, broken)
        answer["Retry-After"] = str(broken.retry_after)
        return answer
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _wrong(request, mailbox, form, token)


def _go_on(request: HttpRequest, mailbox: Mailbox | None, form: FilingForm, token: str, stage: str) -> HttpResponse:
    _keep(request, form, token)
    if stage == "send":
        return _send(request, mailbox, form, token)
    return _summary(request, mailbox, form, token)


def _send(request: HttpRequest, mailbox: Mailbox | None, form: FilingForm, token: str) -> HttpResponse:
    viewer, given = viewer_of(request), form.cleaned_data
    # An address may be shared by a whole library; a person is one.
    limit_rate("file-case", viewer.key if viewer.person else address_of(request), 10, HOUR)
    filed = actions.file_case(
        viewer=viewer,
        kind=given["kind"],
        title=given["title"],
        text=given["text"],
        channel=Case.Channel.LETTER if mailbox else Case.Channel.FORM,
        category=queries.category_of(given["category"]),
        place=given["place"],
        latitude=given["latitude"],
        longitude=given["longitude"],
        mailbox=mailbox,
        public=given["readers"] == "public",
        contact=form.contact(),
        token=token,
        files=[kept.as_upload() for kept in held(token)],
        language=get_language() or "zh-hans",
    )
    let_go(token)
    number = filed.case.number
    if filed.is_new and request.POST.get("join"):
        _join(viewer, filed.case, request.POST["join"])
    grant(request.session, [f"case-{number}"])
    if filed.access_code:
        sealed = seal(filed.access_code.encode(), f"receipt-{number}")
        # Sealed also here: the session lies in the database, where no access code may stand in the open.
        request.session[RECEIPTS] = {number: base64.b64encode(sealed).decode()}
    return redirect("engagement:filed", number=number)


def _join(viewer: Viewer, case: Case, offer: str) -> None:
    """Join the matter that was offered; when it has been answered meanwhile, the case goes its own way."""
    # The request's viewer is worked out when first asked for: no dataclass that could be copied with a change.
    grants = viewer.grants | {f"case-{case.number}"}
    opened = Viewer(viewer.person, viewer.posts, grants, viewer.visitor, viewer.language)
    with suppress(NotFound, WrongStatus):
        actions.join_matter(case_id=case.pk, by=opened, offer=offer)


def _matter(given: dict[str, Any]) -> Any:
    """Return the matter one may join; never for what is confidential or not for others to read."""
    if given["kind"] == Case.Kind.REPORT:
        return None
    point = given.get("latitude"), given.get("longitude")
    return queries.matter_to_join(queries.category_of(given["category"]), given["place"], *point)


@require_safe
def filed(request: HttpRequest, number: str) -> HttpResponse:
    """Show the receipt: the number, once the access code, and what happens next."""
    case = queries.case_for(viewer_of(request), number)
    receipts = request.session.get(RECEIPTS, {})
    code = ""
    if number in receipts and request.method == "GET":
        try:
            code = unseal(base64.b64decode(receipts.pop(number)), f"receipt-{number}").decode()
        except (ValueError, SealBroken):
            code = ""
        request.session[RECEIPTS] = receipts
    address = request.build_absolute_uri(reverse("engagement:track"))
    copied = _("Number: %(number)s\nAccess code: %(code)s\nFollow it at: %(address)s") % {
        "number": number,
        "code": code,
        "address": address,
    }
    return private(render(request, "engagement/filed.html", {"case": case, "code": code, "copied": copied}))


@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """Return the fragment of similar published answers and the suggested subject for words being written."""
    limit_rate("similar", address_of(request), 240, HOUR)
    words = f"{request.POST.get('title', '')[:200]}\n{request.POST.get('text', '')[:2000]}".replace("\0", " ")
    place = request.POST.get("place", "")[:200].replace("\0", " ")
    context = {
        "similar": queries.similar_letters(words)[:3],
        "suggested": queries.suggest_category(words)[:1],
        "matter": queries.matter_to_join(queries.category_of(request.POST.get("category", "")[:40]), place),
    }
    return private(render(request, "engagement/parts/similar.html", context))


def new_token(mailbox: Mailbox | None) -> str:
    """Return the signed token of one form: sent twice, it files one case."""
    return signing.dumps([secrets.token_urlsafe(16), mailbox.slug if mailbox else ""], salt="engagement.filing")


def is_token(token: str, mailbox: Mailbox | None) -> bool:
    """Return whether the token was made here for this form within the last two days."""
    try:
        given = signing.loads(token, salt="engagement.filing", max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return False
    return bool(given[1] == (mailbox.slug if mailbox else ""))


def _known(request: HttpRequest) -> dict[str, Any]:
    """Return what is known before the first word: the kind that was asked for and the person's contact."""
    person = viewer_of(request).person
    known: dict[str, Any] = {"kind": request.GET.get("kind", ""), "wants": "none"}
    if person:
        wants = "email" if person.email else "none"
        known |= {"name": person.name, "phone": person.phone, "email": person.email, "wants": wants}
    return known


def _wrong(request: HttpRequest, mailbox: Mailbox | None, form: FilingForm, token: str) -> HttpResponse:
    if "files" not in form.errors and is_token(token, mailbox):
        try:
            _keep(request, form, token)
        except RuleBroken as broken:
            form.add_error("files", str(broken))
    return _form_page(request, mailbox, form, token, 422)


def _keep(request: HttpRequest, form: FilingForm, token: str) -> None:
    """Keep the form's files, checked and cleaned, until it is sent; each only once."""
    files = form.cleaned_data.pop("files", ())
    if files:
        limit_rate("keep-files", address_of(request), 60, HOUR)
        kept = held(token)
        hold(token, check_all(files, sum(file.size for file in kept), len(kept)))


def _form_page(
    request: HttpRequest, mailbox: Mailbox | None, form: FilingForm, token: str, status: int = 200
) -> HttpResponse:
    asked = form["kind"].value() or Case.Kind.ENQUIRY
    kind = asked if asked in Case.Kind.values else Case.Kind.ENQUIRY
    now = timezone.now()
    due = queries.promises(mailbox, now)
    by_subject = queries.promises_by_subject(mailbox, now)
    subject = by_subject.get(str(form["category"].value() or ""), {})
    context = {
        "form": form,
        "mailbox": mailbox,
        "token": token,
        "kept": held(token),
        "kinds": [(code, label, hint, due[code]) for code, label, hint in KINDS],
        "readers": READERS,
        "wants": WANTS,
        "due": subject.get(kind, due[kind]),
        "due_by_subject": {code: {one: moment(at) for one, at in of.items()} for code, of in by_subject.items()},
        "pin": _pin(form),
        "mapped": queries.has_map(),
    }
    return private(render(request, "engagement/write.html", context, status=status))


def _pin(form: FilingForm) -> tuple[float | None, float | None]:
    """Return the pin that was set before, if it is one."""
    fields = [form.fields[name].to_python(form[name].value()) if name not in form.errors else None for name in POINT]
    return (None, None) if None in fields else (fields[0], fields[1])


def _summary(
    request: HttpRequest, mailbox: Mailbox | None, form: FilingForm, token: str, broken: TooMany | None = None
) -> HttpResponse:
    given = form.cleaned_data
    category = queries.category_of(given["category"])
    context = {
        "form": form,
        "mailbox": mailbox,
        "token": token,
        "kept": held(token),
        "given": given,
        "matter": _matter(given),
        "joins": bool(request.POST.get("join")),
        "broken": broken,
        "kind": Case.Kind(given["kind"]).label,
        "wants": dict(WANTS)[given["wants"] or "none"],
        "category": category,
        "due": queries.promise(given["kind"], mailbox, timezone.now(), category),
    }
    return private(render(request, "engagement/summary.html", context, status=broken.status if broken else 200))
