"""Questions compiled once: they answer as the QuerySet does, with other values each time."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField, Exists, OuterRef
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Person, Post, Role, Unit
from accounts.prepared import Given, Prepared, one_of
from accounts.queries import open_posts
from tests import make

pytestmark = pytest.mark.django_db


def cast() -> None:
    for code, parent in (("city", None), ("housing", "city"), ("lifts", "housing"), ("water", "city")):
        make.unit(code, make.unit(parent) if parent else None)
    make.official("hana", Role.HANDLER, make.unit("lifts"))
    make.official("rita", Role.REVIEWER, make.unit("housing"))
    Post.objects.filter(person__username="rita").update(until=timezone.now() - timedelta(days=1))


def test_it_gives_instances_with_their_relations_annotations_and_fields_left_out():
    cast()

    def question(unit: object, at: object) -> object:
        served = Exists(open_posts(at).filter(unit=OuterRef("pk")))  # type: ignore[arg-type]
        rows = Unit.objects.select_related("parent__parent").defer("phone").annotate(served=served)
        return rows.filter(code=unit)

    asked = Prepared(lambda: question(Given("code", CharField()), Given("at", DateTimeField())))  # type: ignore[arg-type,return-value]
    at = timezone.now()
    for code in ("lifts", "housing", "city", "nowhere", "water"):
        plain = list(question(code, at))  # type: ignore[call-overload]
        with CaptureQueriesContext(connection) as captured:
            found = asked.all(code=code, at=at)
            assert [
                (one.pk, one.name, one.parent_id, one.parent and one.parent.parent, one.served) for one in found
            ] == [(one.pk, one.name, one.parent_id, one.parent and one.parent.parent, one.served) for one in plain]
        assert len(captured) == 1
        assert all(one.get_deferred_fields() == {"phone"} and one.phone == "" for one in found)
        assert (asked.first(code=code, at=at) is None) == (code == "nowhere")


def test_it_gives_moments_and_takes_lists_of_any_length():
    cast()
    asked: Prepared[tuple[str, object]] = Prepared(
        lambda: (
            Post.objects.filter(one_of("unit_id", "units"), one_of("role", "roles"))
            .order_by("pk")
            .values_list("role", "since")
        )
    )
    units, roles = list(Unit.objects.values_list("pk", flat=True)), [Role.HANDLER, Role.REVIEWER]
    for some, which in ((units, roles), (units[:3], roles[:1]), ([], roles), (units, [])):
        rows = Post.objects.filter(unit_id__in=some, role__in=which).order_by("pk").values_list("role", "since")
        assert asked.all(units=some, roles=which) == list(rows)


def test_an_instance_can_be_saved_and_changes_only_what_it_is_told():
    cast()
    asked = Prepared(lambda: Person.objects.filter(username=Given("name", CharField())).only("username", "nickname"))
    found = asked.first(name="hana")
    assert found is not None
    found.nickname = "Hana B."
    found.save(update_fields=["nickname"])
    assert Person.objects.get(username="hana").nickname == "Hana B."


def test_what_is_always_the_same_stands_in_the_question_itself():
    cast()
    Unit.objects.filter(code="water").update(name="100 %s of 'water'")
    asked: Prepared[Unit] = Prepared(
        lambda: Unit.objects.filter(name="100 %s of 'water'", active=True, kind=Given("kind", CharField()))[:3]
    )
    assert [one.code for one in asked.all(kind=Unit.Kind.BUREAU)] == ["water"]
    assert asked.all(kind=Unit.Kind.CITY) == []


def test_a_number_that_no_column_can_hold_finds_nothing():
    cast()
    one: Prepared[Unit] = Prepared(lambda: Unit.objects.filter(pk=Given("unit")))
    many: Prepared[Unit] = Prepared(lambda: Unit.objects.filter(one_of("pk", "units")))
    known = Unit.objects.get(code="city")
    for huge in (2**63, -(2**63) - 1, 10**20):
        assert one.first(unit=huge) is None
        assert many.all(units=[huge, known.pk]) == [known]
