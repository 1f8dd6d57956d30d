"""Who sees which case, and who may do what at which step: the whole table, and denial that looks like absence."""

from dataclasses import fields
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Post, Role, Unit
from accounts.viewers import Viewer
from engagement import actions, queries, rules
from engagement.models import Case
from journal.models import Entry
from tests import make
from tests.engagement.cast import HOUR, MONDAY, ORDER, Office, case_at, letter, office, seen

pytestmark = pytest.mark.django_db

SEES = {
    "received": "wang ida lin sek sven",
    "accepted": "wang dina lin sek sven",
    "dispatched": "wang hana hugo rita lin sek sven",
    "signed": "wang hana hugo rita lin sek sven",
    "review": "wang hana hugo rita lin sek sven",
    "to_sign": "wang hana hugo rita lin sek sven",
    "answered": "wang hana hugo rita lin sek sven",
    "concluded": "wang hana hugo rita lin sek sven",
}
DOES = {
    "received": {"ida": {"accept_case", "refuse_case", "ask_citizen"}},
    "accepted": {"dina": {"dispatch_case", "ask_citizen"}},
    "dispatched": {"hana": {"sign_for_case", "return_case"}, "hugo": {"sign_for_case", "return_case"}},
    "signed": {"hana": {"submit_reply", "save_draft", "ask_citizen", "return_case", "transfer_case"}, "hugo": set()},
    "review": {"rita": {"approve_reply", "send_back"}, "hana": set()},
    "to_sign": {"lin": {"sign_reply", "send_back"}, "sek": {"sign_reply", "send_back"}, "rita": set()},
    "answered": {"wang": {"rate_case"}},
    "concluded": {"wang": {"reopen_case"}},
}
STEPS = {name for does in DOES.values() for names in does.values() for name in names} - {"reopen_case"}


def everybody(by: Office) -> dict[str, Viewer]:
    return {each.name: getattr(by, each.name) for each in fields(by) if isinstance(getattr(by, each.name), Viewer)} | {
        "stranger": seen(make.person("zhao")),
        "visitor": Viewer(visitor="v"),
        "nobody": Viewer(),
    }


@pytest.mark.parametrize("step", ORDER)
def test_only_these_see_the_case(step):
    by = office()
    case = case_at(step, by)
    seers = {name for name, viewer in everybody(by).items() if queries.visible_to(viewer).filter(pk=case.pk).exists()}
    assert seers == set(SEES[step].split())
    for name, viewer in everybody(by).items():
        assert queries.may_follow_case(viewer, case.number) == (name in seers)
        assert queries.may_follow_file(viewer, case.number) == (name in seers - {"wang"})


@pytest.mark.parametrize("step", ORDER)
def test_only_these_take_the_step(step):
    by = office()
    case = case_at(step, by)
    at = MONDAY + 8 * HOUR
    for name, viewer in everybody(by).items():
        may = set(queries.allowed_actions(case, viewer, at)) & (STEPS | {"reopen_case"})
        expected = DOES[step].get(name, {"transfer_case"} if (step, name) == ("signed", "rita") else set())
        if name == "wang" and step == "answered":
            expected = expected | {"reopen_case"}
        assert may == expected, name


CALLS = {
    "accept_case": {},
    "refuse_case": {"ground": "x"},
    "ask_citizen": {"question": "x"},
    "dispatch_case": {"unit_id": 1},
    "sign_for_case": {},
    "return_case": {"reason": "x"},
    "transfer_case": {"person_id": 1},
    "submit_reply": {"text": "x", "outcome": "solved"},
    "approve_reply": {},
    "send_back": {"reason": "x"},
    "sign_reply": {},
    "extend_case": {"days": 1, "reason": "x"},
}
FREE_CALLS = {
    "answer_question": {"text": "x"},
    "rate_case": {"score": 3},
    "reopen_case": {"reason": "x"},
    "withdraw_case": {},
    "add_to_case": {"text": "x"},
    "urge_case": {},
    "add_note": {"text": "x"},
    "comment_case": {"text": "x"},
    "save_draft": {"text": "x"},
    "prepare_publication": {"title": "x", "text": "x", "reply": "x"},
    "approve_publication": {},
    "refuse_publication": {"reason": "x"},
    "unpublish": {},
    "unmask_contact": {"reason": "because"},
}


def given(name: str, version: int) -> dict[str, Any]:
    """Return what the action takes, with the version where it takes one."""
    return CALLS[name] | {"version": version} if name in CALLS else FREE_CALLS[name]


def test_every_action_refuses_a_stranger_as_if_there_were_no_such_case():
    by = office()
    case = case_at("signed", by)
    before = list(Entry.objects.values_list("pk", flat=True))
    strangers = (by.walt, by.adam, seen(make.person("zhao")), Viewer(), Viewer(visitor="v"))
    for name in (*CALLS, *FREE_CALLS):
        told = set()
        for viewer in strangers:
            for case_id in (case.pk, 999_999):
                with pytest.raises(rules.NotFound) as error:
                    getattr(actions, name)(case_id=case_id, by=viewer, **given(name, case.version))
                told.add((str(error.value), error.value.status, error.value.code))
        assert len(told) == 1, name
    assert list(Entry.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("name", [*CALLS, *FREE_CALLS])
def test_it_refuses_the_wrong_step(name):
    by = office()
    case = case_at("received", by)
    doer = {"accept_case": by.wang, "refuse_case": by.wang, "ask_citizen": by.wang, "add_note": by.wang}
    viewer = doer.get(name, by.ida)
    if name in ("add_to_case", "withdraw_case", "urge_case"):
        actions.withdraw_case(case_id=case.pk, by=by.wang)
        case.refresh_from_db()
        viewer = by.wang
    with pytest.raises(rules.RuleBroken) as told:
        getattr(actions, name)(case_id=case.pk, by=viewer, **given(name, case.version))
    assert told.value.status in (404, 409)
    version = case.version
    case.refresh_from_db()
    assert case.version == version


def test_every_step_refuses_a_page_that_is_out_of_date_and_says_who_was_quicker():
    by = office()
    case = case_at("signed", by)
    for name in CALLS:
        with pytest.raises(rules.Conflict) as told:
            getattr(actions, name)(case_id=case.pk, by=by.hana, **given(name, case.version - 1))
        assert told.value.status == 409
        assert "Hana" in str(told.value)


BAD_TEXTS = ["", "   ", "x" * 20_001, "nul\0", "\ud800", None, 7, ["x"]]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("refuse_case", "ground"),
        ("ask_citizen", "question"),
        ("return_case", "reason"),
        ("submit_reply", "text"),
        ("send_back", "reason"),
        ("add_note", "text"),
        ("comment_case", "text"),
        ("reopen_case", "reason"),
    ],
)
def test_words_that_cannot_be_are_refused(name, field):
    by = office()
    case = case_at("received", by)
    for bad in BAD_TEXTS:
        with pytest.raises(rules.BadInput) as told:
            getattr(actions, name)(case_id=case.pk, by=by.ida, **(given(name, 0) | {field: bad}))
        assert told.value.field == field, bad


def test_a_rating_is_a_whole_number_from_one_to_five():
    by = office()
    case = case_at("answered", by)
    for score in (0, 6, -1, 10**20, None, "5", 4.0, True):
        with pytest.raises(rules.BadInput):
            actions.rate_case(case_id=case.pk, by=by.wang, score=score)  # type: ignore[arg-type]


def test_dispatching_to_no_unit_is_refused():
    by = office()
    case = case_at("accepted", by)
    for unit in (0, -1, 10**20, "1", None):
        with pytest.raises(rules.BadInput) as told:
            actions.dispatch_case(case_id=case.pk, version=case.version, by=by.dina, unit_id=unit, at=MONDAY + 2 * HOUR)  # type: ignore[arg-type]
        assert told.value.field == "unit_id"


def test_dispatching_where_nobody_handles_cases_or_into_the_past_is_refused():
    by = office()
    case = case_at("accepted", by)
    known = {"case_id": case.pk, "version": case.version, "by": by.dina, "at": MONDAY + 2 * HOUR}
    with pytest.raises(rules.BadInput):
        actions.dispatch_case(unit_id=make.unit("empty").pk, **known)
    Unit.objects.filter(pk=by.water.pk).update(active=False)
    with pytest.raises(rules.BadInput):
        actions.dispatch_case(unit_id=by.water.pk, **known)
    for due in (MONDAY, MONDAY.replace(year=2029), "tomorrow", MONDAY.replace(tzinfo=None)):
        with pytest.raises(rules.BadInput):
            actions.dispatch_case(unit_id=by.housing.pk, due_at=due, **known)  # type: ignore[arg-type]
    actions.dispatch_case(unit_id=by.housing.pk, due_at=MONDAY.replace(day=20), **known)
    case.refresh_from_db()
    assert case.due_at == MONDAY.replace(day=20)


def test_a_post_that_ended_opens_nothing():
    by = office()
    case = case_at("signed", by)
    Post.objects.filter(person=by.hana.person).update(until=timezone.now())
    assert by.hana.person is not None
    gone = seen(by.hana.person)
    assert not queries.visible_to(gone).filter(pk=case.pk).exists()


def test_an_official_does_not_work_on_a_case_of_their_own():
    by = office()
    case = letter(by.ida, by.mailbox, channel="letter").case
    assert "accept_case" not in queries.allowed_actions(case, by.ida)
    assert not queries.may_follow_file(by.ida, case.number)
    assert [row.number for row in queries.todo(by.ida, "units").rows] == []
    with pytest.raises(rules.RuleBroken):
        actions.accept_case(case_id=case.pk, version=0, by=by.ida)


def test_a_supervisor_of_one_bureau_sees_that_bureau_and_below_only():
    by = office()
    sue = seen(make.official("sue", Role.SUPERVISOR, by.water))
    case = case_at("signed", by)
    assert not queries.visible_to(sue).filter(pk=case.pk).exists()
    mine = seen(make.official("sia", Role.SUPERVISOR, by.housing))
    assert queries.visible_to(mine).filter(pk=case.pk).exists()
    assert queries.allowed_actions(case, mine) == ["urge_case", "issue_order"]


def test_handlers_above_and_below_the_unit_see_nothing():
    by = office()
    case = case_at("signed", by)
    for unit in (by.city, make.unit("street", parent=by.housing)):
        other = seen(make.official(f"h-{unit.code}", Role.HANDLER, unit))
        assert not queries.visible_to(other).filter(pk=case.pk).exists()


def test_lists_of_work_are_followed_by_those_who_serve_there():
    by = office()
    assert queries.may_follow_todo(by.hana, f"unit-{by.housing.pk}")
    assert not queries.may_follow_todo(by.hana, f"unit-{by.water.pk}")
    assert by.hana.person is not None
    assert queries.may_follow_todo(by.hana, f"person-{by.hana.person.pk}")
    assert not queries.may_follow_todo(by.wang, f"person-{by.hana.person.pk}")
    for key in ("", "unit-", "unit-x", "unit-\u0664", "unit-" + "9" * 30, "person-1; DROP", "desk-1"):
        assert not queries.may_follow_todo(by.hana, key)


def test_the_citizen_reminds_once_a_day():
    by = office()
    case = case_at("signed", by)
    at = MONDAY + 4 * HOUR
    actions.urge_case(case_id=case.pk, by=by.wang, words="Please", at=at)
    with pytest.raises(rules.WrongStatus):
        actions.urge_case(case_id=case.pk, by=by.wang, at=at + HOUR)
    actions.urge_case(case_id=case.pk, by=by.wang, at=at + 25 * HOUR)
    version = case.version
    case.refresh_from_db()
    assert case.version == version, "a reminder does not make the office's page out of date"


def test_the_number_is_found_however_it_is_typed_and_nonsense_is_not_found():
    by = office()
    case = letter(by.wang).case
    assert queries.case_for(by.wang, f"{case.number[:5]}-{case.number[5:].lower()}") == case
    for number in ("", "x", "\0", "中文", "1" * 10_000, case.number + "0"):
        with pytest.raises(rules.NotFound):
            queries.case_for(by.wang, number)


def test_status_codes_are_all_known_to_the_pages():
    assert set(rules.CLOSED) <= set(Case.Status.values)
