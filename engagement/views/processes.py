"""Processes: their list, the editor with the diagram beside the table, comparing, publishing, BPMN out and in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import BadInput, NotFound, RuleBroken
from accounts.viewers import Viewer
from engagement import actions, queries
from engagement.forms.process_begin import ImportForm, NewProcessForm, NewStepForm
from engagement.forms.process_editor import SettingsForm, StepEditor
from engagement.models import Process
from engagement.processes import bpmn, editing
from engagement.processes.checks import problems
from engagement.processes.conditions import written
from engagement.processes.definition import BACK, KEYS, Definition, Node, read
from engagement.processes.naming import act_label, limit_said, part_said
from engagement.queries.set_up import Editing

from .base import private, viewer_of


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show every process with its versions, its running cases and whether somebody is changing it."""
    return _list(request)


def _list(request: HttpRequest, form: NewProcessForm | None = None, status: int = 200) -> HttpResponse:
    viewer = viewer_of(request)
    if not queries.sets_up(viewer):
        raise Http404()
    lines = queries.processes_for(viewer)
    new = form or NewProcessForm(processes=_published(lines))
    return private(render(request, "engagement/processes/list.html", {"lines": lines, "new": new}, status=status))


def _published(lines: list[Any]) -> list[tuple[str, str]]:
    return [(line.newest.key, line.newest.label) for line in lines if line.versions]


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a process of the office's own, with the steps of another one."""
    viewer = viewer_of(request)
    form = NewProcessForm(request.POST, processes=_published(queries.processes_for(viewer)))
    if form.is_valid():
        try:
            draft = actions.begin_process(by=viewer, **form.cleaned_data)
        except BadInput as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        else:
            return redirect("engagement:process", draft.key)
    return _list(request, form, 422)


@require_safe
def editor(request: HttpRequest, key: str) -> HttpResponse:
    """Show the table of steps with the diagram beside it; one step at a time is open for changes."""
    return _page(request, key, open_step=request.GET.get("step", ""))


def _page(request: HttpRequest, key: str, *, open_step: str = "", status: int = 200, **bound: Any) -> HttpResponse:
    editing_now = queries.editing_of(viewer_of(request), key)
    definition = read(editing_now.raw)
    found = problems(editing_now.raw)
    step = bound.pop("step", None)
    if step is None and open_step in definition.nodes:
        step = StepEditor(definition, open_step)
    context = {
        "editing": editing_now,
        "key": key,
        "rows": [
            _row(definition, node, [each for each in found if each.step == node.code])
            for node in definition.nodes.values()
        ],
        "problems": found,
        "picture": queries.picture_of(definition, {open_step: "now"} if step else None),
        "step": step,
        "settings": bound.get("settings") or _settings(editing_now.raw),
        "new": bound.get("new") or NewStepForm(auto_id="new-%s"),
        "upload": bound.get("upload") or ImportForm(auto_id="upload-%s"),
        "opened": next(iter(bound), ""),
        "refusal": bound.get("refusal", ""),
        "known_acts": [(code, act_label(code)) for code in KNOWN],
    }
    return private(render(request, "engagement/processes/editor.html", context, status=status))


KNOWN = (
    "accept", "refuse", "ask", "dispatch", "sign", "return", "transfer", "submit", "approve", "sign_off", "send_back",
    "reply_now", "tell_missing", "answer", "rate", "conclude", "lapse", "join",
)  # fmt: skip


def _row(definition: Definition, node: Node, faults: list[Any]) -> dict[str, Any]:
    """One line of the table: who, by when, what next, which form fields."""
    ways = []
    for code, way in node.ways():
        target = definition.nodes.get(way.to)
        to = _("back to who asked") if way.to == BACK else (target.label or way.to) if target else way.to
        ways.append({"act": act_label(code, node.actions.get(code)), "when": written(way.when), "to": to})
    stays = [act for act in node.actions.values() if not act.ways]
    return {
        "node": node,
        "who": queries.who_said(node) if not node.end else "",
        "limit": limit_said(node.timeout or node.sla) if not node.end else "",
        "ways": ways,
        "stays": [(act_label(act.code, act), part_said(act.part)) for act in stays],
        "fields": [each for act in node.actions.values() for each in act.fields],
        "faults": faults,
    }


def _change(request: HttpRequest, key: str, act: Callable[[int], object], onward: str, **shown: Any) -> HttpResponse:
    """Change the draft; what is refused comes back with the words that were entered."""
    sent = request.POST.get("version", "")
    try:
        act(int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _page(
            request, key, status=422 if isinstance(broken, BadInput) else broken.status, refusal=str(broken), **shown
        )
    return redirect(onward)


def _here(key: str, step: str = "") -> str:
    address = reverse("engagement:process", args=[key])
    return f"{address}?step={step}#step" if step else address


@require_POST
def step(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Save one step."""
    viewer = viewer_of(request)
    form = _step_form(request, key, code)
    if not form.is_valid():
        return _page(request, key, open_step=code, status=422, step=form)

    def save(version: int) -> object:
        return actions.save_step(by=viewer, key=key, code=code, step=form.step(), version=version)

    return _change(request, key, save, _here(key, code), open_step=code, step=form)


def _step_form(request: HttpRequest, key: str, code: str) -> StepEditor:
    definition = read(queries.editing_of(viewer_of(request), key).raw)
    if code not in definition.nodes:
        raise NotFound()
    return StepEditor(definition, code, request.POST)


@require_POST
def preview(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Return the problems and the diagram as they would be with the step as it is entered; nothing is saved."""
    raw = queries.editing_of(viewer_of(request), key).raw
    form = _step_form(request, key, code)
    if not form.is_valid():
        return HttpResponse(status=204)
    changed = editing.with_step(raw, code, form.step())
    context = {"key": key, "problems": problems(changed), "picture": queries.picture_of(read(changed), {code: "now"})}
    return private(render(request, "engagement/processes/beside.html", context))


@require_POST
def add(request: HttpRequest, key: str) -> HttpResponse:
    """Add a step."""
    viewer, form = viewer_of(request), NewStepForm(request.POST, auto_id="new-%s")
    if not form.is_valid():
        return _page(request, key, status=422, new=form)

    def run(version: int) -> object:
        return actions.add_step(by=viewer, key=key, version=version, **form.cleaned_data)

    return _change(request, key, run, _here(key, form.cleaned_data["code"]), new=form)


@require_POST
def remove(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Take a step out."""
    viewer = viewer_of(request)
    return _change(
        request, key, lambda version: actions.remove_step(by=viewer, key=key, code=code, version=version), _here(key)
    )


def _settings(raw: dict[str, Any], data: Any = None) -> SettingsForm:
    return SettingsForm(data, raw=raw, definition=read(raw), categories=queries.categories())


@require_POST
def settle(request: HttpRequest, key: str) -> HttpResponse:
    """Save what holds for the whole process."""
    viewer = viewer_of(request)
    raw = queries.editing_of(viewer, key).raw
    form = _settings(raw, request.POST)
    if not form.is_valid():
        return _page(request, key, status=422, settings=form)

    def run(version: int) -> object:
        return actions.save_settings(by=viewer, key=key, settings=form.settings(), version=version)

    return _change(request, key, run, _here(key), settings=form)


@require_POST
def take_in(request: HttpRequest, key: str) -> HttpResponse:
    """Make the draft what a BPMN file says."""
    viewer, form = viewer_of(request), ImportForm(request.POST, request.FILES, auto_id="upload-%s")
    if not form.is_valid():
        return _page(request, key, status=422, upload=form)
    content = form.cleaned_data["file"].read(bpmn.LARGEST + 1)

    def run(version: int) -> object:
        return actions.import_draft(by=viewer, key=key, content=content, version=version)

    return _change(request, key, run, _here(key), upload=form)


@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Forget the draft."""
    viewer = viewer_of(request)
    published = queries.editing_of(viewer, key).newest.version
    onward = _here(key) if published else reverse("engagement:processes")
    return _change(request, key, lambda version: actions.discard_draft(by=viewer, key=key, version=version), onward)


@require_safe
def export(request: HttpRequest, key: str) -> HttpResponse:
    """Return the draft, or the version that is asked for, as a BPMN file."""
    viewer = viewer_of(request)
    _editing, known = _by_version(viewer, key, queries.versions_of(viewer, key))
    raw, _name = known.get(request.GET.get("version", "")) or next(iter(known.values()))
    answer = HttpResponse(bpmn.exported(raw), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{key}.bpmn"'
    return private(answer)


def _by_version(
    viewer: Viewer, key: str, versions: list[Process]
) -> tuple[Editing, dict[str, tuple[dict[str, Any], str]]]:
    """Return what the editor shows, and by number each definition with its name, the latest (a draft) first."""
    editing_now = queries.editing_of(viewer, key)
    known = {str(each.version): (each.definition, _("version %(n)s") % {"n": each.version}) for each in versions}
    draft = {"draft": (editing_now.raw, _("draft"))} if editing_now.is_draft else {}
    return editing_now, draft | known


@require_safe
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """Show two versions side by side: what differs, and both diagrams. Unasked: the last change, published or not."""
    viewer = viewer_of(request)
    versions = queries.versions_of(viewer, key)
    if not versions:
        raise NotFound()
    editing_now, known = _by_version(viewer, key, versions)
    latest, *before = known
    b = request.GET.get("b") if request.GET.get("b") in known else latest
    a = request.GET.get("a") if request.GET.get("a") in known else (before or [latest])[0]
    left, right = known[str(a)], known[str(b)]
    context = {
        "editing": editing_now, "versions": versions, "left": left[1], "right": right[1], "a": a, "b": b,
        "differences": editing.differences(left[0], right[0]),
        "pictures": [(name, queries.picture_of(read(raw))) for raw, name in (left, right)],
    }  # fmt: skip
    return private(render(request, "engagement/processes/compare.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, key: str) -> HttpResponse:
    """Say what publishing does, to running cases too; then do it."""
    viewer = viewer_of(request)
    editing_now = queries.editing_of(viewer, key)
    definition = read(editing_now.raw)
    status, refusal = 200, ""
    if request.method == "POST":
        mapping = {name[5:]: str(value) for name, value in request.POST.items() if name.startswith("step-")}
        sent = request.POST.get("version", "")
        version = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0
        try:
            process = actions.publish_draft(
                by=viewer, key=key, version=version, move="move" in request.POST, mapping=mapping
            )
        except NotFound:
            raise
        except RuleBroken as broken:
            status, refusal = 422 if isinstance(broken, BadInput) else broken.status, str(broken)
        else:
            messages.success(request, _("Version %(n)d is published. New cases take it.") % {"n": process.version})
            return redirect("engagement:processes")
    context = {
        "editing": editing_now, "problems": problems(editing_now.raw), "refusal": refusal,
        "running": queries.running_of(viewer, key, definition),
        "differences": editing.differences(editing_now.newest.definition, editing_now.raw),
        "steps": [(node.code, node.label or node.code) for node in definition.nodes.values() if not node.end],
        "own": key not in KEYS,
        "subjects": [each.label for each in queries.categories() if each.code in definition.subjects],
    }  # fmt: skip
    return private(render(request, "engagement/processes/publish.html", context, status=status))
