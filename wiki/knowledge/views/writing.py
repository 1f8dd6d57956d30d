"""Writing: a new page or other words for one, shown first, then sent to review."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.rules import BadInput, Conflict, NotFound, TooMany
from accounts.viewers import Viewer
from engagement.queries import published_letter
from engagement.redaction import redacted
from wiki.knowledge import actions, queries, rules
from wiki.knowledge.forms import NewPageForm, PageForm
from wiki.knowledge.models import Page, Proposal

from .base import number_in, refuse, viewer_of


def create(request: HttpRequest) -> HttpResponse:
    """Write a new page; it may begin with a published letter, or be the translation of a page."""
    viewer = viewer_of(request)
    rules.check_write(viewer)
    nodes = queries.tree(viewer)
    form = NewPageForm(request.POST or None, nodes=nodes, initial=_beginning(request, viewer, nodes))
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "preview":
            context["html"] = queries.preview(None, form.cleaned_data["text"])
        elif made := _proposed_page(viewer, nodes, form):
            messages.success(request, _("Sent to review. You are told when somebody has decided."))
            return redirect("wiki:proposal", proposal_id=made.pk)
    return render(request, "knowledge/edit.html", context, status=400 if form.errors else 200)


def _beginning(request: HttpRequest, viewer: Viewer, nodes: list[queries.Node]) -> dict[str, Any]:
    """Return what stands in the form at first."""
    given: dict[str, Any] = {"parent": request.GET.get("below", ""), "slug": request.GET.get("slug", "")}
    if request.GET.get("audience") in Page.Audience.values:
        given["audience"] = request.GET["audience"]
    if request.GET.get("letter"):
        given |= _from_letter(request.GET["letter"], nodes)
    twin = next((node for node in nodes if node.page.pk == number_in(request, "twin")), None)
    if twin is not None:
        given |= _from_twin(viewer, twin, nodes)
    return given


def _from_letter(number: str, nodes: list[queries.Node]) -> dict[str, Any]:
    """Begin with the public copy of a letter, looked through once more for what could tell who wrote it."""
    copy = published_letter(number)
    language = copy.case.language
    home = next((node.url_id for node in nodes if node.depth == 1 and node.language == language), "")
    text = f"## {copy.title}\n\n{copy.reply}"
    return {"letter": copy.case.number, "parent": home, "title": redacted(copy.title), "text": redacted(text)}


def _from_twin(viewer: Viewer, twin: queries.Node, nodes: list[queries.Node]) -> dict[str, Any]:
    """Begin with the words to be translated, at the same place of the other language's tree where there is one."""
    first, _slash, rest = twin.path.partition("/")
    above = rest.rstrip("/").rpartition("/")[0]
    other = {"zh": "en", "en": "zh"}.get(first, first)
    wanted = f"{other}/{above}/" if above else f"{other}/"
    parent = next((node.url_id for node in nodes if node.path == wanted), "")
    shown = queries.page_at(viewer, twin.path)
    return {
        "twin": twin.page.pk, "parent": parent, "slug": shown.place.slug, "title": shown.revision.title,
        "text": shown.revision.content, "audience": twin.page.audience,
    }  # fmt: skip


def _proposed_page(viewer: Viewer, nodes: list[queries.Node], form: NewPageForm) -> Proposal | None:
    given = form.cleaned_data
    try:
        return actions.propose_page(
            by=viewer, parent_id=given["parent"], slug=given["slug"], title=given["title"], text=given["text"],
            audience=given["audience"], letter=given["letter"], twin_id=given["twin"], token=given["token"],
            language=next(node.language for node in nodes if node.url_id == given["parent"]),
        )  # fmt: skip
    except (BadInput, Conflict, TooMany) as refused:
        refuse(form, refused)
    except NotFound:
        form.add_error(None, _("What this page was to begin with is not there any more."))
    return None


def edit(request: HttpRequest, path: str) -> HttpResponse:
    """Suggest other words for a page; the preview shows it and what would change before anything is sent."""
    viewer = viewer_of(request)
    rules.check_suggest(viewer)
    shown = queries.page_at(viewer, path)
    revision = shown.revision
    initial = {"seen": revision.pk, "title": revision.title, "text": revision.content}
    form = PageForm(
        request.POST or None, initial=initial, paired=shown.page.twin_id is not None, simple=not viewer.is_official
    )
    context: dict[str, Any] = {"form": form, "shown": shown, "waiting": queries.waiting_for(shown.page)}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if request.POST.get("do") == "preview":
            context["html"] = queries.preview(shown, given["text"])
            context["changes"] = queries.changes(revision.content, given["text"])
        elif made := _proposed_change(viewer, shown, form):
            messages.success(request, _("Sent to review. You are told when somebody has decided."))
            return redirect("wiki:proposal", proposal_id=made.pk)
    return render(request, "knowledge/edit.html", context, status=400 if form.errors else 200)


def _proposed_change(viewer: Viewer, shown: queries.Shown, form: PageForm) -> Proposal | None:
    given = form.cleaned_data
    try:
        return actions.propose_change(
            by=viewer, place_id=shown.place.pk, seen=given["seen"] or 0, title=given["title"], text=given["text"],
            summary=given["summary"], minor=given.get("minor", False), same=given.get("same", False),
            token=given["token"],
        )  # fmt: skip
    except (BadInput, Conflict, TooMany) as refused:
        # The words stay in the form: whoever lost the race must not lose them too.
        refuse(form, refused)
        return None
