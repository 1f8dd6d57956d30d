"""Routing rules: what they catch, in which order, what is proposed and what goes by itself, and how right it was."""

import json
from typing import Any

import pytest
from django.test import Client

from engagement import actions, queries, rules
from engagement.models import Case, Category, Routed, RoutingRule
from engagement.queries.routing import letter_of
from engagement.rules.routing import Letter, catches, corners_of, inside
from tests.engagement.cast import HOUR, MONDAY, Office, kinds, letter, office

SQUARE = [[30.0, 120.0], [30.0, 120.2], [30.2, 120.2], [30.2, 120.0]]


def rule(by: Office, **given: Any) -> RoutingRule:
    return actions.save_rule(by=by.sven, at=MONDAY, **({"name": "Water", "unit_id": by.water.pk} | given))


@pytest.mark.parametrize(
    ("named", "fits", "not_fits"),
    [
        ({"kinds": ["complaint"]}, {}, {"kind": "praise"}),
        ({"channels": ["phone", "form"]}, {}, {"channel": "chat"}),
        ({"words": "leak\n漏水"}, {"text": "A LEAK here"}, {"text": "dark street"}),
        ({"words": "漏水"}, {"title": "家里漏水"}, {"title": "路灯不亮"}),
        ({"areas": "Lake Street"}, {"place": "12 lake street"}, {"place": "Hill Road"}),
        ({"polygon": SQUARE}, {"point": (30.1, 120.1)}, {"point": (30.3, 120.1)}),
        ({"polygon": SQUARE, "areas": "Hill"}, {"place": "Hill 3"}, {"point": None, "place": "Dale"}),
        ({"hours": "closed"}, {"working": False}, {"working": True}),
        ({"kinds": ["complaint"], "words": "leak"}, {"text": "leak"}, {"text": "leak", "kind": "praise"}),
    ],
)
def test_a_rule_catches_what_meets_every_condition(named, fits, not_fits):
    base: dict[str, Any] = {"kind": "complaint", "channel": "form"}
    found = RoutingRule(name="R", **named)
    assert catches(found, Letter(**(base | fits)))
    assert not catches(found, Letter(**(base | not_fits)))


def test_a_point_on_neither_side_of_a_hollow_is_told_apart():
    hollow = [[0, 0], [0, 10], [10, 10], [10, 0], [5, 5]]
    assert inside((8, 8), hollow)
    assert not inside((5, 1), hollow)


@pytest.mark.django_db
def test_the_first_rule_wins_and_moving_it_changes_the_answer():
    by = office()
    first = rule(by, name="Leaks", words="leak")
    second = rule(by, name="Complaints", kinds=["complaint"], unit_id=by.housing.pk)
    wet = Letter(kind="complaint", channel="form", text="a leak")
    told = queries.try_letter(by.sven, wet)
    assert [(each.rule, each.first) for each in told] == [(first, True), (second, False)]
    actions.move_rule(by=by.adam, rule_id=second.pk, up=True)
    assert [each.rule for each in queries.try_letter(by.sven, wet) if each.first] == [second]
    rule(by, rule_id=second.pk, version=1, name="Complaints", kinds=["complaint"], active=False)
    assert [each.rule for each in queries.try_letter(by.sven, wet) if each.first] == [first]
    actions.remove_rule(by=by.sven, rule_id=first.pk)
    assert queries.try_letter(by.sven, wet) == []


@pytest.mark.django_db
def test_a_category_takes_everything_below_it():
    by = office()
    top = Category.objects.create(code="1", name="公用事业")
    Category.objects.filter(pk=top.pk).update(root=top)
    deep = Category.objects.create(code="1.1", name="供水", parent=top, level=2, root=top)
    found = rule(by, category_id=top.pk)
    case = letter(by.wang, category=deep).case
    assert catches(found, letter_of(case, MONDAY))
    assert not catches(found, letter_of(letter(by.wang).case, MONDAY))


@pytest.mark.django_db
def test_what_a_rule_proposes_is_counted_and_a_return_shows_that_it_was_wrong():
    by = office()
    rule(by, words="lift")
    right, wrong = letter(by.wang).case, letter(by.wang, title="Lift again").case
    for case, unit in ((right, by.water), (wrong, by.housing)):
        actions.accept_case(case_id=case.pk, version=None, by=by.ida, at=MONDAY + HOUR)
        chosen = queries.propose(Case.objects.get(pk=case.pk))
        assert chosen is not None
        assert chosen.unit == by.water
        actions.dispatch_case(case_id=case.pk, version=None, by=by.dina, unit_id=unit.pk, at=MONDAY + 2 * HOUR)
    actions.return_case(case_id=wrong.pk, version=None, by=by.hana, reason="Not ours", at=MONDAY + 3 * HOUR)
    actions.dispatch_case(case_id=wrong.pk, version=None, by=by.dina, unit_id=by.water.pk, at=MONDAY + 4 * HOUR)
    figures = queries.accuracy(by.sven, MONDAY + 5 * HOUR)
    assert figures is not None
    assert (figures.sent, figures.stayed, figures.percent) == (2, 1, 50)
    assert (figures.proposed, figures.right) == (2, 2)
    assert Routed.objects.get(case=wrong).unit == by.housing
    assert queries.accuracy(by.hana) is None


@pytest.mark.django_db
def test_an_automatic_rule_sends_on_acceptance_and_never_a_second_time():
    by = office()
    rule(by, words="lift", automatic=True, assisting=[by.housing.pk])
    case = letter(by.wang).case
    case = actions.accept_case(case_id=case.pk, version=None, by=by.ida, at=MONDAY + HOUR)
    assert (case.status, case.unit) == (Case.Status.DISPATCHED, by.water)
    assert {task.unit for task in case.tasks.filter(status="open")} == {by.water, by.housing}
    assert kinds(case.file_stream_name) == ["dispatch.routed"]
    case = actions.return_case(case_id=case.pk, version=None, by=by.walt, reason="Not ours", at=MONDAY + 2 * HOUR)
    assert case.status == Case.Status.RETURNED, "a dispatcher decides on returns"
    row = Routed.objects.get(case=case)
    assert (row.automatic, row.stayed) == (True, False)


@pytest.mark.django_db
def test_reports_of_wrongdoing_are_never_routed(settings):
    from tests import make
    from tests.engagement.cast import integrity

    by, _staff = office(), integrity()
    rule(by, words="lift\nabout", automatic=True)
    report = letter(by.wang, kind="report", title="About somebody").case
    assert queries.propose(report) is None
    assert report.unit == make.unit("integrity")
    with pytest.raises(rules.BadInput):
        rule(by, kinds=["report"])


@pytest.mark.django_db
def test_it_refuses_the_wrong_person_and_nonsense():
    by = office()
    kept = rule(by, words="lift")
    for viewer in (by.hana, by.dina, by.lin, by.wang):
        with pytest.raises(rules.NotFound):
            actions.save_rule(by=viewer, name="Mine", unit_id=by.water.pk, words="a")
        with pytest.raises(rules.NotFound):
            actions.move_rule(by=viewer, rule_id=kept.pk, up=True)
        with pytest.raises(rules.NotFound):
            actions.remove_rule(by=viewer, rule_id=kept.pk)
    nonsense: list[dict[str, Any]] = [
        {}, {"words": "a\0"}, {"name": "", "words": "a"}, {"unit_id": 10**6, "words": "a"}, {"polygon": [[1, 2]]},
        {"polygon": [[1, 2], [3, float("nan")], [5, 6]]}, {"kinds": ["nothing"]}, {"hours": "noon"},
        {"words": "\n".join(str(number) for number in range(300))}, {"category_id": 5, "words": "a"},
        {"assisting": [10**6], "words": "a"}, {"unit_id": True, "words": "a"},
    ]  # fmt: skip
    for given in nonsense:
        with pytest.raises(rules.BadInput):
            rule(by, **given)
    with pytest.raises(rules.Conflict):
        rule(by, rule_id=kept.pk, version=7, words="x")
    assert RoutingRule.objects.count() == 1


@pytest.mark.django_db
def test_an_area_is_written_pasted_or_chosen_from_the_map_and_drawn(settings):
    settings.MAP_FILE = settings.ROOT / "portal/demo/minghu.geojson"
    by = office()
    square = {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31], [120, 30]]]}
    corners = [[30.0, 120.0], [30.0, 121.0], [31.0, 121.0]]
    for words in (json.dumps(square), json.dumps({"type": "Feature", "geometry": square}), "30,120\n30，121\n31,121\n"):
        assert corners_of(words) == corners
    for words in ('{"type": "Point", "coordinates": [1, 2]}', "{", '{"type": "Polygon"}', "north", "[" * 5000):
        with pytest.raises(ValueError, match=r".*"):
            corners_of(words)
    page = Client(headers={"accept-language": "en"})
    page.force_login(by.sven.person, backend="accounts.backends.PersonBackend")
    sent = {"name": "Here", "unit_id": by.housing.pk, "active": "on"}
    assert page.post("/routing/new/", sent | {"polygon": json.dumps(square)}).status_code == 302
    rule = RoutingRule.objects.get()
    assert rule.polygon == corners
    assert 'class="sketch-shape"' in page.get(f"/routing/{rule.pk}/").content.decode()
    for wrong in ("1,2,3\n4,5,6\n7,8,9", "nan,1\n2,3\n4,5", "{}", "1,2"):
        assert page.post("/routing/new/", sent | {"polygon": wrong}).status_code == 422
    assert page.post("/routing/new/", sent | {"area": "0"}).status_code == 302
    assert len(RoutingRule.objects.latest("pk").polygon) > 5
