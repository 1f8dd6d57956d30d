"""What stands around one case, read at once: the acts that may be done about it ask this, not the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet, SmallIntegerField

from accounts.prepared import Given, Prepared

from ..models import (
    Attachment,
    Case,
    Extension,
    Order,
    Pause,
    Point,
    Promise,
    Publication,
    Reply,
    Return,
    Review,
    Task,
    Tie,
)
from ..rules import acts


@dataclass(frozen=True)
class Around:
    """Everything that hangs on a case, as it stood when it was read; lists are newest first unless said otherwise."""

    orders: tuple[Order, ...] = ()
    extensions: tuple[Extension, ...] = ()
    # By when they began.
    pauses: tuple[Pause, ...] = ()
    # Of the present round, in their order.
    points: tuple[Point, ...] = ()
    promises: tuple[Promise, ...] = ()
    returned: tuple[Return, ...] = ()
    reviews: tuple[Review, ...] = ()
    # Of the present round.
    replies: tuple[Reply, ...] = ()
    copy: Publication | None = None
    # What the case hangs on, and what was split from it.
    tie: Tie | None = None
    parts: tuple[Case, ...] = ()
    # Whether there is any file, and whether several units ever worked on one step.
    files: bool = False
    shared: bool = False

    @property
    def order(self) -> Order | None:
        """The order that is still to be answered or judged."""
        return next((order for order in self.orders if order.is_open), None)

    @property
    def extension(self) -> Extension | None:
        """The request for more time that nobody has decided."""
        return next((each for each in self.extensions if each.state == Extension.State.ASKED), None)

    @property
    def pause(self) -> Pause | None:
        """The pause that lasts."""
        return next((pause for pause in self.pauses if pause.ended_at is None), None)

    @property
    def promise(self) -> Promise | None:
        """What is promised and still to come."""
        return next((promise for promise in self.promises if promise.state == Promise.State.OPEN), None)

    @property
    def disputed(self) -> Return | None:
        """The return that nobody has decided."""
        return next((each for each in self.returned if each.decided_at is None), None)

    @property
    def decided(self) -> Return | None:
        """The return that was decided last."""
        over = [each for each in self.returned if each.decided_at is not None]
        return max(over, key=lambda each: (each.decided_at, each.pk), default=None)

    @property
    def review(self) -> Review | None:
        """The request for another look that is being looked at."""
        return next((review for review in self.reviews if review.state == Review.State.ASKED), None)

    @property
    def reply(self) -> Reply | None:
        """The reply being prepared in the present round, or sent in it."""
        return self.replies[0] if self.replies else None

    @property
    def writers(self) -> frozenset[int]:
        """The persons who drafted, checked or signed the reply that was sent in this round."""
        sent = [reply for reply in self.replies if reply.state == Reply.State.SENT]
        hands = [(each.drafted_by_id, each.reviewed_by_id, each.signed_by_id) for each in sent]
        return frozenset(person for row in hands for person in row if person is not None)

    def reviews_of(self, round_number: int) -> list[Review]:
        """Return the requests for another look in one round."""
        return [review for review in self.reviews if review.round == round_number]

    def may_ask_review(self, round_number: int) -> bool:
        """Return whether the ladder has a rung left and nobody stands on one."""
        done = self.reviews_of(round_number)
        return len(done) < acts.REVIEW_LEVELS and all(review.state != Review.State.ASKED for review in done)


def around(case: Case) -> Around:
    """Return what stands around the case: one question tells what there is, one more for each kind that there is.

    Most cases have next to nothing of it.
    """
    answer = THERE.first(case=case.pk, round=case.round)
    if answer is None:
        return Around()
    there = dict(zip((*KINDS, "files", "shared"), answer, strict=True))
    found: dict[str, Any] = {name: tuple(ask(case.pk, case.round)) for name, ask in KINDS.items() if there[name]}
    found["copy"] = found["copy"][0] if "copy" in found else None
    found["tie"] = found["tie"][0] if "tie" in found else None
    found["parts"] = tuple(tie.case for tie in found.get("parts", ()))
    return Around(files=bool(there["files"]), shared=bool(there["shared"]), **found)


# How each kind is asked for, by the case's id and its present round.
KINDS: dict[str, Callable[[Any, Any], QuerySet[Any]]] = {
    "orders": lambda case, _round: (
        Order.objects.filter(case=case).select_related("unit", "issued_by", "answered_by").order_by("-pk")
    ),
    "extensions": lambda case, _round: Extension.objects.filter(case=case).select_related("asked_by").order_by("-pk"),
    "pauses": lambda case, _round: Pause.objects.filter(case=case).order_by("started_at"),
    "points": lambda case, now: Point.objects.filter(case=case, round=now),
    "promises": lambda case, _round: Promise.objects.filter(case=case).select_related("unit").order_by("-pk"),
    "returned": lambda case, _round: Return.objects.filter(case=case).order_by("-at", "-pk"),
    "reviews": lambda case, _round: Review.objects.filter(case=case).order_by("-pk"),
    "replies": lambda case, now: (
        Reply.objects.filter(case=case, round=now).select_related("drafted_by", "unit", "reviewed_by").order_by("-pk")
    ),
    "copy": lambda case, _round: Publication.objects.filter(case=case).select_related("prepared_by"),
    "tie": lambda case, _round: Tie.objects.filter(case=case).select_related("lead", "lead__unit"),
    "parts": lambda case, _round: (
        Tie.objects.filter(lead=case, kind=Tie.Kind.PART).select_related("case", "case__unit").order_by("pk")
    ),
}


def _there() -> QuerySet[Any]:
    """Ask of each kind, of files and of steps of several units, whether the case has any: all in one question."""
    case, now = Given("case"), Given("round", SmallIntegerField())
    asked = [_plain(ask(case, now)) for ask in KINDS.values()]
    asked += [Attachment.objects.filter(case=case), Task.objects.filter(case=case, group_no__gt=0)]
    return Case.objects.filter(pk=case).values_list(*(Exists(rows) for rows in asked))


THERE: Prepared[tuple[bool, ...]] = Prepared(_there)


def _plain(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the same rows without order and joins, for asking whether there are any."""
    return rows.order_by().select_related(None)
