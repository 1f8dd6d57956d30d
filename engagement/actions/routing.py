"""Setting up routing rules, and remembering whether the first dispatch of a case was right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Category, Routed, RoutingRule
from ..queries.routing import Chosen, sets_up
from ..rules.routing import KINDS, check_lines, check_polygon, check_several
from .turns import Turn

CHANNELS = list(Case.Channel.values)
MOST_RULES = 500


@transaction.atomic
def save_rule(
    *,
    by: Viewer,
    name: str,
    unit_id: int,
    rule_id: int | None = None,
    version: int | None = None,
    kinds: Sequence[str] = (),
    channels: Sequence[str] = (),
    category_id: int | None = None,
    words: str = "",
    areas: str = "",
    polygon: Any = None,
    hours: str = "",
    assisting: Sequence[int] = (),
    automatic: bool = False,
    active: bool = True,
    at: datetime | None = None,
) -> RoutingRule:
    """Make a routing rule (the last one) or change one. Raises NotFound, Conflict when it was changed, BadInput."""
    rule = _locked(by, rule_id, version) if rule_id is not None else _new(by)
    rule.name = rules.clean_text(name, most=120, least=1, field="name", newlines=False)
    rule.kinds = check_several(list(kinds), KINDS, "kinds")
    rule.channels = check_several(list(channels), CHANNELS, "channels")
    rule.category = _category(category_id)
    rule.words = check_lines(rules.clean_text(words or "", most=rules.TEXT, field="words"), "words")
    rule.areas = check_lines(rules.clean_text(areas or "", most=rules.TEXT, field="areas"), "areas")
    rule.polygon = check_polygon(polygon)
    rule.hours = rules.check_choice(hours, list(RoutingRule.Hours.values), "hours")
    rule.unit = _unit(unit_id, "unit_id")
    rule.automatic, rule.active = bool(automatic), bool(active)
    others = [_unit(each, "assisting") for each in dict.fromkeys(assisting) if each != unit_id]
    if not any((rule.kinds, rule.channels, rule.category_id, rule.words, rule.areas, rule.polygon, rule.hours)):
        raise rules.BadInput(_("A rule without any condition would catch every letter."), code="no_condition")
    rule.changed_at, rule.changed_by = at or timezone.now(), by.person
    rule.version += 1
    rule.save()
    rule.assisting.set(others)
    return rule


def _new(by: Viewer) -> RoutingRule:
    _check_right(by)
    if RoutingRule.objects.count() >= MOST_RULES:
        raise rules.BadInput(_("There are too many rules already."), code="too_many")
    last = RoutingRule.objects.aggregate(last=Max("position"))["last"]
    return RoutingRule(position=0 if last is None else last + 1)


@transaction.atomic
def move_rule(*, by: Viewer, rule_id: int, up: bool) -> None:
    """Put a rule before the one above it, or after the one below it. Raises NotFound."""
    rule = _locked(by, rule_id, None)
    order = list(RoutingRule.objects.select_for_update().order_by("position", "pk"))
    place = next(number for number, each in enumerate(order) if each.pk == rule.pk)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    for number, each in enumerate(order):
        each.position = number
    RoutingRule.objects.bulk_update(order, ["position"])


@transaction.atomic
def remove_rule(*, by: Viewer, rule_id: int, version: int | None = None) -> None:
    """Take a rule away; what it once proposed stays counted. Raises NotFound, Conflict."""
    _locked(by, rule_id, version).delete()


def _check_right(by: Viewer) -> None:
    if not sets_up(by):
        raise rules.NotFound()


def _locked(by: Viewer, rule_id: int, version: int | None) -> RoutingRule:
    _check_right(by)
    rule = RoutingRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise rules.NotFound()
    if version is not None and version != rule.version:
        raise rules.Conflict(_("Somebody has changed this rule meanwhile. Please look again."))
    return rule


def _unit(unit_id: Any, field: str) -> Unit:
    found = Unit.objects.filter(pk=unit_id, active=True).first() if type(unit_id) is int else None
    if found is None:
        raise rules.BadInput(_("There is no such unit."), field=field, code="no_unit")
    return found


def _category(category_id: Any) -> Category | None:
    if category_id is None:
        return None
    found = Category.objects.filter(pk=category_id, active=True).first() if type(category_id) is int else None
    if found is None:
        raise rules.BadInput(_("There is no such subject."), field="category_id", code="no_category")
    return found


def keep_routed(current: Turn, unit: Unit, chosen: Chosen | None, *, automatic: bool = False) -> None:
    """Remember the first dispatch of the round and what was proposed; a later one settles where it belonged."""
    case = current.case
    first = Routed(
        case=case, round=case.round, rule_id=chosen.rule_id if chosen else None,
        proposed=chosen.unit if chosen else None, unit=unit, settled=unit, automatic=automatic, at=current.at,
    )  # fmt: skip
    once = ["case", "round"]
    Routed.objects.bulk_create([first], update_conflicts=True, unique_fields=once, update_fields=["settled"])


def note_return(case: Case) -> None:
    """The unit gave the case back: its first dispatch of this round was not right."""
    Routed.objects.filter(case=case, round=case.round, stayed=True).update(stayed=False)
