"""Sampled quality checks: how a sample is drawn, what marks there are, and how agreement is measured."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.rules import BadInput

from . import check_choice, check_whole

MARKS = ("met", "partly", "missed")
# Cases of one unit, cases of one check, days of the period.
MOST_EACH, MOST_CASES, MOST_DAYS = 20, 300, 400

# What comes with the software: code, name, English name, question, English question.
SHIPPED = (
    ("points", "逐项答复", "Every point answered", "来信提出的每个问题都答复了吗？", "Is every question answered?"),
    ("substance", "实质办理", "Dealt with", "事情真正办了，还是只作了说明？", "Was something done, or only explained?"),
    ("grounds", "依据充分", "Grounds given", "事实清楚、政策法规依据准确吗？", "Are facts and rules stated and right?"),
    ("plain", "语言规范", "Plain and polite", "通俗、礼貌，市民看得懂吗？", "Polite, and easy to understand?"),
    ("contact", "联系群众", "Citizen contacted", "办理中与市民沟通核实了吗？", "Was the citizen asked and told?"),
)  # fmt: skip


def check_code(code: Any) -> str:
    """Return the code of a criterion. Raises BadInput."""
    if not isinstance(code, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", code, re.ASCII):
        raise BadInput(_("Small letters, digits and -, please."), field="code", code="bad_code")
    return code


def check_period(first: Any, last: Any) -> None:
    """Raises BadInput unless the days are a period."""
    if not isinstance(first, date) or not isinstance(last, date) or not 0 <= (last - first).days <= MOST_DAYS:
        raise BadInput(_("From a day to a later one, at most 400 days."), field="last", code="period")


def check_each(each: Any) -> int:
    """Return how many cases of a unit are drawn. Raises BadInput."""
    return check_whole(each, 1, MOST_EACH, "each")


def check_marks(given: Any, criteria: Sequence[str]) -> dict[str, str]:
    """Return a mark for each of the criteria. Raises BadInput for one that is missing, unknown or no mark."""
    if not isinstance(given, Mapping) or set(given) != set(criteria):
        raise BadInput(_("Please judge by every criterion."), field="marks", code="missing")
    return {code: check_choice(given[code], list(MARKS), code) for code in criteria}


def draw(population: Mapping[int, Sequence[int]], each: int, seed: str) -> dict[int, list[int]]:
    """Return at most `each` of the cases of every unit, at random by the seed: the same seed draws the same cases."""
    return {
        unit: random.Random(f"{seed}-{unit}").sample(sorted(cases), min(each, len(cases)))  # noqa: S311
        for unit, cases in sorted(population.items())
    }


def agreement(pairs: Iterable[tuple[str, str]]) -> tuple[int, int, float | None]:
    """Return how many pairs of marks are equal, how many there are, and Cohen's kappa.

    Kappa (Cohen 1960, Educational and Psychological Measurement 20) is (p - e) / (1 - e): p the share of equal pairs,
    e the share that two who mark at random, each as often as they did, would have. None of nothing, and where both
    gave one and the same mark throughout.
    """
    both = list(pairs)
    same, n = sum(1 for one, two in both if one == two), len(both)
    if not n:
        return 0, 0, None
    ones, twos = Counter(one for one, _two in both), Counter(two for _one, two in both)
    chance = sum(ones[mark] * twos[mark] for mark in MARKS) / n**2
    return same, n, None if chance >= 1 else round((same / n - chance) / (1 - chance), 2)
