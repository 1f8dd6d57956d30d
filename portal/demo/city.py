"""Building the city: units, people, mailboxes, desks with their shifts, categories, prepared answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Person, Post, Unit
from accounts.nicknames import key_of
from engagement.actions import load_criteria, load_grounds, load_ladder, load_processes, place_category, seed_calendar
from engagement.models import CannedReply, Category, Mailbox
from messaging.models import Desk, Shift

from . import categories, people
from .phrases import CANNED, DESKS, WORDS

CALENDAR_YEARS = (2025, 2026, 2027)
SHIFT_DAYS = 14
# The demo's posts began before its oldest case.
SERVED_DAYS = 900


@dataclass
class City:
    """Everything by its code or name, for those who build on it."""

    units: dict[str, Unit]
    people: dict[str, Person]
    mailboxes: dict[str, Mailbox]
    categories: dict[str, Category]
    desks: dict[str, Desk]

    def at(self, unit: str, role: str) -> Person:
        """Return the first person who holds the role at the unit."""
        for somebody in people.OFFICIALS:
            if (role, unit) in somebody.posts:
                return self.people[somebody.username]
        raise KeyError(f"{role} at {unit}")


def build(password: str, at: datetime) -> City:
    """Make the city; the shared password is hashed once, for hashing is meant to be slow."""
    units = _units()
    folk = _people(make_password(password))
    _posts(folk, units, at - timedelta(days=SERVED_DAYS))
    seed_calendar("city", CALENDAR_YEARS, name="明湖市工作日历", name_en="Minghu working days", unit=units["city"])
    load_processes(at=at - timedelta(days=SERVED_DAYS))
    load_grounds()
    load_ladder()
    load_criteria()
    city = City(units, folk, _mailboxes(folk, units), _categories(units), _desks(units))
    _canned(units)
    roster(at)
    return city


def _units() -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for place in people.UNITS:
        above = made.get(place.above)
        unit = Unit.objects.create(
            code=place.code, name=place.name, name_en=place.name_en, kind=place.kind, parent=above, phone=place.phone
        )
        unit.path = f"{above.path if above else '/'}{unit.pk}/"
        unit.save(update_fields=["path"])
        made[place.code] = unit
    return made


def _people(password: str) -> dict[str, Person]:
    rows = [
        Person(
            username=one.username, name=one.name, nickname=one.nickname, phone=one.phone, language=one.language,
            nickname_key=key_of(one.nickname),
            email=f"{one.username}@example.org", password=password,
        )
        for one in (*people.OFFICIALS, *people.CITIZENS)
    ]  # fmt: skip
    return {row.username: row for row in Person.objects.bulk_create(rows)}


def _posts(folk: dict[str, Person], units: dict[str, Unit], since: datetime) -> None:
    Post.objects.bulk_create(
        Post(person=folk[one.username], unit=units[unit], role=role, since=since)
        for one in people.OFFICIALS
        for role, unit in one.posts
    )


def _mailboxes(folk: dict[str, Person], units: dict[str, Unit]) -> dict[str, Mailbox]:
    return {
        box.slug: Mailbox.objects.create(
            slug=box.slug, leader=folk[box.leader], unit=units[box.unit], title=box.title, title_en=box.title_en,
            name_en=box.name_en, duties=box.duties, duties_en=box.duties_en, position=number,
        )
        for number, box in enumerate(people.MAILBOXES, start=1)
    }  # fmt: skip


def _categories(units: dict[str, Unit]) -> dict[str, Category]:
    """Return the leaves by their Chinese name."""
    leaves: dict[str, Category] = {}
    for code, name, name_en, unit, words, children in categories.TREE:
        root = Category.objects.create(
            code=code, name=name, name_en=name_en, unit=units.get(unit), words="\n".join(words.split())
        )
        for number, (child, child_en) in enumerate(children, start=1):
            leaves[child] = Category.objects.create(
                code=f"{code}-{number}", name=child, name_en=child_en, parent=root, unit=units.get(unit), words=child
            )
        place_category(category=root)
    for leaf in leaves.values():
        leaf.refresh_from_db(fields=["level", "root"])
    return leaves


def _desks(units: dict[str, Unit]) -> dict[str, Desk]:
    return {
        slug: Desk.objects.create(
            slug=slug, unit=units[unit], name=name, name_en=name_en, about=about, about_en=about_en, languages=languages
        )
        for slug, unit, name, name_en, about, about_en, languages, _officers in DESKS
    }


def _canned(units: dict[str, Unit]) -> None:
    CannedReply.objects.bulk_create(
        CannedReply(unit=units.get(unit), title=title, language=language, text=text, word=WORDS.get(title, ""))
        for unit, language, title, text in CANNED
    )


def roster(at: datetime) -> int:
    """Plan shifts at every desk for two weeks before and after, weekends too; return how many were missing."""
    desks = {desk.slug: desk for desk in Desk.objects.all()}
    folk = {one.username: one for one in Person.objects.filter(posts__role="duty_officer")}
    # Whoever sits there by now: a shift that was swapped is not planned a second time.
    ahead = Shift.objects.filter(starts_at__gte=at - timedelta(days=SHIFT_DAYS + 2))
    planned = set(ahead.values_list("desk_id", "starts_at"))
    made = [
        Shift(desk=desks[slug], officer=folk[username], starts_at=start, ends_at=end)
        for slug, *_names, officers in DESKS
        if slug in desks
        for username, start, end in _turns(officers, at)
        if username in folk and (desks[slug].pk, start) not in planned
    ]
    Shift.objects.bulk_create(made)
    return len(made)


def _turns(officers: tuple[tuple[str, int, int], ...], at: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield who serves from when until when; hours are local, and one beyond 24 belongs to the next day."""
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(-SHIFT_DAYS, SHIFT_DAYS + 1):
        for username, begins, ends in officers:
            start = today + timedelta(days=day)
            yield username, start + timedelta(hours=begins), start + timedelta(hours=ends)
