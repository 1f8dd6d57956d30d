"""Looking after pages: whose they are, until when they are right, and what they are in the other language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Person, Role, Unit
from accounts.queries import people_at
from accounts.rules import NotFound
from accounts.viewers import Viewer
from journal.actions import append
from journal.history import Past
from notices.actions.many import Telling, notify_many

from .. import rules
from ..models import Page
from .tree import page_of, path_of, place_at, place_of

MOST_TOLD, MOST_OWNERS = 200, 50


@transaction.atomic
def review_page(*, by: Viewer, place_id: int, at: datetime | None = None) -> None:
    """Note that the page, as it stands, was looked at and is right; it is asked about again later. Raises NotFound."""
    place = place_at(place_id)
    page = _kept(by, place)
    moment = at or timezone.now()
    page.reviewed_at, page.reviewed_by, page.reviewed_revision = moment, by.person, place.article.current_revision_id
    page.expires_on = rules.next_check(timezone.localdate(moment))
    page.save(update_fields=["reviewed_at", "reviewed_by", "reviewed_revision", "expires_on"])
    append(page.stream_name, "page.reviewed", {"revision": page.reviewed_revision}, by=by.person, at=moment)


@transaction.atomic
def care_for_page(
    *,
    by: Viewer,
    place_id: int,
    unit_id: int | None,
    expires_on: date | None,
    twin_id: int | None,
    at: datetime | None = None,
) -> Page:
    """Set who owns the page, by when it must be looked at again, and which page says the same in the other language.

    Raises NotFound, NotYours, BadInput.
    """
    moment = at or timezone.now()
    place = place_at(place_id)
    page = _kept(by, place)
    unit = Unit.objects.filter(pk=unit_id, active=True).first() if unit_id else None
    if unit_id and unit is None:
        raise rules.BadInput(field="unit")
    if expires_on != page.expires_on:
        page.expires_on = rules.clean_expiry(expires_on, timezone.localdate(moment))
    page.unit = unit
    page.save(update_fields=["unit", "expires_on"])
    if twin_id != page.twin_id:
        _pair_anew(by, page, twin_id)
    expiry = page.expires_on.isoformat() if page.expires_on else ""
    kept = {"unit": unit_id or 0, "expires_on": expiry, "twin": twin_id or 0}
    append(page.stream_name, "page.cared_for", kept, by=by.person, at=moment)
    return page


def _kept(by: Viewer, place: object) -> Page:
    """Return the page below its row's lock if the viewer looks after it."""
    page = page_of(by, place)
    rules.check_keep(by, page)
    return Page.objects.select_for_update(of=("self",)).select_related("article").get(pk=page.pk)


def _pair_anew(by: Viewer, page: Page, twin_id: int | None) -> None:
    Page.objects.filter(Q(pk=page.twin_id) | Q(pk=page.pk)).update(twin=None, matches=None)
    page.twin = None
    if twin_id:
        other = Page.objects.select_related("article").filter(pk=twin_id).first()
        if other is None:
            raise NotFound()
        page_of(by, place_of(other))
        rules.check_keep(by, other)
        pair(page, other)


def pair(one: Page, other: Page) -> None:
    """Make two pages each other's translation, as they stand now. Raises BadInput."""
    rules.check_pair(one, other)
    for page, twin in ((one, other), (other, one)):
        page.twin, page.matches = twin, twin.article.current_revision_id
        page.save(update_fields=["twin", "matches"])


@transaction.atomic
def remind_of_expiry(at: datetime | None = None) -> int:
    """Tell the owners of pages that must soon be looked at again, and once more on the day; return of how many pages.

    Each person is told once a day, of all pages of their units together: what falls due after that waits for the next
    day.
    """
    moment = at or timezone.now()
    today = timezone.localdate(moment)
    told_units = set(Page.objects.filter(reminded_on=today).values_list("unit_id", flat=True))
    due = list(_due(today)[:MOST_TOLD])
    owners = {unit: _owners(unit, moment) for unit in told_units | {page.unit_id for page in due}}
    told = {person for unit in told_units for person in owners[unit]}
    pages = [page for page in due if page.unit_id not in told_units and told.isdisjoint(owners[page.unit_id])]
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(reminded_on=today)
    said = {page.pk: Past(page.stream_name, "page.expiring", moment, _expiry(page)) for page in pages}
    notify_many(_reminders(pages, owners, said, today), at=moment, said=list(said.values()))
    return len(pages)


def _due(today: date) -> QuerySet[Page]:
    near = today + timedelta(days=rules.REMIND_DAYS)
    soon = Q(expires_on__lte=near, reminded_on__isnull=True)
    again = Q(expires_on__lte=today, reminded_on__lt=F("expires_on"))
    # A page whose day was moved is reminded of anew.
    moved = Q(expires_on__lte=near) & Q(reminded_on__lt=F("expires_on") - timedelta(days=rules.REMIND_DAYS))
    due = Page.objects.filter(soon | again | moved, article__current_revision__deleted=False)
    return due.select_for_update(of=("self",)).select_related("article__current_revision").order_by("pk")


def _expiry(page: Page) -> dict[str, str]:
    return {"expires_on": page.expires_on.isoformat() if page.expires_on else ""}


def _reminders(
    pages: list[Page], owners: dict[int | None, list[Person]], said: dict[int, Past], today: date
) -> list[Telling]:
    """Return what each owner is told: of one page itself, of several the list of them."""
    of: dict[Person, list[dict[str, Any]]] = {}
    first: dict[Person, Past] = {}
    for page in pages:
        line = {
            "title": page.article.current_revision.title, "day": page.expires_on,
            "passed": bool(page.expires_on and page.expires_on <= today), "url": f"/wiki/{path_of(place_of(page))}",
        }  # fmt: skip
        for person in owners[page.unit_id]:
            of.setdefault(person, []).append(line)
            first.setdefault(person, said[page.pk])
    channels = ("email",) if settings.MAIL_TO_OFFICIALS else ()
    return [
        Telling(
            person=person, entry=first[person], kind="wiki.expiring", channels=channels, context={"pages": lines},
            url=lines[0]["url"] if len(lines) == 1 else "/wiki/_reviews/",
        )
        for person, lines in of.items()
    ]  # fmt: skip


def _owners(unit_id: int | None, at: datetime) -> list[Person]:
    """Return who serves in the unit; moderators where there is nobody."""
    people = people_at([unit_id] if unit_id else [], at=at)
    if not people.exists():
        people = people_at(Unit.objects.values_list("pk", flat=True), Role.MODERATOR, at=at)
    return list(people.order_by("pk")[:MOST_OWNERS])
