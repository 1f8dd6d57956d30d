"""Who may see which cases: the only way from a viewer to rows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet

from accounts.models import Role
from accounts.prepared import Given, Prepared
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Contact, Task
from ..processes.definition import CITIZEN
from ..processes.tasks import open_tasks
from .sealed import open_words

# Those who work on a case at the unit that holds it.
WORKERS = (Role.HANDLER, Role.REVIEWER)
DESK = (Role.INTAKE_OFFICER, Role.DISPATCHER)
PARTS = ("process", "unit", "handler", "category", "mailbox", "mailbox__leader", "mailbox__unit", "citizen")


def visible_to(viewer: Viewer) -> QuerySet[Case]:
    """Return the cases the viewer may read: their own, those opened with a code, and those of their office."""
    return Case.objects.filter(_own(viewer) | _office(viewer))


def own_to(viewer: Viewer) -> QuerySet[Case]:
    """Return the cases the viewer may read as the citizen they are about."""
    return Case.objects.filter(_own(viewer))


def office_cases(viewer: Viewer) -> QuerySet[Case]:
    """Return the cases the viewer may read as an official, internal notes included; never one of their own."""
    return Case.objects.filter(_office(viewer))


def _own(viewer: Viewer) -> Q:
    numbers = [key[5:] for key in viewer.grants if key.startswith("case-")]
    own = Q(number__in=numbers) if numbers else Q(pk__in=[])
    return own | Q(citizen=viewer.person) if viewer.person else own


def _office(viewer: Viewer) -> Q:
    if viewer.person is None or not viewer.posts:
        return Q(pk__in=[])
    holding = Q(unit_id__in=viewer.units(*WORKERS))
    holding |= Q(mailbox__leader=viewer.person, mailbox__unit_id__in=viewer.units(Role.LEADER))
    holding |= Q(mailbox__unit_id__in=viewer.units(Role.SECRETARY))
    holding |= Q(unit_id__in=viewer.scope(Role.SUPERVISOR))
    open_to = _open_tasks(viewer)
    if open_to:
        tasks = Task.objects.filter(open_to, case=OuterRef("pk"), status=Task.Status.OPEN)
        holding |= Q(Exists(tasks))
    # A report is for the workers of the integrity unit itself: no leader, no supervisor, nobody above or below.
    secret = Q(confidential=True, unit_id__in=viewer.units(*WORKERS))
    own = Q(citizen=viewer.person, citizen__isnull=False)
    return (Q(confidential=False) & holding | secret) & ~own


def office_rights(viewer: Viewer) -> tuple[Any, ...]:
    """Return all that `office_cases` asks of the viewer: for who is alike in it, it is the same question."""
    held = frozenset((post.unit_id, post.role) for post in viewer.posts)
    return viewer.person.pk if viewer.person else None, held, viewer.scope(Role.SUPERVISOR)


def _open_tasks(viewer: Viewer) -> Q:
    """Tasks that lie at the viewer's offices, waiting for them, for the citizen they asked, or in their scope."""
    found = Q()
    for post in viewer.posts:
        if post.role in (*DESK, *WORKERS):
            found |= Q(unit_id=post.unit_id, role_needed=post.role)
        if post.role in DESK:
            found |= Q(unit_id=post.unit_id, role_needed=CITIZEN, case__unit__isnull=True)
    scope = viewer.scope(Role.SUPERVISOR)
    return found | Q(unit_id__in=scope) if scope else found


def offices_of(case: Case, tasks: Iterable[Task]) -> frozenset[tuple[int | None, str]]:
    """Return which role at which unit reads a case in hand, by what `_office` asks of it and of its open tasks."""
    held: set[tuple[int | None, str]] = {(case.unit_id, role) for role in WORKERS if case.unit_id}
    if case.confidential:
        return frozenset(held)
    if case.mailbox is not None:
        held |= {(case.mailbox.unit_id, Role.SECRETARY), (case.mailbox.unit_id, Role.LEADER)}
    for task in tasks:
        if task.role_needed in (*DESK, *WORKERS):
            held.add((task.unit_id, task.role_needed))
        elif task.role_needed == CITIZEN and case.unit_id is None:
            held |= {(task.unit_id, role) for role in DESK}
    watched = {case.unit_id, *(task.unit_id for task in tasks)}
    return frozenset(held | {(unit, Role.SUPERVISOR) for unit in watched if unit})


def in_office(viewer: Viewer, case: Case, tasks: Iterable[Task]) -> bool:
    """Return whether a case in hand, with its open tasks, is among the viewer's `office_cases`; asks no question."""
    person, box = viewer.person, case.mailbox
    if person is None or case.citizen_id == person.pk:
        return False
    held = offices_of(case, tasks)
    for post in viewer.posts:
        # A mailbox is its own leader's, whoever else leads there.
        others = post.role == Role.LEADER and box is not None and box.leader_id != person.pk
        if (post.unit_id, post.role) in held and not others:
            return True
    watched = {unit for unit, role in held if role == Role.SUPERVISOR}
    return viewer.holds(Role.SUPERVISOR) and not watched.isdisjoint(viewer.scope(Role.SUPERVISOR))


FOUND: Prepared[Case] = Prepared(
    lambda: Case.objects.filter(number=Given("number", CharField())).select_related(*PARTS, "contact")
)


def case_for(viewer: Viewer, number: str) -> Case:
    """Return the case with the number, its title and text unsealed for those who may read it.

    Raises NotFound for an unknown number and for one the viewer may not see: both look the same. Who may is what
    `visible_to` says, decided on the case in hand: to write that question anew takes longer than to answer it.
    """
    plain = rules.plain_number(number)
    found = FOUND.first(number=plain) if plain else None
    if found is None:
        raise rules.NotFound()
    reads = False
    if viewer.posts:
        # Whether it is the office's to read, and what is to be done, is what every page of officials asks next.
        found.open_tasks = open_tasks(found)  # type: ignore[attr-defined]
        reads = in_office(viewer, found, found.open_tasks)  # type: ignore[attr-defined]
    if not reads and not is_party(viewer, found):
        raise rules.NotFound()
    _remember(viewer, found, reads)
    return revealed(found)


def revealed(case: Case) -> Case:
    """Return the case with a report's sealed title and text put in, in memory only."""
    if case.confidential:
        # By the relation, so that a list that fetched the contacts along asks no further query for each row.
        with suppress(Contact.DoesNotExist):
            if case.contact.words is not None:
                case.title, case.text = open_words(case, case.contact)
    return case


def is_party(viewer: Viewer, case: Case) -> bool:
    """Return whether the viewer is the case's citizen, by account or by access code."""
    mine = viewer.person is not None and case.citizen_id == viewer.person.pk
    return mine or f"case-{case.number}" in viewer.grants


def had_it(viewer: Viewer, case: Case) -> bool:
    """Whether the last task was the viewer's to do: who was a moment late hears of a conflict, not of nothing."""
    over = case.tasks.exclude(status=Task.Status.OPEN).order_by("-done_at", "-pk")
    last = over.first()
    if last is None or case.confidential or viewer.person is None or case.citizen_id == viewer.person.pk:
        return False
    # Where several units worked together, each of them had it.
    held = over.filter(group_no=last.group_no) if last.group_no else [last]
    return any(post.unit_id == task.unit_id and post.role == task.role_needed for task in held for post in viewer.posts)


def lost_case(viewer: Viewer, number: str) -> Case:
    """Return a case out of the viewer's sight whose last step was theirs: a colleague was quicker. Raises NotFound."""
    plain = rules.plain_number(number)
    found = Case.objects.filter(number=plain).select_related(*PARTS).first() if plain else None
    if found is None or not had_it(viewer, found):
        raise rules.NotFound()
    return found


def reads_file(viewer: Viewer, case: Case) -> bool:
    """Return whether the viewer may read the case's internal file: notes, drafts and reviews.

    Asked once for each state of the case that was read, however many parts of a page want to know.
    """
    known, key = _readers(viewer, case)
    if key not in known:
        known[key] = office_cases(viewer).filter(pk=case.pk).exists()
    return known[key]


def known_to_read(viewer: Viewer, case: Case) -> Case:
    """Return a case that was found among the viewer's `office_cases`; nobody need ask again."""
    _remember(viewer, case, True)
    return case


def _remember(viewer: Viewer, case: Case, reads: bool) -> None:
    known, key = _readers(viewer, case)
    known[key] = reads


def _readers(viewer: Viewer, case: Case) -> tuple[dict[Any, bool], Any]:
    known: dict[Any, bool] = case.__dict__.setdefault("_files_read", {})
    return known, (viewer.key, frozenset(post.pk for post in viewer.posts), case.version)


def may_follow_case(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may watch the stream `case-<key>`."""
    return visible_to(viewer).filter(number=key).exists()


def may_follow_file(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may watch the stream `file-<key>`."""
    case = FOUND.first(number=key)
    return case is not None and bool(viewer.posts) and in_office(viewer, case, open_tasks(case))


def may_follow_todo(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may watch `todo-unit-<id>` or `todo-person-<id>`."""
    what, _, number = key.partition("-")
    if not number.isdecimal() or not number.isascii() or len(number) > 18:
        return False
    if what == "unit":
        return int(number) in viewer.units()
    return what == "person" and viewer.person is not None and viewer.person.pk == int(number)
