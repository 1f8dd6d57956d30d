""" "My data": taking all of it along, and having it forgotten."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from .. import actions
from ..exporting import write_export
from ..forms import EraseForm, ExportForm
from ..rules import RuleBroken
from .account import is_own, person_of
from .signing import add_rule_error

IN_MEMORY = 16 * 1024 * 1024


def _page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    open_matters = import_string(settings.OPEN_MATTERS)(person_of(request).pk)
    shown = {
        "export": ExportForm(prefix="export"), "erase": EraseForm(prefix="erase"), "open_matters": open_matters,
        "keeps_words": settings.ERASURE_KEEPS_WORDS, **forms,
    }  # fmt: skip
    return render(request, "accounts/own_data.html", shown, status=status)


@never_cache
@login_required
@require_GET
def own_data(request: HttpRequest) -> HttpResponse:
    """Say what is held of somebody, and what they can do about it."""
    return _page(request)


@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """Give all that is held of somebody as a ZIP, after the password was asked once more."""
    person, form = person_of(request), ExportForm(request.POST, prefix="export")
    if not form.is_valid() or not is_own(form, person):
        return _page(request, 400, export=form)
    try:
        actions.limit_rate("export", person.pk, 3, 3600)
    except RuleBroken as broken:
        add_rule_error(form, broken)
        return _page(request, broken.status, export=form)
    # Beyond its first megabytes on the disk: files of many cases need not fit into memory. FileResponse closes it.
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    count = write_export(person, out)
    actions.exported(person_id=person.pk, items=count)
    out.seek(0)
    name = f"openhall-{person.username}-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(out, as_attachment=True, filename=name, content_type="application/zip")


@sensitive_post_parameters()
@login_required
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase the account, after the password was asked once more."""
    person, form = person_of(request), EraseForm(request.POST, prefix="erase")
    if not form.is_valid() or not is_own(form, person):
        return _page(request, 400, erase=form)
    try:
        actions.erase_person(person_id=person.pk, end_matters=form.cleaned_data["withdraw"])
    except RuleBroken as broken:
        add_rule_error(form, broken)
        return _page(request, broken.status, erase=form)
    logout(request)
    return render(request, "accounts/erased.html")
