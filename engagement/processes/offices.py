"""Which office a step belongs to: looked for from the case's home or unit upwards in the tree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import DateTimeField, Exists, OuterRef

from accounts.models import Person, Post, Role, Unit
from accounts.prepared import Given, Prepared, one_of
from accounts.queries import open_posts

from ..models import Case

# Which of several units have somebody in one of the roles.
SERVED: Prepared[tuple[int]] = Prepared(
    lambda: (
        open_posts(Given("at", DateTimeField()))
        .filter(one_of("unit_id", "units"), one_of("role", "roles"))
        .values_list("unit_id")
    )
)


# A person, where they hold one of the roles at the unit.
SERVING: Prepared[Person] = Prepared(
    lambda: Person.objects.filter(
        Exists(
            open_posts(Given("at", DateTimeField())).filter(
                one_of("role", "roles"), person=OuterRef("pk"), unit=Given("unit")
            )
        ),
        pk=Given("person"),
    )
)


@lru_cache(maxsize=8)
def _path(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in path.split("/") if part)


def city() -> Unit | None:
    """Return the root of the tree of units."""
    return Unit.objects.filter(parent=None).order_by("pk").first()


def office_for(start: Unit | None, roles: tuple[str, ...], at: datetime) -> Unit | None:
    """Return the first unit from `start` upwards where somebody serves in one of the roles, at last the city."""
    if start is None:
        return city()
    ids = _path(start.path)
    served = {unit_id for (unit_id,) in SERVED.all(at=at, units=ids, roles=roles)}
    nearest = next((unit_id for unit_id in reversed(ids) if unit_id in served), None)
    if nearest == start.pk:
        return start
    return Unit.objects.get(pk=nearest) if nearest else city()


def serving(person_id: int, unit: Unit, roles: tuple[str, ...], at: datetime) -> Person | None:
    """Return the person if they serve at the unit in one of the roles."""
    return SERVING.first(at=at, person=person_id, unit=unit.pk, roles=roles)


def integrity_unit() -> Unit | None:
    """Return the unit that alone handles reports of wrongdoing."""
    return Unit.objects.filter(code=settings.INTEGRITY_UNIT, active=True).first()


def home_of(case: Case) -> Unit | None:
    """Return the unit from which intake and dispatching are looked for."""
    if case.mailbox is not None:
        return case.mailbox.unit
    first = case.tasks.order_by("pk").select_related("unit").first()
    return first.unit if first else None


def units_by_code(codes: Iterable[str]) -> list[Unit]:
    """Return the active units in the order of the codes; unknown ones are left out."""
    wanted = list(codes)
    found = {unit.code: unit for unit in Unit.objects.filter(code__in=wanted, active=True)}
    return [found[code] for code in wanted if code in found]


# Active units, each with whether somebody handles cases there.
HANDLING: Prepared[Unit] = Prepared(
    lambda: Unit.objects.filter(one_of("pk", "units"), active=True).annotate(
        handles=Exists(open_posts(Given("at", DateTimeField())).filter(unit=OuterRef("pk"), role=Role.HANDLER))
    )
)


def units_by_id(ids: Iterable[int], at: datetime) -> dict[int, Unit]:
    """Return the active ones of these units; each says by `handles` whether somebody handles cases there now."""
    return {unit.pk: unit for unit in HANDLING.all(units=list(ids), at=at)}


def serves(viewer_posts: tuple[Post, ...], unit_id: int | None, roles: tuple[str, ...]) -> bool:
    """Return whether one of the posts is one of the roles at the unit."""
    return any(post.unit_id == unit_id and post.role in roles for post in viewer_posts)
