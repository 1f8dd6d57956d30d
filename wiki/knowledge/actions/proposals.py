"""Review before anything stands in the handbook: proposed by one person, approved or sent back by another."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person, Post, Role, Unit
from accounts.queries import people_at
from accounts.rates import limit_rate
from accounts.rules import BadInput, Conflict, NotFound, clean_text
from accounts.viewers import Viewer, person_viewer
from engagement.queries import published_letter
from journal.actions import append
from journal.models import Entry
from notices.actions import notify

from .. import rules
from ..models import Page, Proposal
from .care import pair
from .pages import change_page, create_page
from .tree import check_place, page_of, path_of, place_at, place_of

MOST_TOLD = 30


@transaction.atomic
def propose_change(
    *,
    by: Viewer,
    place_id: int,
    seen: int,
    title: str,
    text: str,
    summary: str = "",
    minor: bool = False,
    same: bool = False,
    token: str = "",
    at: datetime | None = None,
) -> Proposal:
    """Propose other words for a page; `seen` is the id of the revision that the editor showed. Nothing changes yet.

    The same form's `token` again gives the same proposal. Raises NotYours without an account, NotFound, Conflict if
    the page has changed meanwhile, BadInput when nothing would change, TooMany.
    """
    rules.check_suggest(by)
    title, text = rules.clean_title(title), rules.clean_words(text)
    found = _repeated(by, token)
    if found:
        return found
    place = place_at(place_id)
    page = page_of(by, place)
    before = place.article.current_revision
    if before.deleted:
        raise NotFound()
    rules.check_unchanged(before.pk, seen)
    if (before.title, before.content) == (title, text) and not same:
        raise BadInput(_("You changed nothing yet."), field="text")
    return _propose(
        by, token, at, page=page, base=before.pk, title=title, text=text, minor=minor, same=same, unit=page.unit,
        audience=page.audience, language=page.language,
        summary=clean_text(summary, most=rules.MOST_SUMMARY, field="summary", newlines=False),
    )  # fmt: skip


@transaction.atomic
def propose_page(
    *,
    by: Viewer,
    parent_id: int,
    slug: str,
    title: str,
    text: str,
    audience: str = Page.Audience.PUBLIC,
    language: str = "",
    letter: str = "",
    twin_id: int | None = None,
    token: str = "",
    at: datetime | None = None,
) -> Proposal:
    """Propose a new page below a place; `letter` is the number of the published letter that it grows out of.

    Raises NotYours for all but officials, NotFound, also for a letter that is not public, BadInput, TooMany.
    """
    rules.check_write(by)
    slug, title, text = rules.clean_slug(slug), rules.clean_title(title), rules.clean_words(text)
    found = _repeated(by, token)
    if found:
        return found
    if audience not in Page.Audience.values:
        raise BadInput(field="audience")
    check_place(by, place_at(parent_id), slug)
    language = language or by.language
    if language not in dict(settings.LANGUAGES):
        raise BadInput(field="language")
    return _propose(
        by, token, at, parent=parent_id, slug=slug, title=title, text=text, audience=audience, language=language,
        case=published_letter(letter).case if letter else None, unit=by.posts[0].unit if by.posts else None,
        twin=_readable(by, twin_id) if twin_id else None,
    )  # fmt: skip


def _readable(by: Viewer, page_id: int) -> Page:
    found = Page.objects.filter(pk=page_id if 0 < page_id < 2**63 else 0).first()
    if found is None:
        raise NotFound()
    return page_of(by, place_of(found))


def _repeated(by: Viewer, token: str) -> Proposal | None:
    return Proposal.objects.filter(token=digest_of(by, token)).first() if token else None


def digest_of(by: Viewer, token: str) -> str | None:
    """Return what is kept of a form's token; None without one. Another person's equal token is another."""
    return hashlib.sha256(f"{by.key}:{token}".encode("utf-8", "replace")).hexdigest() if token else None


def _propose(by: Viewer, token: str, at: datetime | None, **given: Any) -> Proposal:
    limit_rate("wiki-send", by.key, rules.SENDS, rules.SENDS_SECONDS)
    assert by.person is not None
    moment = at or timezone.now()
    try:
        with transaction.atomic():
            made = Proposal.objects.create(author=by.person, at=moment, token=digest_of(by, token), **given)
    except IntegrityError:
        raise Conflict() from None
    data = {"proposal": made.pk}
    entry = append(made.stream_name, "page.proposed", data, by=by.person, at=moment)
    for person in reviewers_of(made)[:MOST_TOLD]:
        _tell(person, entry, "wiki.proposed", made, f"/wiki/_reviews/{made.pk}/", by=by.person)
    return made


def reviewers_of(proposal: Proposal) -> list[Person]:
    """Return who may decide about the proposal, in the order of their ids."""
    unit: Unit | None = proposal.page.unit if proposal.page else proposal.unit
    held = Post.objects.filter(role=Role.MODERATOR).values_list("unit_id", flat=True)
    found = set(people_at(set(held), Role.MODERATOR))
    if unit is not None:
        found |= set(people_at([unit.pk], Role.REVIEWER, Role.LEADER))
    found = {person for person in found if person.pk != proposal.author_id}
    return sorted(
        (person for person in found if rules.may_review(person_viewer(person), proposal)), key=lambda each: each.pk
    )


def _tell(person: Person, entry: Entry, kind: str, proposal: Proposal, url: str, **context: Any) -> None:
    about = {"title": proposal.title, "reason": proposal.reason, "reviewer": proposal.reviewer}
    notify(entry=entry, kind=kind, person=person, channels=(), context={**about, **context}, url=url)


@transaction.atomic
def approve_proposal(*, by: Viewer, proposal_id: int, at: datetime | None = None) -> Any:
    """Let the proposed words stand, as a second person, and tell their author; return the page's place.

    Raises NotFound, WrongStatus for one's own words, Conflict when it was decided already or the page has changed
    since, BadInput when the address was taken meanwhile.
    """
    proposal = _locked(proposal_id)
    rules.check_review(by, proposal)
    moment = at or timezone.now()
    author = person_viewer(proposal.author, moment)
    proposal.reviewer, proposal.decided_at, proposal.state = by.person, moment, Proposal.State.PUBLISHED
    place = _changed(by, author, proposal, moment) if proposal.page else _laid(author, proposal, moment)
    page = place.article.page
    if proposal.page is None:
        proposal.page = page
    proposal.save()
    told = {"proposal": proposal.pk, "author": proposal.author_id}
    entry = append(page.stream_name, "page.approved", told, by=by.person, at=moment)
    _tell(proposal.author, entry, "wiki.approved", proposal, f"/wiki/{path_of(place)}")
    return place


def _changed(by: Viewer, author: Viewer, proposal: Proposal, at: datetime) -> Any:
    assert proposal.page is not None
    place = place_of(proposal.page)
    page_of(by, place)
    change_page(
        by=author, place_id=place.pk, seen=proposal.base or 0, title=proposal.title, text=proposal.text,
        summary=proposal.summary, minor=proposal.minor, same=proposal.same, reviewer=by.person, at=at,
    )  # fmt: skip
    return place_at(place.pk)


def _laid(author: Viewer, proposal: Proposal, at: datetime) -> Any:
    made = create_page(
        by=author, parent_id=proposal.parent or 0, slug=proposal.slug, title=proposal.title, text=proposal.text,
        audience=proposal.audience, language=proposal.language, reviewer=proposal.reviewer, unit=proposal.unit, at=at,
    )  # fmt: skip
    place = place_at(made.pk)
    page = place.article.page
    if proposal.case_id is not None:
        Page.objects.filter(pk=page.pk).update(case=proposal.case_id)
    if proposal.twin is not None and proposal.twin.twin_id is None:
        pair(page, proposal.twin)
    return place


@transaction.atomic
def send_back_proposal(*, by: Viewer, proposal_id: int, reason: str, at: datetime | None = None) -> Proposal:
    """Send the proposed words back to their author with a reason. Raises as approve_proposal."""
    reason = clean_text(reason, most=rules.MOST_REASON, least=1, field="reason")
    proposal = _locked(proposal_id)
    rules.check_review(by, proposal)
    moment = at or timezone.now()
    proposal.reviewer, proposal.decided_at, proposal.state = by.person, moment, Proposal.State.SENT_BACK
    proposal.reason = reason
    proposal.save()
    entry = append(proposal.stream_name, "page.sent_back", {"proposal": proposal.pk}, by=by.person, at=moment)
    _tell(proposal.author, entry, "wiki.sent_back", proposal, f"/wiki/_reviews/{proposal.pk}/")
    return proposal


@transaction.atomic
def withdraw_proposal(*, by: Viewer, proposal_id: int, at: datetime | None = None) -> Proposal:
    """Take one's own proposal back. Raises NotFound for everybody else's, Conflict when it is decided."""
    proposal = _locked(proposal_id)
    if by.person is None or proposal.author_id != by.person.pk:
        raise NotFound()
    rules.check_waiting(proposal)
    proposal.state, proposal.decided_at = Proposal.State.WITHDRAWN, at or timezone.now()
    proposal.save(update_fields=["state", "decided_at"])
    append(proposal.stream_name, "page.withdrawn", {"proposal": proposal.pk}, by=by.person, at=at)
    return proposal


def _locked(proposal_id: int) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("page__unit", "unit", "author", "twin")
    found = rows.filter(pk=proposal_id).first() if 0 < proposal_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found
