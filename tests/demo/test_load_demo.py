"""load_demo: the invented city, whole, once, and in demo mode only."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Person, Post, Role, Unit
from accounts.viewers import person_viewer
from engagement.models import Case, CaseFact, Publication
from engagement.queries import clocks_of, to_sign, todo_streams, visible_to
from forums.models import Topic
from messaging.models import Shift, Talk
from portal.management.commands.load_demo import PASSWORD
from search.queries import find
from tests import make

# `make run` shows it, on SQLite.
pytestmark = [pytest.mark.django_db, pytest.mark.half("first")]


def load():
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_it_refuses_outside_demo_mode(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="OPENHALL_DEMO"):
        load()
    assert not Person.objects.exists()


def test_it_refuses_a_house_that_has_units_of_its_own(settings):
    settings.DEMO = True
    make.unit("city")
    with pytest.raises(CommandError):
        load()
    assert not Person.objects.exists()


def test_the_city_is_alive_and_a_second_run_changes_nothing(settings):
    settings.DEMO = True
    said = load()
    now = timezone.now()
    assert "wang.citizen" in said
    assert PASSWORD in said
    assert set(Post.objects.values_list("role", flat=True)) == set(Role.values)
    assert 300 <= Case.objects.count() <= 450
    assert {"zh-hans", "en"} == set(Case.objects.values_list("language", flat=True))
    assert set(Case.objects.values_list("status", flat=True)) >= {
        "received", "accepted", "dispatched", "signed_for", "in_progress", "in_review", "clarify", "returned",
        "answered", "concluded", "not_accepted", "withdrawn",
    }  # fmt: skip
    lights = {clocks_of(case, now).light for case in Case.objects.filter(concluded_at=None)}
    assert {"green", "yellow", "red"} <= lights
    assert Shift.objects.filter(starts_at__lte=now, ends_at__gt=now).exists()
    assert Talk.objects.count() >= 50
    # Whoever signs in as the leader that the start prints has something to sign.
    assert to_sign(person_viewer(Person.objects.get(username="he.leader")))
    assert Topic.objects.exists()
    assert Publication.objects.filter(published_at__isnull=False).count() > 50
    assert CaseFact.objects.count() > 200
    assert find("电梯", audiences=["public"])
    assert find("lift", audiences=["public"])
    _nothing_lies_ahead(now)
    _officials_have_something_to_do()
    before = _counted()
    load()
    assert _counted() == before


def _nothing_lies_ahead(now):
    for field in ("received_at", "accepted_at", "dispatched_at", "signed_at", "answered_at", "concluded_at"):
        assert not Case.objects.filter(**{f"{field}__gt": now}).exists(), field


def _officials_have_something_to_do():
    for username in ("chen.handler", "qian.intake", "sun.dispatch", "gao.reviewer", "he.leader", "wu.supervisor"):
        viewer = person_viewer(Person.objects.get(username=username))
        assert visible_to(viewer).exists(), username
        assert todo_streams(viewer), username


def _counted():
    return [model.objects.count() for model in (Unit, Person, Post, Case, CaseFact, Talk, Topic, Shift)]
