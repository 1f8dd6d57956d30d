"""The callback officer's page: whom to call, what was answered, and what came of the call."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from accounts.rules import BadInput, NotFound, RuleBroken
from engagement import actions, queries
from engagement.forms.acts import CallbackForm

from .base import private, viewer_of


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Show the next calls."""
    return _page(request)


@require_POST
def record(request: HttpRequest, callback_id: int) -> HttpResponse:
    """Write down what came of a call."""
    form = CallbackForm(request.POST, auto_id=f"call-{callback_id}-%s")
    if not form.is_valid():
        return _page(request, callback_id, form, 422)
    try:
        actions.record_callback(callback_id=callback_id, by=viewer_of(request), **form.cleaned_data)
    except BadInput as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return _page(request, callback_id, form, 422)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _page(request, 0, None, broken.status, str(broken))
    return redirect("engagement:calls")


def _page(
    request: HttpRequest, bound: int = 0, form: CallbackForm | None = None, status: int = 200, refusal: str = ""
) -> HttpResponse:
    viewer = viewer_of(request)
    if not viewer.holds(Role.CALLBACK_OFFICER):
        raise NotFound()
    due, waiting = queries.callbacks_due(viewer)
    if bound and bound not in {call.pk for call in due}:
        raise NotFound()
    rows = [
        (
            call,
            queries.number_to_call(call),
            queries.reply_told(call),
            form if form is not None and call.pk == bound else CallbackForm(auto_id=f"call-{call.pk}-%s"),
        )
        for call in due
    ]
    checks = bool(queries.checks_of(viewer))
    context = {"checks": checks, "rows": rows, "waiting": waiting, "refusal": refusal, "bound": bound}
    return private(render(request, "engagement/work/calls.html", context, status=status))
