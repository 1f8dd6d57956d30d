"""Supervision with teeth: urging, and orders that the unit must itself answer in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Person, Role
from accounts.queries import people_at
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Order, Series, Watch
from ..processes.engine import yellow_of
from ..queries.rights import office_cases
from ..queries.timeline import unit_data
from ..rules import acts
from .citizen import urge_case
from .telling import tell_people
from .turns import Turn, turn


@dataclass
class Many:
    """What became of a press that reached several cases: which went through, and why the others did not."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def issue_order(
    *,
    case_id: int,
    by: Viewer,
    demand: str,
    days: int | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Order:
    """Order the unit to do what is demanded and to answer the order within `days` working days.

    Raises NotFound, NotYours, WrongStatus while another order is open, BadInput.
    """
    demand = rules.clean_text(demand, most=rules.REASON, least=1, field="demand")
    days = acts.check_days(acts.ORDER_DAYS if days is None else days, acts.ORDER_DAYS_MOST)
    with turn(case_id=case_id, by=by, action="issue_order", version=version, at=at) as current:
        assert current.person is not None
        return _issue(current, demand, days)


def order_by_clock(current: Turn, supervisor: Person, demand: str) -> Order:
    """Issue an order because a rung of the ladder says so, in the name of the supervisor."""
    return _issue(current, demand, acts.ORDER_DAYS, supervisor)


def _issue(current: Turn, demand: str, days: int, by: Person | None = None) -> Order:
    current.stays = True
    case, clock, person = current.case, current.engine.clock, by or current.person
    if case.unit is None or person is None:
        raise rules.WrongStatus()
    due = clock.due_in_days(current.at, days)
    year = timezone.localtime(current.at).year
    order = Order.objects.create(
        year=year, serial=next_number(f"order-{year}"), case=case, unit=case.unit, demand=demand,
        issued_by=person, issued_at=current.at, due_at=due,
        **_timer(current, due),
    )  # fmt: skip
    case.supervised = True
    current.tell("case.supervised", {"unit": unit_data(case.unit)})
    told = {"text": demand, "order": order.pk, "number": f"{year}-{order.serial}", "due_at": due.isoformat()}
    entry = current.note("order.issued", told | {"unit": unit_data(case.unit)})
    people = people_at([case.unit.pk], Role.HANDLER, Role.REVIEWER, at=current.at)
    tell_people(current, entry, "order.issued", people, order=order.number, words=demand, due=due)
    return order


def _timer(current: Turn, due: datetime) -> dict[str, datetime]:
    yellow = yellow_of(current.engine.clock, current.at, due, current.engine.definition.norms["yellow_percent"])
    return {"yellow_at": yellow, "next_at": yellow}


def next_number(key: str) -> int:
    """Take the next number of the series; its row stays locked until the transaction ends."""
    Series.objects.get_or_create(key=key)
    series = Series.objects.select_for_update().get(key=key)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


def answer_order(*, case_id: int, by: Viewer, answer: str, at: datetime | None = None) -> Order:
    """Answer the open order as the unit it was given to. Raises NotFound, NotYours, WrongStatus, BadInput."""
    answer = rules.clean_text(answer, most=rules.TEXT, least=1, field="answer")
    with turn(case_id=case_id, by=by, action="answer_order", at=at) as current:
        order = open_order(current.case, Order.State.ISSUED)
        order.state, order.answer = Order.State.ANSWERED, answer
        order.answered_by, order.answered_at, order.next_at = current.person, current.at, None
        if order.on_time is None:
            order.on_time = current.at <= order.due_at
        order.save()
        current.stays = True
        entry = current.note("order.answered", {"text": answer, "order": order.pk})
        tell_people(current, entry, "order.answered", [order.issued_by], order=order.number, words=answer)
    return order


def accept_order(*, case_id: int, by: Viewer, words: str = "", at: datetime | None = None) -> Order:
    """Accept the unit's answer: the order is done. Raises as answer_order."""
    words = rules.clean_text(words or "", most=rules.REASON, field="words")
    with turn(case_id=case_id, by=by, action="accept_order", at=at) as current:
        order = _judged(current, open_order(current.case, Order.State.ANSWERED), words)
        _end(current, order, Order.State.ACCEPTED)
        entry = current.note("order.accepted", {"words": words, "order": order.pk})
        tell_people(
            current, entry, "order.accepted", [order.answered_by] if order.answered_by else [],
            order=order.number, words=words,
        )  # fmt: skip
    return order


def renew_order(*, case_id: int, by: Viewer, reason: str, days: int | None = None, at: datetime | None = None) -> Order:
    """Send the unit's answer back: it is not enough, and there is a new due time. Raises as answer_order."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    days = acts.check_days(acts.ORDER_DAYS if days is None else days, acts.ORDER_DAYS_MOST)
    with turn(case_id=case_id, by=by, action="renew_order", at=at) as current:
        order = _judged(current, open_order(current.case, Order.State.ANSWERED), reason)
        order.state, order.renewals = Order.State.ISSUED, order.renewals + 1
        order.due_at = current.engine.clock.due_in_days(current.at, days)
        timer = _timer(current, order.due_at)
        order.yellow_at, order.next_at = timer["yellow_at"], timer["next_at"]
        order.save()
        current.stays = True
        entry = current.note("order.renewed", {"reason": reason, "order": order.pk, "due_at": order.due_at.isoformat()})
        people = people_at([order.unit_id], Role.HANDLER, Role.REVIEWER, at=current.at)
        tell_people(current, entry, "order.renewed", people, order=order.number, words=reason, due=order.due_at)
    return order


def withdraw_order(*, case_id: int, by: Viewer, reason: str, at: datetime | None = None) -> Order:
    """Withdraw an order that turned out to be unneeded; it stays on the record. Raises as answer_order."""
    reason = rules.clean_text(reason, most=rules.REASON, least=1, field="reason")
    with turn(case_id=case_id, by=by, action="withdraw_order", at=at) as current:
        order = _judged(current, open_order(current.case), reason)
        _end(current, order, Order.State.WITHDRAWN)
        current.note("order.withdrawn", {"reason": reason, "order": order.pk})
    return order


def _judged(current: Turn, order: Order, words: str) -> Order:
    order.verdict, order.judged_by, order.judged_at = words, current.person, current.at
    return order


def _end(current: Turn, order: Order, state: Order.State) -> None:
    order.state, order.next_at = state, None
    order.save()
    current.stays = True
    current.case.supervised = False


def open_order(case: Case, *states: str) -> Order:
    """Return the case's open order, in one of the states when any are named. Raises WrongStatus."""
    wanted = states or (Order.State.ISSUED, Order.State.ANSWERED)
    found = Order.objects.filter(case=case, state__in=wanted).select_related("unit", "issued_by", "answered_by").first()
    if found is None:
        raise rules.WrongStatus()
    return found


def urge_cases(*, by: Viewer, numbers: list[str], words: str = "", at: datetime | None = None) -> Many:
    """Urge the units of several cases; each for itself, so that one that moved on does not stop the others."""
    words = rules.clean_text(words or "", most=500, field="words")
    return _each(by, numbers, lambda case: urge_case(case_id=case.pk, by=by, words=words, at=at))


def order_cases(
    *, by: Viewer, numbers: list[str], demand: str, days: int | None = None, at: datetime | None = None
) -> Many:
    """Issue the same order about several cases, each with a number of its own. Raises BadInput."""
    demand = rules.clean_text(demand, most=rules.REASON, least=1, field="demand")
    return _each(by, numbers, lambda case: issue_order(case_id=case.pk, by=by, demand=demand, days=days, at=at))


def _each(by: Viewer, numbers: Iterable[str], act: Callable[[Case], object]) -> Many:
    chosen, outcome = acts.check_ids(numbers), Many()
    found = {case.number: case for case in office_cases(by).filter(number__in=chosen)}
    if len(found) < len(chosen):
        raise rules.NotFound()
    for number in chosen:
        try:
            act(found[number])
        except (rules.WrongStatus, rules.NotYours, rules.Conflict, rules.TooMany) as broken:
            outcome.refused.append((number, str(broken)))
        else:
            outcome.done.append(number)
    return outcome


@transaction.atomic
def watch_cases(*, by: Viewer, numbers: list[str], on: bool = True, at: datetime | None = None) -> int:
    """Put cases on the viewer's watch list, or take them off; a repeat changes nothing. Raises NotFound, BadInput."""
    chosen = acts.check_ids(numbers)
    found = list(office_cases(by).filter(number__in=chosen).values_list("pk", flat=True))
    if by.person is None or len(found) < len(chosen):
        raise rules.NotFound()
    if not on:
        return Watch.objects.filter(person=by.person, case_id__in=found).delete()[0]
    moment = at or timezone.now()
    rows = [Watch(person=by.person, case_id=pk, since=moment) for pk in found]
    return len(Watch.objects.bulk_create(rows, ignore_conflicts=True))
