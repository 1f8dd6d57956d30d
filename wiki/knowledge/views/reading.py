"""Reading: contents, a page, its versions, source and files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.rules import BadInput, NotFound, clean_text
from engagement.rules.files import IMAGES, TYPES
from wiki.knowledge import queries, rules
from wiki.knowledge.forms import VoteForm

from .base import number_in, viewer_of


@require_safe
def contents(request: HttpRequest, path: str = "") -> HttpResponse:
    """List all pages in the reader's language, and how many there are in the other."""
    viewer = viewer_of(request)
    nodes = queries.tree(viewer)
    mine = [node for node in nodes if node.language == viewer.language]
    context = {
        "nodes": mine or nodes, "others": [node for node in nodes if node not in mine] if mine else [],
        "may_write": rules.may_write(viewer), "waiting": len(queries.to_review(viewer)),
        "stale": queries.stale_pages(mine) if viewer.is_official else set(), "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "knowledge/contents.html", context)


@require_safe
def page(request: HttpRequest, path: str) -> HttpResponse:
    """Show a page with the contents of its language at the side; an address that moved leads on."""
    viewer = viewer_of(request)
    shown = queries.found_at(viewer, path)
    if shown is None:
        now = queries.former_path(viewer, path)
        if not now:
            raise NotFound()
        return redirect("wiki:get", path=now)
    nodes = [node for node in queries.tree(viewer) if node.language == shown.page.language]
    layer = queries.office_layer(viewer, shown)
    cited, cases = queries.cited_in(viewer, shown)
    context = {
        "shown": shown, "html": queries.html_of(shown), "nodes": nodes, "twin": queries.twin_of(viewer, shown),
        "layer": layer, "layer_html": queries.html_of(layer) if layer else "", "office": rules.OFFICE,
        "files": queries.files_of(shown), "helped": queries.helped(viewer, shown), "vote_form": VoteForm(),
        "remarks": queries.remarks_count(shown), "letter": queries.grown_from(shown),
        "cited": cited, "cases": cases, "waiting": len(queries.to_review(viewer, shown.page)),
        "late": shown.page.expires_on is not None and shown.page.expires_on < timezone.localdate(),
        "cite": queries.version_url(shown.place.article),
        "may_write": rules.may_write(viewer), "may_keep": rules.may_keep(viewer, shown.page),
        "may_suggest": rules.may_suggest(viewer),
    }  # fmt: skip
    return render(request, "knowledge/page.html", context)


@require_safe
def cite(request: HttpRequest) -> HttpResponse:
    """Find the page that an answer is to rest on; each with the line that goes into the answer."""
    viewer = viewer_of(request)
    rules.check_write(viewer)
    try:
        words = clean_text(request.GET.get("q", ""), most=100, field="q", newlines=False)
    except BadInput:
        words = ""
    context = {"words": words, "found": queries.citable(viewer, words) if words else []}
    return render(request, "knowledge/cite.html", context)


@require_safe
def version(request: HttpRequest, article: str, number: str) -> HttpResponse:
    """Show a page as it stood in one revision, wherever the page stands now: what an answer cited."""
    shown, found = queries.version_at(viewer_of(request), int(article), int(number))
    if found.deleted:
        raise NotFound()
    context = {
        "shown": shown, "revision": found, "html": queries.preview(shown, found.content),
        "current": (found.title, found.content) == (shown.revision.title, shown.revision.content),
        "changes": queries.changes(found.content, shown.revision.content),
    }  # fmt: skip
    return render(request, "knowledge/version.html", context)


@require_safe
def source(request: HttpRequest, path: str) -> HttpResponse:
    """Show the words as they were written."""
    shown = queries.page_at(viewer_of(request), path)
    return render(request, "knowledge/source.html", {"shown": shown})


@require_safe
def history(request: HttpRequest, path: str) -> HttpResponse:
    """List the page's revisions."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path, deleted=rules.may_write(viewer))
    found = queries.revisions(shown, number_in(request, "before"))
    older = found[-1].revision_number if len(found) == queries.REVISIONS_A_PAGE else 0
    return render(request, "knowledge/history.html", {"shown": shown, "revisions": found, "older": older})


@require_safe
def revision(request: HttpRequest, path: str, number: str) -> HttpResponse:
    """Show what one revision changed."""
    viewer = viewer_of(request)
    shown = queries.page_at(viewer, path, deleted=rules.may_write(viewer))
    found = queries.revision_at(shown, int(number))
    before = found.previous_revision.content if found.previous_revision else ""
    context = {"shown": shown, "revision": found, "changes": queries.changes(before, found.content)}
    return render(request, "knowledge/revision.html", context)


@require_safe
def file(request: HttpRequest, path: str, file_id: str) -> HttpResponse:
    """Send a file of a page: pictures, which we have drawn ourselves, to be shown, all others to be saved."""
    shown = queries.page_at(viewer_of(request), path)
    found = queries.file_of(shown, int(file_id))
    ending = found.original_filename.rpartition(".")[2].lower()
    try:
        with found.current_revision.file.open("rb") as opened:
            content = opened.read()
    except OSError:
        raise NotFound() from None
    answer = HttpResponse(content, content_type=TYPES.get(ending, "application/octet-stream"))
    saved = content_disposition_header(ending not in IMAGES, found.original_filename)
    answer["Content-Disposition"] = saved or "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=60"
    return answer
