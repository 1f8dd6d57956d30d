"""Units, posts, and the administration that changes them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions, queries
from accounts.models import Post, Role, Unit
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from tests import make

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PersonBackend"


def test_a_unit_gets_its_path_and_moving_takes_everything_below_along():
    city = actions.place_unit(code="c", name="市", kind="city")
    bureau = actions.place_unit(code="b", name="局", parent_id=city.pk)
    office = actions.place_unit(code="o", name="科", kind="office", parent_id=bureau.pk)
    assert office.path == f"/{city.pk}/{bureau.pk}/{office.pk}/"
    other = actions.place_unit(code="b2", name="二局", parent_id=city.pk)
    actions.place_unit(code="b", name="局", parent_id=other.pk)
    office.refresh_from_db()
    assert office.path == f"/{city.pk}/{other.pk}/{bureau.pk}/{office.pk}/"
    assert set(queries.units_below([other.pk])) == {other.pk, bureau.pk, office.pk}
    assert [unit.code for unit in queries.unit_tree()] == ["c", "b2", "b", "o"]


def test_a_unit_never_stands_below_itself():
    top = actions.place_unit(code="a", name="A")
    below = actions.place_unit(code="b", name="B", parent_id=top.pk)
    with pytest.raises(Conflict):
        actions.place_unit(code="a", name="A", parent_id=below.pk)


@pytest.mark.parametrize("wrong", [{"code": "Bad Code"}, {"name": ""}, {"name": "x" * 121}, {"kind": "moon"}])
def test_it_refuses_units_that_cannot_be(wrong):
    with pytest.raises(BadInput):
        actions.place_unit(**{"code": "x", "name": "X", **wrong})
    assert not Unit.objects.exists()


def test_a_post_begins_and_ends():
    person, unit = make.person(), make.unit()
    post = actions.add_post(person_id=person.pk, unit_id=unit.pk, role=Role.HANDLER)
    assert list(queries.people_at([unit.pk], Role.HANDLER)) == [person]
    assert not queries.people_at([unit.pk], Role.LEADER)
    actions.end_post(post_id=post.pk, at=timezone.now() + timedelta(seconds=1))
    assert not queries.people_at([unit.pk], at=timezone.now() + timedelta(seconds=2))
    with pytest.raises(WrongStatus):
        actions.end_post(post_id=post.pk, at=timezone.now() + timedelta(days=1))


def test_a_post_that_has_not_begun_vanishes_when_it_is_ended():
    post = actions.add_post(
        person_id=make.person().pk, unit_id=make.unit().pk, role="leader", since=timezone.now() + timedelta(days=9)
    )
    actions.end_post(post_id=post.pk)
    assert not Post.objects.exists()


def test_it_refuses_the_same_post_twice_unknown_roles_and_impossible_times():
    given = {"person_id": make.person().pk, "unit_id": make.unit().pk}
    actions.add_post(**given, role="handler")
    with pytest.raises(Conflict):
        actions.add_post(**given, role="handler")
    with pytest.raises(BadInput):
        actions.add_post(**given, role="king")
    now = timezone.now()
    with pytest.raises(BadInput):
        actions.add_post(**given, role="leader", since=now, until=now)
    with pytest.raises(NotFound):
        actions.add_post(person_id=0, unit_id=given["unit_id"], role="leader")


def test_nobody_is_administrator_and_auditor_at_once():
    given = {"person_id": make.person().pk, "unit_id": make.unit().pk}
    actions.add_post(**given, role="administrator")
    with pytest.raises(Conflict):
        actions.add_post(**given, role="auditor")


def test_an_administrator_sees_everybody_and_others_themselves():
    admin, wang = make.official("ada", Role.ADMINISTRATOR), make.person("wang")
    assert set(queries.visible_to(make.viewer(admin))) == {admin, wang}
    assert list(queries.visible_to(make.viewer(wang))) == [wang]


ADMIN_PAGES = ["", "accounts/unit/", "accounts/unit/add/", "accounts/person/", "accounts/post/", "accounts/post/add/"]


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_the_administration_is_for_administrators(client, page):
    path = f"/admin/{page}"
    assert client.get(path, follow=True).redirect_chain[-1] == (f"/sign-in/?next={path}", 302)
    supervisor = make.official("sue", Role.SUPERVISOR)
    supervisor.is_staff = supervisor.is_superuser = True
    supervisor.save()
    client.force_login(supervisor, backend=BACKEND)
    assert client.get(path).status_code == 302
    client.force_login(make.official("ada", Role.ADMINISTRATOR), backend=BACKEND)
    assert client.get(path).status_code == 200


@pytest.fixture
def admin(client):
    client.force_login(make.official("ada", Role.ADMINISTRATOR), backend=BACKEND)
    return client


def test_an_administrator_places_a_unit(admin):
    city = make.unit("city")
    given = {"code": "parks", "name": "园林局", "name_en": "Parks", "kind": "bureau", "parent": city.pk, "active": "on"}
    assert admin.post("/admin/accounts/unit/add/", given).status_code == 302
    parks = Unit.objects.get(code="parks")
    assert parks.path == f"{city.path}{parks.pk}/"
    answer = admin.post(f"/admin/accounts/unit/{city.pk}/change/", {**given, "parent": parks.pk})
    assert answer.status_code == 200
    city.refresh_from_db()
    assert city.parent is None


def test_an_administrator_adds_and_ends_a_post_and_closes_an_account(admin):
    wang = make.person("wang")
    given = {"person": wang.pk, "unit": make.unit().pk, "role": "handler", "since_0": "2026-01-05", "since_1": "09:00"}
    assert admin.post("/admin/accounts/post/add/", given).status_code == 302
    assert admin.post("/admin/accounts/post/add/", given).status_code == 200
    post = Post.objects.get(person=wang)
    admin.post("/admin/accounts/post/", {"action": "end", "_selected_action": [post.pk]})
    post.refresh_from_db()
    assert post.until is not None
    admin.post("/admin/accounts/person/", {"action": "close", "_selected_action": [wang.pk]})
    wang.refresh_from_db()
    assert not wang.is_active
