"""Looking after pages: whose they are, until when they are right, and what they are in the other language."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Role, Unit
from accounts.queries import people_at
from accounts.rules import NotFound
from accounts.viewers import Viewer
from journal.actions import append
from notices.actions import notify

from .. import rules
from ..models import Page
from .tree import page_of, path_of, place_at, place_of

BATCH = 50


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


def remind_of_expiry(at: datetime | None = None) -> int:
    """Tell the units of pages that must soon be looked at again, and once more on the day; return of how many."""
    moment = at or timezone.now()
    today = timezone.localdate(moment)
    soon = Q(expires_on__lte=today + timedelta(days=rules.REMIND_DAYS), reminded_on__isnull=True)
    again = Q(expires_on__lte=today, reminded_on__lt=F("expires_on"))
    # A page whose day was moved is reminded of anew.
    moved = Q(expires_on__lte=today + timedelta(days=rules.REMIND_DAYS)) & Q(
        reminded_on__lt=F("expires_on") - timedelta(days=rules.REMIND_DAYS)
    )
    due = Page.objects.filter(soon | again | moved, article__current_revision__deleted=False).order_by("pk")
    told = 0
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        told += _reminded(pk, today, moment)
    return told


@transaction.atomic
def _reminded(page_id: int, today: date, at: datetime) -> int:
    page = (
        Page.objects.select_for_update(of=("self",)).select_related("unit", "article__current_revision").get(pk=page_id)
    )
    if page.expires_on is None or page.reminded_on == today:
        return 0
    page.reminded_on = today
    page.save(update_fields=["reminded_on"])
    title, day = page.article.current_revision.title, page.expires_on
    entry = append(page.stream_name, "page.expiring", {"expires_on": day.isoformat()}, at=at)
    people = people_at([page.unit_id] if page.unit_id else [], at=at)
    if not people.exists():
        moderating = people_at(Unit.objects.values_list("pk", flat=True), Role.MODERATOR, at=at)
        people = moderating
    for person in people.order_by("pk")[:BATCH]:
        notify(
            entry=entry, kind="wiki.expiring", person=person,
            channels=("email",) if settings.MAIL_TO_OFFICIALS else (),
            context={"title": title, "day": day, "passed": day <= today}, url=f"/wiki/{path_of(place_of(page))}", at=at,
        )  # fmt: skip
    return 1
