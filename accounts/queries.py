"""Looking people and units up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from .models import Person, Post, Role, Unit
from .prepared import Given, Prepared
from .rules import NotFound
from .viewers import Viewer


def open_posts(at: datetime | Given | None = None) -> QuerySet[Post]:
    """Return the posts in force at the moment `at`, now unless given."""
    at = at or timezone.now()
    return Post.objects.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at, person__is_active=True)


def people_at(unit_ids: Iterable[int], *roles: str, at: datetime | None = None) -> QuerySet[Person]:
    """Return the persons who hold one of the roles (any role when none is named) at one of the units."""
    posts = open_posts(at).filter(unit_id__in=list(unit_ids))
    if roles:
        posts = posts.filter(role__in=roles)
    return Person.objects.filter(pk__in=posts.values("person_id")).order_by("name", "pk")


def visible_to(viewer: Viewer) -> QuerySet[Person]:
    """Return the persons whose account the viewer may read: their own, and for administrators everybody's."""
    if viewer.person is None:
        return Person.objects.none()
    if viewer.holds(Role.ADMINISTRATOR):
        return Person.objects.all()
    return Person.objects.filter(pk=viewer.person.pk)


TREE: Prepared[Unit] = Prepared(lambda: Unit.objects.filter(active=True).order_by("path"))


def unit_tree() -> list[Unit]:
    """Return the active units from the root down, children right after their parent."""
    return TREE.all()


def unit_of(code: str) -> Unit:
    """Return the active unit with the code. Raises NotFound."""
    found = Unit.objects.filter(code=code, active=True).first()
    if found is None:
        raise NotFound()
    return found


def units_below(unit_ids: Iterable[int]) -> list[int]:
    """Return the ids of the units and of everything below them."""
    below = Q()
    for path in Unit.objects.filter(pk__in=list(unit_ids)).values_list("path", flat=True):
        below |= Q(path__startswith=path)
    return list(Unit.objects.filter(below).values_list("pk", flat=True)) if below else []


def person_by_id(person_id: int) -> Person:
    """Return the active person. Raises NotFound."""
    found = Person.objects.filter(pk=person_id, is_active=True).first()
    if found is None:
        raise NotFound()
    return found


def person_by_login(login: str) -> Person | None:
    """Return the active person whose user name, e-mail address or mobile number this is.

    None for nobody and for a mobile number that several persons share.
    """
    login = login.strip()
    if not login or "\0" in login:
        return None
    active = Person.objects.filter(is_active=True)
    found = active.filter(username=login).first()
    if found is None and "@" in login:
        found = person_by_email(login)
    if found is None:
        by_phone = list(active.filter(phone=plain_phone(login)).exclude(phone="")[:2])
        found = by_phone[0] if len(by_phone) == 1 else None
    return found


def person_by_email(address: str) -> Person | None:
    """Return the active person with this address, however its letters are written; None for nobody."""
    # As the index person_by_email has it.
    alike = Person.objects.annotate(lower=Lower("email")).filter(lower=address.lower()).exclude(email="")
    return alike.filter(is_active=True).order_by("pk").first()


def plain_phone(value: str) -> str:
    """Return a telephone number without the spaces and signs people put into it."""
    return "".join(sign for sign in value if sign.isdigit() or sign == "+")
