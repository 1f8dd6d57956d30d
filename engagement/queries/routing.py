"""Routing: which rule catches a letter, where it would send it, and how often the first dispatch was right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from accounts.models import Role, Unit
from accounts.prepared import Prepared
from accounts.viewers import Viewer

from ..models import Case, Category, Routed, RoutingRule
from ..processes.offices import city
from ..rules.routing import Letter, catches, missing
from ..working_time import WorkClock, clock_for

# How far back the figure of first dispatches looks.
ACCURACY_DAYS = 90


@dataclass(frozen=True)
class Chosen:
    """Where a rule sends a letter, and which rule it is."""

    rule_id: int
    name: str
    unit: Unit
    assisting: list[Unit]
    automatic: bool


@dataclass(frozen=True)
class Tried:
    """One rule put to a letter: whether it would catch it, and what keeps it from doing so."""

    rule: RoutingRule
    first: bool
    missing: list[str]


@dataclass(frozen=True)
class Accuracy:
    """First dispatches of a period: `stayed` of `sent`, and of those with a proposal how many `right` at last."""

    since: datetime
    sent: int
    stayed: int
    proposed: int
    right: int
    automatic: int
    automatic_right: int
    by_rule: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """Stayed first dispatches in a hundred, None where nothing was sent."""
        return round(100 * self.stayed / self.sent) if self.sent else None


def sets_up(viewer: Viewer) -> bool:
    """Return whether the viewer sets up processes and rules: an administrator, or a supervisor of the whole city."""
    return viewer.holds(Role.ADMINISTRATOR) or any(
        post.role == Role.SUPERVISOR and post.unit.parent_id is None for post in viewer.posts
    )


def rules_for(viewer: Viewer) -> list[RoutingRule]:
    """Return every rule in its order for those who set them up; nothing for others."""
    return list(_all()) if sets_up(viewer) else []


def rule_for(viewer: Viewer, rule_id: int) -> RoutingRule | None:
    """Return a rule for those who set them up."""
    return _all().filter(pk=rule_id).first() if sets_up(viewer) else None


def _all() -> QuerySet[RoutingRule]:
    return RoutingRule.objects.select_related("unit", "category").prefetch_related("assisting")


IN_FORCE: Prepared[RoutingRule] = Prepared(
    lambda: RoutingRule.objects.filter(active=True, unit__active=True).select_related("unit", "category")
)


def active_rules() -> list[RoutingRule]:
    """Return the rules in force, in their order, of units that still exist."""
    rules = IN_FORCE.all()
    if rules:
        prefetch_related_objects(rules, "assisting")
    return rules


def letter_of(case: Case, at: datetime, clock: WorkClock | None = None) -> Letter:
    """Return what rules look at in a case; `at` is when it came, `clock` the city's where it is known."""
    clock = clock or clock_for(city(), at)
    point = (case.latitude, case.longitude) if case.latitude is not None and case.longitude is not None else None
    return Letter(
        kind=case.kind, channel=case.channel, title=case.title, text=case.text, place=case.place, point=point,
        categories=categories_above(case.category), working=clock.is_open(at),
    )  # fmt: skip


def categories_above(category: Category | None) -> frozenset[int]:
    """Return the ids of the category and of those above it; the tree is at most three levels deep."""
    if category is None:
        return frozenset()
    return frozenset(each for each in (category.pk, category.parent_id, category.root_id) if each)


def propose(case: Case) -> Chosen | None:
    """Return where the first rule that catches the case would send it; reports of wrongdoing are never routed."""
    if case.confidential:
        return None
    rules = active_rules()
    return chosen_by(rules, letter_of(case, case.received_at)) if rules else None


def chosen_by(rules: Iterable[RoutingRule], letter: Letter) -> Chosen | None:
    """Return what the first rule that catches the letter says."""
    rule = next((each for each in rules if catches(each, letter)), None)
    if rule is None:
        return None
    others = [unit for unit in rule.assisting.all() if unit.active and unit.pk != rule.unit_id]
    return Chosen(rule.pk, rule.name, rule.unit, others, rule.automatic)


def try_letter(viewer: Viewer, letter: Letter) -> list[Tried]:
    """Return every active rule put to the letter, in order; the first that catches it is marked."""
    found, caught = [], False
    for rule in rules_for(viewer):
        if rule.active:
            lacks = missing(rule, letter)
            found.append(Tried(rule, not lacks and not caught, lacks))
            caught = caught or not lacks
    return found


def accuracy(viewer: Viewer, at: datetime | None = None) -> Accuracy | None:
    """Return how often the first dispatch of the last ninety days was right; None for those who may not know."""
    if not sets_up(viewer):
        return None
    since = (at or timezone.now()) - timedelta(days=ACCURACY_DAYS)
    rows = Routed.objects.filter(at__gte=since)
    right = Q(proposed__isnull=False, proposed=F("settled"))
    proposed, automatic = Q(proposed__isnull=False), Q(automatic=True)
    found = rows.aggregate(
        n_sent=Count("pk"), n_stayed=Count("pk", filter=Q(stayed=True)), n_proposed=Count("pk", filter=proposed),
        n_right=Count("pk", filter=right), n_automatic=Count("pk", filter=automatic),
        n_automatic_right=Count("pk", filter=right & automatic),
    )  # fmt: skip
    figures = {name.removeprefix("n_"): number for name, number in found.items()}
    by_rule = rows.filter(rule__isnull=False).values_list("rule").annotate(n=Count("pk"), m=Count("pk", filter=right))
    return Accuracy(since, **figures, by_rule={rule: (right_ones, n) for rule, n, right_ones in by_rule})
