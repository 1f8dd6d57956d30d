"""What waits for a leader: replies to sign, what citizens ask to look at again, and one letter of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import F, Prefetch, Q
from django.utils import timezone

from accounts.models import Role
from accounts.prepared import Given, Prepared, one_of
from accounts.viewers import Viewer

from ..models import Case, Mailbox, Reply, Review, Task
from ..processes.tasks import open_tasks
from .rights import PARTS, in_office, known_to_read

# The cases whose reply waits for a leader, or for the secretary of one of the units.
UNSIGNED: Prepared[tuple[int]] = Prepared(
    lambda: (
        Task.objects.filter(
            Q(assignee=Given("person")) | Q(one_of("unit_id", "units")),
            status=Task.Status.OPEN,
            role_needed=Role.LEADER,
        )
        .exclude(case__citizen=Given("person"))
        .order_by("case__due_at", "case_id")
        .values_list("case_id")
    )
)
# What leaders are asked to look at again, the most urgent first.
ASKED_AGAIN: Prepared[Review] = Prepared(
    lambda: (
        Review.objects.filter(state=Review.State.ASKED, level__gt=1, case__mailbox__leader=Given("person"))
        .select_related("case__mailbox", "case__unit", "case__process")
        .order_by("due_at")[:100]
    )
)


class Unsigned(list[tuple[Case, Reply]]):
    """The first cases that wait for a signature, with their replies; `waiting` is how many there are in all."""

    waiting = 0


def to_sign(viewer: Viewer, most: int = 10) -> Unsigned:
    """Return the cases that wait for the viewer's signature with their replies, by due time, `most` of them."""
    found = Unsigned()
    if viewer.person is None:
        return found
    tasks = UNSIGNED.all(person=viewer.person.pk, units=viewer.units(Role.SECRETARY))
    ids = list(dict.fromkeys(pk for (pk,) in tasks))
    found.waiting = len(ids)
    while ids and len(found) < most:
        some, ids = ids[:most], ids[most:]
        found += _with_replies(viewer, some)
    del found[most:]
    return found


def _with_replies(viewer: Viewer, ids: Sequence[int]) -> list[tuple[Case, Reply]]:
    """Return those of the cases that the viewer's office holds, each with the reply that waits, by due time."""
    together = Task.objects.filter(status=Task.Status.OPEN).order_by("pk").select_related("unit", "assignee")
    cases = Case.objects.select_related(*PARTS).prefetch_related(Prefetch("tasks", together, to_attr="open_tasks"))
    shown: list[Any] = list(cases.filter(pk__in=ids).order_by("due_at", "pk"))
    mine = (case for case in shown if in_office(viewer, case, case.open_tasks))
    waiting = {case.pk: known_to_read(viewer, case) for case in mine}
    replies = Reply.objects.filter(case__in=waiting, round=F("case__round")).order_by("pk")
    latest = {reply.case_id: reply for reply in replies.select_related("drafted_by", "unit", "reviewed_by")}
    for pk, case in waiting.items():
        case.__dict__["latest_reply"] = latest.get(pk)
    return [(case, latest[pk]) for pk, case in waiting.items() if pk in latest]


def reviews_to_decide(viewer: Viewer, most: int = 10) -> list[Review]:
    """Return what citizens ask the viewer, as a leader, to look at again, the `most` urgent first.

    Whether the viewer may is judged on each in hand: to look among all of the office's cases reads every letter.
    """
    asked = ASKED_AGAIN.all(person=viewer.person.pk) if viewer.person else []
    mine = (review for review in asked if in_office(viewer, review.case, open_tasks(review.case)))
    return list(islice(mine, most))


def letter_of_the_day(viewer: Viewer, day: date, boxes: Sequence[Mailbox]) -> Case | None:
    """Return one unfiltered letter of the last 30 days to the viewer's mailboxes, the same all day long."""
    since = timezone.now() - timedelta(days=30)
    # Counted and chosen by the index of mailboxes alone; whether the viewer may read it is asked of the one chosen.
    letters = Case.objects.filter(
        mailbox_id__in=[box.pk for box in boxes], received_at__gte=since, confidential=False
    ).exclude(citizen=viewer.person, citizen__isnull=False)
    count = letters.count() if boxes else 0
    if not count:
        return None
    ordered = letters.order_by("mailbox_id", "-received_at", "pk").values_list("pk", flat=True)
    chosen = Case.objects.select_related(*PARTS).get(pk=ordered[(day.toordinal() * 7919) % count])
    return chosen if in_office(viewer, chosen, ()) else None
