"""The tree of units, and who serves where in which role."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import rules
from ..models import Person, Post, Unit
from .people import signed_out
from .recording import note, subject_of


@transaction.atomic
def place_unit(
    *, code: str, name: str, name_en: str = "", kind: str = Unit.Kind.BUREAU, parent_id: int | None = None,
    phone: str = "", active: bool = True,
) -> Unit:  # fmt: skip
    """Make the unit with the code, or change it and move it, with all below it, under the parent.

    Raises BadInput for a code or name that cannot be used, Conflict when it would come to stand below itself.
    """
    # The tree is small and changes rarely: one lock for it keeps every path true.
    list(Unit.objects.select_for_update().order_by("pk"))
    unit = Unit.objects.filter(code=code).first() or Unit(code=rules.clean_code(code))
    parent = Unit.objects.filter(pk=parent_id).first() if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise rules.NotFound()
    rules.check_place(unit, parent)
    unit.name = rules.clean_text(name, most=120, least=1, field="name", newlines=False)
    unit.name_en = rules.clean_text(name_en, most=120, field="name_en", newlines=False)
    unit.kind, unit.parent, unit.active = rules.clean_kind(kind), parent, active
    unit.phone = rules.clean_text(phone, most=40, field="phone", newlines=False)
    unit.save()
    _move(unit, f"{parent.path if parent else '/'}{unit.pk}/")
    note("unit.placed", f"unit-{unit.pk}", active=int(active))
    return unit


def _move(unit: Unit, path: str) -> None:
    """Give the unit its path and everything below it the new beginning of theirs."""
    before, unit.path = unit.path, path
    if before == path:
        return
    unit.save(update_fields=["path"])
    if before:
        below = list(Unit.objects.filter(path__startswith=before).exclude(pk=unit.pk))
        for other in below:
            other.path = path + other.path.removeprefix(before)
        Unit.objects.bulk_update(below, ["path"])


@transaction.atomic
def add_post(
    *, person_id: int, unit_id: int, role: str, since: datetime | None = None, until: datetime | None = None
) -> Post:
    """Have a person serve at a unit in a role, from now unless given.

    Raises Conflict when they do so already, or would be administrator and auditor at once.
    """
    person = Person.objects.select_for_update().filter(pk=person_id, is_active=True).first()
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if person is None or unit is None:
        raise rules.NotFound()
    start = since or timezone.now()
    rules.check_post(list(Post.objects.filter(person=person)), unit, role, start, until)
    try:
        with transaction.atomic():
            post = Post.objects.create(person=person, unit=unit, role=role, since=start, until=until)
    except IntegrityError:
        raise rules.Conflict(_("This person already serves there in this role.")) from None
    note("post.added", subject_of(person.pk), role=role, unit=unit.pk)
    signed_out(person_id=person.pk)
    return post


@transaction.atomic
def end_post(*, post_id: int, at: datetime | None = None) -> Post:
    """End a post, now unless given; what was opened by it closes at that moment. Raises WrongStatus if it has ended."""
    post = Post.objects.select_for_update().select_related("person", "unit").filter(pk=post_id).first()
    if post is None:
        raise rules.NotFound()
    moment = at or timezone.now()
    rules.check_end(post, moment)
    if post.since >= moment:
        # It has not begun: a post that ends before its start never was.
        post.delete()
    else:
        post.until = moment
        post.save(update_fields=["until"])
    note("post.ended", subject_of(post.person_id), role=post.role, unit=post.unit_id)
    signed_out(person_id=post.person_id)
    return post
