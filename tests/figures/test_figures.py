"""The figures themselves, the same on both databases."""

import io
import json
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from engagement import actions
from engagement.columns import facts_between
from engagement.figures import figures, months, spans
from engagement.models import CaseFact, FactChange, FactDay
from tests import make

from .cast import START, answered, rate, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def water():
    return make.unit("water", name="水务局", name_en="Water Bureau")


def test_quantiles_interpolate_linearly_between_the_middles_of_the_steps(water):
    taken = [1, 2, 4, 8, 16, 32, 64]
    answered(taken, unit=water)
    days = figures()["reply_calendar_days"]
    assert days["median"] == 8
    assert days["p90"] == pytest.approx(np.quantile(taken, 0.9, method="hazen"), abs=0.001)
    assert days["mean"] == pytest.approx(np.mean(taken), abs=0.001)


@pytest.mark.parametrize("taken", [[3], [3, 5], list(range(1, 101)), [0.5] * 9])
def test_quantiles_of_few_and_of_equal_values(water, taken):
    answered(taken, unit=water)
    days = figures()["reply_calendar_days"]
    assert days["median"] == pytest.approx(np.median(taken), abs=0.001)
    assert days["p90"] == pytest.approx(np.quantile(taken, 0.9, method="hazen"), abs=0.001)


def test_nothing_gives_nothing():
    found = figures(by="unit")
    assert (found["count"], found["received"], found["groups"]) == (0, 0, [])
    assert found["reply_calendar_days"] == {"n": 0, "median": None, "mean": None, "p90": None}
    assert found["on_time"] == {"numerator": 0, "denominator": 0, "percent": None}


def test_open_cases_stay_in_the_denominator(water):
    answered([1, 2, 3], unit=water, due_at=START + timedelta(days=2))
    waiting(2, unit=water, due_at=START + timedelta(days=2))
    found = figures(at=START + timedelta(days=10))
    assert (found["answered"]["numerator"], found["answered"]["denominator"]) == (3, 5)
    assert (found["on_time"]["numerator"], found["on_time"]["denominator"]) == (2, 5)
    # Nothing is late before it is due.
    assert figures(at=START + timedelta(days=1))["on_time"]["denominator"] == 0


def test_a_day_belongs_to_the_citys_time_zone(water):
    midnight = START.replace(hour=0)
    answered([1], unit=water, start=midnight)
    answered([1], unit=water, start=midnight - timedelta(seconds=1))
    assert figures(date(2026, 3, 2), date(2026, 3, 2))["count"] == 1
    assert figures(date(2026, 3, 1), date(2026, 3, 2))["count"] == 2
    assert figures(date(2026, 3, 3), None)["count"] == 0


def test_groups_are_ranked_from_a_least_number_on_and_small_ones_are_counts_only_in_public(water):
    slow, small = make.unit("slow"), make.unit("small")
    answered([1] * 12, unit=water)
    answered([9] * 12, unit=slow)
    answered([0.1] * 3, unit=small)
    rate([5, 4, 2])
    groups = figures(by="unit", public=True)["groups"]
    assert [(group["label"], group["ranked"]) for group in groups] == [
        ("水务局", True),
        ("slow", True),
        ("small", False),
    ]
    assert groups[0]["satisfied"] == {"numerator": 2, "denominator": 3, "percent": 66.7, "asked": 12}
    assert groups[2]["count"] == 3
    assert groups[2]["reply_calendar_days"] == {"n": 3, "median": None, "mean": None, "p90": None}
    assert figures(by="unit")["groups"][2]["reply_calendar_days"]["median"] == pytest.approx(0.1, abs=0.001)


@pytest.mark.parametrize("by", ["unit", "category", "channel", "mailbox"])
def test_every_grouping_adds_up(water, by):
    answered([1, 2, 3], unit=water)
    waiting(1, unit=water)
    found = figures(by=by)
    assert sum(group["count"] for group in found["groups"]) == found["count"] == 3
    assert sum(group["received"] for group in found["groups"]) == found["received"] == 4


def test_reports_of_wrongdoing_are_in_no_figure(water):
    answered([1, 2], unit=water)
    CaseFact.objects.filter(pk=CaseFact.objects.first().pk).update(kind="report")
    assert figures()["count"] == 1


def test_months_and_spans_hold_every_reply(water):
    answered([0.5, 1, 2, 40, 400], unit=water)
    answered([2], unit=water, start=START + timedelta(days=40))
    assert [(row["month"], row["count"]) for row in months(facts_between())] == [("2026-03", 5), ("2026-04", 1)]
    assert months(facts_between())[1]["median"] is None
    assert sum(row["count"] for row in spans(facts_between())) == 6
    assert spans(facts_between())[0]["count"] == 1


def test_the_command_prints_the_same_as_json(water):
    answered([1, 2, 3], unit=water)
    out = io.StringIO()
    call_command("figures", "--json", "--from", "2026-03-01", "--to", "2026-03-31", "--by", "unit", stdout=out)
    found = json.loads(out.getvalue())
    assert found["count"] == 3
    assert found["reply_calendar_days"]["median"] == 2
    assert found["reply_working_days"]["median"] == pytest.approx(2, abs=0.01)
    assert found["groups"][0]["label"] == "水务局"


def test_the_command_speaks_without_json(water):
    answered([1, 2, 3], unit=water)
    out = io.StringIO()
    call_command("figures", "--by", "channel", stdout=out)
    assert "3 replies to 3 cases" in out.getvalue()


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "01.02.2026"])
def test_the_command_refuses_a_day_that_is_none(day):
    with pytest.raises(CommandError, match="day"):
        call_command("figures", "--from", day)


def test_packed_days_tell_the_same_as_the_facts_and_never_an_old_tale(water):
    answered([1, 2, 4, 8, 16], unit=water)
    live, now = figures(by="unit", at=START + timedelta(days=40)), START + timedelta(days=40)
    assert actions.pack_facts(now) > 0
    packed = sum(len(bytes(day.rows)) > 0 for day in FactDay.objects.all())
    assert packed
    assert figures(by="unit", at=now) == live
    # A fact of a packed day is written anew: from the same moment on it counts as it is now.
    fact = CaseFact.objects.order_by("pk").first()
    CaseFact.objects.filter(pk=fact.pk).update(reply_seconds=64 * 86_400)
    actions.note_changed([fact.received_at])
    assert sorted(round(seconds / 86_400) for seconds in facts_between()["reply"]) == [2, 4, 8, 16, 64]
    assert actions.pack_facts(now) == 1
    assert not FactChange.objects.exists()
    assert sorted(round(seconds / 86_400) for seconds in facts_between()["reply"]) == [2, 4, 8, 16, 64]
    assert actions.pack_facts(now) == 0
    # Of a period only its own days.
    day = fact.received_at.date()
    assert len(facts_between(day, day)) == CaseFact.objects.filter(received_at__date=day).count()
