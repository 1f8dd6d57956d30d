"""Pages of the handbook: contents, reading, writing with a preview, history and order."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import BadInput, Conflict
from accounts.viewers import Viewer

from . import actions, queries, rules
from .forms import MoveForm, NewPageForm, PageForm


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


@require_safe
def contents(request: HttpRequest, path: str = "") -> HttpResponse:
    """List all pages in the reader's language, and how many there are in the other."""
    viewer = _viewer(request)
    nodes = queries.tree(viewer)
    mine = [node for node in nodes if node.language == viewer.language]
    context = {
        "nodes": mine or nodes, "others": [node for node in nodes if node not in mine] if mine else [],
        "may_write": rules.may_write(viewer),
    }  # fmt: skip
    return render(request, "knowledge/contents.html", context)


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponse:
    """Show a page with the contents of its language at the side."""
    viewer = _viewer(request)
    shown = queries.page_at(viewer, path)
    nodes = [node for node in queries.tree(viewer) if node.language == shown.page.language]
    context = {
        "shown": shown, "html": queries.html_of(shown), "nodes": nodes,
        "other": queries.other_language(viewer, shown),
        "may_write": rules.may_write(viewer), "may_keep": rules.may_keep(viewer, shown.page),
    }  # fmt: skip
    return render(request, "knowledge/page.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """Write a new page."""
    viewer = _viewer(request)
    rules.check_write(viewer)
    nodes = queries.tree(viewer)
    form = NewPageForm(request.POST or None, nodes=nodes, initial={"parent": request.GET.get("below", "")})
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if request.POST.get("do") == "preview":
            context["html"] = queries.preview(None, given["text"])
        else:
            language = next(node.language for node in nodes if node.url_id == given["parent"])
            try:
                place = actions.create_page(
                    by=viewer, parent_id=given["parent"], slug=given["slug"], title=given["title"], text=given["text"],
                    audience=given["audience"], language=language,
                )  # fmt: skip
            except BadInput as bad:
                _refuse(form, bad)
            else:
                return redirect("wiki:get", path=actions.path_of(place))
    return render(request, "knowledge/edit.html", context, status=400 if form.errors else 200)


def edit(request: HttpRequest, path: str) -> HttpResponse:
    """Change a page; the preview shows it and what would change before anything is kept."""
    viewer = _viewer(request)
    rules.check_write(viewer)
    shown = queries.page_at(viewer, path)
    revision = shown.revision
    initial = {"seen": revision.pk, "title": revision.title, "text": revision.content}
    form = PageForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {"form": form, "shown": shown}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if request.POST.get("do") == "preview":
            context["html"] = queries.preview(shown, given["text"])
            context["changes"] = queries.changes(revision.content, given["text"])
        elif _changed(viewer, shown, form):
            return redirect(shown.url)
    return render(request, "knowledge/edit.html", context, status=400 if form.errors else 200)


def _changed(viewer: Viewer, shown: queries.Shown, form: PageForm) -> bool:
    given = form.cleaned_data
    try:
        actions.change_page(
            by=viewer, place_id=shown.place.pk, seen=given["seen"] or 0, title=given["title"], text=given["text"],
            summary=given["summary"],
        )  # fmt: skip
    except (BadInput, Conflict) as refused:
        # The words stay in the form: whoever lost the race must not lose them too.
        _refuse(form, refused)
        return False
    return True


def _refuse(form: Form, refused: BadInput | Conflict) -> None:
    field = getattr(refused, "field", "")
    form.add_error(field if field in form.fields else None, str(refused))


@require_safe
def history(request: HttpRequest, path: str) -> HttpResponse:
    """List the page's revisions."""
    viewer = _viewer(request)
    shown = queries.page_at(viewer, path, deleted=rules.may_write(viewer))
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    found = queries.revisions(shown, before)
    older = found[-1].revision_number if len(found) == queries.REVISIONS_A_PAGE else 0
    return render(request, "knowledge/history.html", {"shown": shown, "revisions": found, "older": older})


@require_safe
def revision(request: HttpRequest, path: str, number: str) -> HttpResponse:
    """Show what one revision changed."""
    viewer = _viewer(request)
    shown = queries.page_at(viewer, path, deleted=rules.may_write(viewer))
    found = queries.revision_at(shown, int(number))
    before = found.previous_revision.content if found.previous_revision else ""
    context = {"shown": shown, "revision": found, "changes": queries.changes(before, found.content)}
    return render(request, "knowledge/revision.html", context)


def move(request: HttpRequest, path: str) -> HttpResponse:
    """Put a page elsewhere in the tree."""
    viewer = _viewer(request)
    shown = queries.page_at(viewer, path)
    rules.check_keep(viewer, shown.page)
    form = MoveForm(
        request.POST or None, nodes=queries.tree(viewer),
        initial={"parent": shown.place.parent_id, "slug": shown.place.slug},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            place = actions.move_page(
                by=viewer, place_id=shown.place.pk, parent_id=form.cleaned_data["parent"],
                slug=form.cleaned_data["slug"],
            )  # fmt: skip
        except BadInput as bad:
            _refuse(form, bad)
        else:
            return redirect("wiki:get", path=actions.path_of(place))
    return render(request, "knowledge/move.html", {"shown": shown, "form": form}, status=400 if form.errors else 200)


@require_POST
def delete(request: HttpRequest, path: str) -> HttpResponse:
    """Take a page away."""
    viewer = _viewer(request)
    shown = queries.page_at(viewer, path)
    actions.delete_page(by=viewer, place_id=shown.place.pk)
    messages.success(request, _("“%(title)s” was taken away.") % {"title": shown.revision.title})
    return redirect("wiki:contents")


@require_POST
def restore(request: HttpRequest, path: str) -> HttpResponse:
    """Give a page back."""
    viewer = _viewer(request)
    rules.check_write(viewer)
    shown = queries.page_at(viewer, path, deleted=True)
    actions.restore_page(by=viewer, place_id=shown.place.pk)
    return redirect(shown.url)


@require_POST
def review(request: HttpRequest, path: str) -> HttpResponse:
    """Note that the page is still right."""
    viewer = _viewer(request)
    shown = queries.page_at(viewer, path)
    actions.review_page(by=viewer, place_id=shown.place.pk)
    messages.success(request, _("Thank you: the page is marked as checked."))
    return redirect(shown.url)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """List pages that were taken away, for those who may give them back."""
    viewer = _viewer(request)
    rules.check_write(viewer)
    found = [
        (place, actions.path_of(place))
        for place in queries.deleted_pages()
        if rules.may_keep(viewer, place.article.page)
    ]
    return render(request, "knowledge/deleted.html", {"places": found})
