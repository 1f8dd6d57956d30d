"""Looking after pages: order, owner, next check, files, and what was taken away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.queries import unit_tree
from accounts.rules import BadInput, NotFound, TooMany
from wiki.knowledge import actions, queries, rules
from wiki.knowledge.forms import CareForm, FileForm, MoveForm

from .base import refuse, viewer_of


def move(request: HttpRequest, path: str) -> HttpResponse:
    """Put a page elsewhere in the tree."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    rules.check_keep(viewer, shown.page)
    form = MoveForm(
        request.POST or None, nodes=queries.tree(viewer),
        initial={"parent": shown.place.parent_id, "slug": shown.place.slug},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            place = actions.move_page(by=viewer, place_id=shown.place.pk, parent_id=given["parent"], slug=given["slug"])
        except BadInput as bad:
            refuse(form, bad)
        else:
            return redirect("wiki:get", path=actions.path_of(place))
    return render(request, "knowledge/move.html", {"shown": shown, "form": form}, status=400 if form.errors else 200)


def care(request: HttpRequest, path: str) -> HttpResponse:
    """Set owner, next check and translation of a page."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    rules.check_keep(viewer, shown.page)
    page = shown.page
    form = CareForm(
        request.POST or None, units=unit_tree(), pages=queries.other_pages(queries.tree(viewer), page),
        initial={"unit": page.unit_id, "expires_on": page.expires_on, "twin": page.twin_id},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.care_for_page(
                by=viewer, place_id=shown.place.pk, unit_id=given["unit"], expires_on=given["expires_on"],
                twin_id=given["twin"],
            )  # fmt: skip
        except BadInput as bad:
            refuse(form, bad)
        except NotFound:
            form.add_error("twin", _("That page is not yours to pair."))
        else:
            messages.success(request, _("Noted."))
            return redirect(shown.url)
    return render(request, "knowledge/care.html", {"shown": shown, "form": form}, status=400 if form.errors else 200)


def files(request: HttpRequest, path: str) -> HttpResponse:
    """List the files beside a page and add one."""
    viewer = viewer_of(request)
    rules.check_write(viewer)
    shown = queries.page_at(viewer, path)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.attach_file(by=viewer, place_id=shown.place.pk, upload=form.cleaned_data["file"])
        except (BadInput, TooMany) as bad:
            form.add_error("file", str(bad))
        else:
            return redirect("wiki:files", path=shown.path)
    context = {
        "shown": shown, "form": form, "files": queries.files_of(shown),
        "may_keep": rules.may_keep(viewer, shown.page),
    }  # fmt: skip
    return render(request, "knowledge/files.html", context, status=400 if form.errors else 200)


@require_POST
def remove_file(request: HttpRequest, path: str, file_id: str) -> HttpResponse:
    """Take a file off a page."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    actions.detach_file(by=viewer, place_id=shown.place.pk, file_id=int(file_id))
    return redirect("wiki:files", path=shown.path)


@require_POST
def delete(request: HttpRequest, path: str) -> HttpResponse:
    """Take a page away."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    actions.delete_page(by=viewer, place_id=shown.place.pk)
    messages.success(request, _("“%(title)s” was taken away.") % {"title": shown.revision.title})
    return redirect("wiki:contents")


@require_POST
def restore(request: HttpRequest, path: str) -> HttpResponse:
    """Give a page back."""
    viewer = viewer_of(request)
    rules.check_write(viewer)
    shown = queries.page_at(viewer, path, deleted=True)
    actions.restore_page(by=viewer, place_id=shown.place.pk)
    return redirect(shown.url)


@require_POST
def review(request: HttpRequest, path: str) -> HttpResponse:
    """Note that the page is still right."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path)
    actions.review_page(by=viewer, place_id=shown.place.pk)
    messages.success(request, _("Thank you: the page is marked as checked."))
    return redirect(shown.url)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """List pages that were taken away, for those who may give them back."""
    viewer = viewer_of(request)
    rules.check_write(viewer)
    found = [
        (place, actions.path_of(place))
        for place in queries.deleted_pages()
        if rules.may_keep(viewer, place.article.page)
    ]
    return render(request, "knowledge/deleted.html", {"places": found})
