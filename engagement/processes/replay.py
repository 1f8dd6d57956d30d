"""Taking past cases through a changed process and the routing rules: who gets what, by when, and how loads move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Unit

from ..models import Case, RoutingRule
from ..queries.routing import Chosen, chosen_by, letter_of
from ..rules import BeyondCalendar
from ..working_time import WorkClock, clock_for, clocks_for
from .definition import CHOSEN, CITIZEN, Definition, Node
from .engine import definition_of
from .layout import usual_way
from .offices import city, units_by_code

# How many cases are named one by one; the rest is figures.
SAMPLES = 40
COUNTED = (
    "cases", "left_out", "earlier", "later", "answered", "on_time_before", "on_time_after", "routed", "rerouted",
    "judged", "right", "steps_before", "steps_after",
)  # fmt: skip


@dataclass
class Tally:
    """Figures of a replay; tallies of two batches add up. Loads are tasks by "<unit id>:<role>": before and after."""

    counts: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)

    def merged(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of the earlier batches with this one added, as plain data."""
        found: dict[str, Any] = {
            name: dict(Counter(result.get(name, {})) + getattr(self, name))
            for name in ("counts", "before", "after", "rules")
        }
        found["samples"] = [*result.get("samples", []), *self.samples][:SAMPLES]
        return found


@dataclass
class Track:
    """One process with what does not change from case to case: its usual way and where a few steps always are."""

    definition: Definition
    way: list[Node] = field(default_factory=list)
    fixed: dict[str, list[Unit]] = field(default_factory=dict)
    home: Unit | None = None

    def __post_init__(self) -> None:
        nodes = [self.definition.nodes[code] for code in usual_way(self.definition)]
        self.way = [node for node in nodes if not node.end and node.role != CITIZEN]
        self.home = city()
        self.fixed = {node.code: units_by_code(node.over) for node in self.way if node.over != CHOSEN}

    def promised(self, case: Case, clock: WorkClock) -> datetime:
        """Return by when a case of its kind is promised an answer."""
        return clock.due_in_days(case.received_at, self.definition.days_for(case.kind))

    def stations(self, case: Case, unit: Unit | None, others: Sequence[Unit], clock: WorkClock) -> list[Station]:
        """Return who would have the case, step by step, and until when at the latest."""
        found, at, promised = [], case.received_at, self.promised(case, clock)
        for node in self.way:
            at = _until(node, at, promised, clock)
            for place in self._places(node, case, unit, others):
                found.append(Station(node.code, place.pk if place else 0, node.role, at))
        return found

    def _places(self, node: Node, case: Case, unit: Unit | None, others: Sequence[Unit]) -> list[Unit | None]:
        if node.mode:
            several: Sequence[Unit | None] = self.fixed.get(node.code) or [unit, *others]
            return list(several)
        if node.at == "mailbox":
            return [case.mailbox.unit if case.mailbox else None]
        if node.at == "home":
            return [case.mailbox.unit if case.mailbox else self.home]
        return [unit]


@dataclass(frozen=True)
class Station:
    """A step of a replayed case: the unit and role that would do it, until when."""

    node: str
    unit_id: int
    role: str
    until: datetime


def _until(node: Node, start: datetime, promised: datetime, clock: WorkClock) -> datetime:
    if "minutes" in node.sla:
        return min(promised, clock.due_in_minutes(start, int(node.sla["minutes"])))
    if "days" in node.sla:
        return min(promised, clock.due_in_days(start, int(node.sla["days"])))
    return max(start, promised)


def replay(cases: Iterable[Case], new: Definition, rules: Sequence[RoutingRule]) -> Tally:
    """Return the figures of the cases, each by its own version of the process and by the new one with the rules.

    A case's first answer counts; extensions are not asked again. Cases beyond the calendar's years are left out.
    """
    every = list(cases)
    tally, tracks, home = Tally(), {0: Track(new)}, clock_for(city())
    clocks = clocks_for({case.unit_id: case.unit for case in every if case.unit}.values())
    for case in every:
        if case.process_id not in tracks:
            tracks[case.process_id] = Track(definition_of(case.process))
        clock = clocks.get(case.unit_id or 0, home)
        try:
            chosen = chosen_by(rules, letter_of(case, case.received_at, home)) if rules else None
            _count(tally, case, tracks[case.process_id], tracks[0], clock, chosen)
        except BeyondCalendar:
            tally.counts["left_out"] += 1
    return tally


def _count(tally: Tally, case: Case, old: Track, new: Track, clock: WorkClock, chosen: Chosen | None) -> None:
    before, after = old.promised(case, clock), new.promised(case, clock)
    unit = chosen.unit if chosen else case.unit
    # A case that stands with the city itself, as imported ones may, does not say who should have had it.
    judged = chosen is not None and case.unit is not None and case.unit.parent_id is not None
    left = old.stations(case, case.unit, (), clock)
    right = new.stations(case, unit, chosen.assisting if chosen else (), clock)
    tally.before.update(f"{each.unit_id}:{each.role}" for each in left)
    tally.after.update(f"{each.unit_id}:{each.role}" for each in right)
    answered = next((fact.answered_at for fact in case.facts.all() if fact.round == 1), None) or case.answered_at
    counts = tally.counts
    counts.update(
        cases=1, earlier=after < before, later=after > before, answered=answered is not None,
        on_time_before=answered is not None and answered <= before,
        on_time_after=answered is not None and answered <= after, routed=chosen is not None,
        rerouted=chosen is not None and chosen.unit.pk != case.unit_id,
        judged=judged, right=judged and chosen is not None and chosen.unit.pk == case.unit_id,
        steps_before=len(left), steps_after=len(right),
    )  # fmt: skip
    if chosen:
        tally.rules[str(chosen.rule_id)] += 1
    if len(tally.samples) < SAMPLES:
        tally.samples.append(_sample(case, unit, before, after, chosen, right))


def _sample(
    case: Case, unit: Unit | None, before: datetime, after: datetime, chosen: Chosen | None, stations: list[Station]
) -> dict[str, Any]:
    return {
        "number": case.number, "kind": case.kind, "received": case.received_at.isoformat(),
        "unit_before": case.unit_id, "unit_after": unit.pk if unit else None, "before": before.isoformat(),
        "after": after.isoformat(), "rule": chosen.name if chosen else "",
        "steps": [[each.node, each.unit_id, each.until.isoformat()] for each in stations],
    }  # fmt: skip
