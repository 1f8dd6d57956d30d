"""What readers say: whether a page helped, and the discussion below it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.masking import masked
from accounts.rates import limit_rate
from accounts.rules import NotFound, clean_text
from accounts.viewers import Viewer
from journal.actions import append
from notices.actions import notify

from .. import rules
from ..models import Page, Remark, Vote
from .proposals import digest_of
from .tree import page_of, path_of, place_at


@transaction.atomic
def vote(*, by: Viewer, place_id: int, helpful: bool, words: str = "", at: datetime | None = None) -> Vote:
    """Say whether the page helped; a second vote of the same reader replaces the first.

    `words` say what was missing; only officials read them. Raises NotFound, BadInput, TooMany.
    """
    words = clean_text(words, most=rules.MOST_WORDS, field="words")
    place = place_at(place_id)
    page = page_of(by, place)
    if place.article.current_revision.deleted or not (by.person or by.visitor):
        raise NotFound()
    limit_rate("wiki-vote", by.key, rules.SENDS, rules.SENDS_SECONDS)
    said = {
        "helpful": helpful, "words": words, "revision": place.article.current_revision_id, "at": at or timezone.now(),
    }  # fmt: skip
    made, _is_new = Vote.objects.update_or_create(page=page, voter=by.key, defaults=said)
    return made


@transaction.atomic
def remark(*, by: Viewer, place_id: int, text: str, token: str = "", at: datetime | None = None) -> Remark:
    """Say something below a page; the people of its unit who spoke there before are told.

    The same form's `token` again gives the same remark. Raises NotYours without an account, NotFound, BadInput and
    TooMany.
    """
    rules.check_suggest(by)
    assert by.person is not None
    text = clean_text(text, most=rules.MOST_REMARK, least=1, field="text")
    # What an office gives as its own telephone number is meant to be called.
    text = text if by.is_official else masked(text)
    digest = digest_of(by, token)
    found = Remark.objects.filter(token=digest).first() if digest else None
    if found:
        return found
    place = place_at(place_id)
    page = page_of(by, place)
    if place.article.current_revision.deleted:
        raise NotFound()
    limit_rate("wiki-send", by.key, rules.SENDS, rules.SENDS_SECONDS)
    moment = at or timezone.now()
    try:
        with transaction.atomic():
            made = Remark.objects.create(
                page=page, author=by.person, unit=by.posts[0].unit if by.posts else None, text=text, at=moment,
                token=digest,
            )  # fmt: skip
    except IntegrityError:
        return Remark.objects.get(token=digest)
    _tell_others(by, page, made, f"/wiki/{path_of(place)}_talk/#remark-{made.pk}", place.article.current_revision.title)
    return made


def _tell_others(by: Viewer, page: Page, made: Remark, url: str, title: str) -> None:
    """Tell those who spoke there lately; a page without discussion tells who last found it right."""
    entry = append(page.talk_name, "page.remarked", {"remark": made.pk}, by=by.person, at=made.at)
    earlier = Remark.objects.filter(page=page, hidden_at__isnull=True).exclude(author=made.author)
    people = {each.author for each in earlier.select_related("author").order_by("-pk")[:20]}
    if page.reviewed_by is not None and page.reviewed_by_id != made.author_id:
        people.add(page.reviewed_by)
    for person in sorted(people, key=lambda each: each.pk):
        notify(entry=entry, kind="wiki.remarked", person=person, channels=(), context={"title": title}, url=url)


@transaction.atomic
def hide_remark(*, by: Viewer, remark_id: int, reason: str, at: datetime | None = None) -> Remark:
    """Hide what somebody said, with a reason that its author reads. Raises NotFound, BadInput."""
    reason = clean_text(reason, most=300, least=1, field="reason", newlines=False)
    rows = Remark.objects.select_for_update(of=("self",)).select_related("page__article__current_revision", "author")
    found = rows.filter(pk=remark_id).first() if 0 < remark_id < 2**63 else None
    if found is None:
        raise NotFound()
    rules.check_keep(by, found.page)
    if found.hidden_at is None:
        found.hidden_at, found.hidden_by, found.reason = at or timezone.now(), by.person, reason
        found.save(update_fields=["hidden_at", "hidden_by", "reason"])
        entry = append(found.page.talk_name, "page.remark_hidden", {"remark": found.pk}, by=by.person, at=at)
        title = found.page.article.current_revision.title
        context = {"title": title, "reason": reason}
        notify(entry=entry, kind="wiki.remark_hidden", person=found.author, channels=(), context=context, url="/wiki/")
    return found
