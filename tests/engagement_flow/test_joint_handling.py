"""Joint handling: one unit leads, others assist, and the case goes on once, when all are done."""

import re
from datetime import timedelta

import pytest
from django.db.models import Count
from django.utils.translation import override

from accounts.models import Role
from accounts.viewers import Viewer
from engagement import actions, queries, rules
from engagement.models import Case, Pause, Task
from journal.models import Entry
from tests import make
from tests.engagement.cast import DAY, HOUR, MONDAY, Office, case_at, kinds, office, seen
from tests.engagement.test_conflicts import at_once
from tests.engagement_pages.cast import browser_of


def fire(number: int) -> Viewer:
    unit = make.unit(f"bureau-{number}")
    return seen(make.official(f"fay-{number}", Role.HANDLER, unit))


def unit_of(viewer: Viewer) -> int:
    return viewer.posts[0].unit_id


def sent(by: Office, assists: list[Viewer], **changed: object) -> Case:
    """A complaint that housing leads and the others assist."""
    case = case_at("accepted", by, mailbox=False)
    return actions.dispatch_case(
        case_id=case.pk, version=case.version, by=by.dina, unit_id=by.housing.pk,
        assisting=[unit_of(viewer) for viewer in assists], at=MONDAY + 2 * HOUR,
    )  # fmt: skip


def opine(case: Case, viewer: Viewer, text: str = "Our part is done.", code: str = "opine", after: int = 4) -> Case:
    return actions.take_step(
        case_id=case.pk, version=case.version, by=viewer, code=code, text=text, at=MONDAY + after * HOUR
    )


def open_nodes(case: Case) -> list[str]:
    return list(Task.objects.filter(case=case, status=Task.Status.OPEN).order_by("pk").values_list("node", flat=True))


@pytest.mark.django_db
def test_each_unit_sees_its_task_sends_its_part_and_the_lead_answers_last():
    by, ann, ben = office(), fire(1), fire(2)
    case = sent(by, [ann, ben])
    assert open_nodes(case) == ["joint"] * 3
    told = Entry.objects.get(stream__name=case.stream_name, kind="case.dispatched").data
    assert [unit["id"] for unit in told["assisting"]] == [unit_of(ann), unit_of(ben)]
    # Each has it in the list: the lead with the verbs of the lead, the others with theirs.
    for viewer, part in ((by.hana, "lead"), (ann, "assist"), (ben, "assist")):
        with override("en"):
            (row,) = queries.todo(viewer, "units", at=MONDAY + 3 * HOUR).rows
        assert (row.number, row.step_label) == (case.number, f"Joint handling – {part}")
        assert queries.case_for(viewer, case.number) == case
    assert {"sign_for_case", "return_case", "ask_citizen"} <= set(
        queries.allowed_actions(case, by.hana, MONDAY + 3 * HOUR)
    )
    assert "submit_reply" not in queries.allowed_actions(case, by.hana)
    assert [each for each in queries.allowed_actions(case, ann) if each.startswith(queries.OWN)] == [
        "step:opine", "step:decline",
    ]  # fmt: skip
    with pytest.raises(rules.WrongStatus):
        actions.submit_reply(case_id=case.pk, version=None, by=by.hana, text="Too early", outcome="solved")
    with pytest.raises(rules.RuleBroken):
        opine(case, by.hana)

    case = actions.sign_for_case(case_id=case.pk, version=case.version, by=ann, at=MONDAY + 3 * HOUR)
    assert case.status == Case.Status.DISPATCHED, "an assisting unit's signature is not the lead's"
    case = actions.sign_for_case(case_id=case.pk, version=case.version, by=by.hana, at=MONDAY + 3 * HOUR)
    assert (case.status, case.handler) == (Case.Status.SIGNED_FOR, by.hana.person)
    opine(case, ann, "The pump is new.")
    case.refresh_from_db()
    states = [(part.lead, part.state) for part in queries.parts_of(queries.standing(by.hana, case, MONDAY + 4 * HOUR))]
    assert states == [(True, "signed"), (False, "done"), (False, "open")]
    opine(case, ben, "Not our street.", "decline")
    assert "submit_reply" in queries.allowed_actions(case, by.hana)
    case = actions.submit_reply(
        case_id=case.pk, version=case.version, by=by.hana, text="Done.", outcome="solved", at=MONDAY + 6 * HOUR
    )
    assert open_nodes(case) == ["review"]
    case = actions.approve_reply(case_id=case.pk, version=case.version, by=by.rita, at=MONDAY + 7 * HOUR)
    assert case.status == Case.Status.ANSWERED
    # What the units said to each other is in the file and not in what the citizen reads.
    assert kinds(case.file_stream_name).count("step.taken") == 2
    assert "pump" not in str(list(Entry.objects.filter(stream__name=case.stream_name).values_list("data", flat=True)))
    assert not queries.visible_to(ann).filter(pk=case.pk).exists(), "who is done no longer has it"


@pytest.mark.django_db
def test_an_assisting_unit_is_asked_for_its_words_before_anything_is_sent():
    ann = fire(1)
    page = browser_of(ann).get(f"/work/{sent(office(), [ann]).number}/").content.decode()
    assert re.search(r'<summary [^>]*data-verb="step-opine"', page)
    assert re.search(r'<button [^>]*data-verb="sign-for-case"', page)


@pytest.mark.django_db
def test_a_question_to_the_citizen_interrupts_and_what_was_done_stays_done():
    by, ann, ben = office(), fire(1), fire(2)
    case = sent(by, [ann, ben])
    actions.sign_for_case(case_id=case.pk, version=None, by=by.hana, at=MONDAY + 3 * HOUR)
    opine(case, ann)
    case = actions.ask_citizen(case_id=case.pk, version=None, by=by.hana, question="Which floor?", at=MONDAY + 5 * HOUR)
    assert open_nodes(case) == ["clarify"]
    assert Pause.objects.filter(case=case, ended_at=None).count() == 1
    case = actions.answer_question(case_id=case.pk, by=by.wang, text="The third.", at=MONDAY + DAY)
    open_now = Task.objects.filter(case=case, status=Task.Status.OPEN)
    assert {(task.unit_id, task.part) for task in open_now} == {(by.housing.pk, "lead"), (unit_of(ben), "assist")}
    lead = open_now.get(part="lead")
    assert (lead.assignee, case.status) == (by.hana.person, Case.Status.IN_PROGRESS)
    opine(case, ben, after=30)
    case = actions.submit_reply(
        case_id=case.pk, version=None, by=by.hana, text="Done.", outcome="solved", at=MONDAY + DAY + 6 * HOUR
    )
    assert open_nodes(case) == ["review"]


@pytest.mark.django_db
def test_a_return_by_the_lead_takes_it_from_everybody():
    by, ann = office(), fire(1)
    case = sent(by, [ann])
    case = actions.return_case(case_id=case.pk, version=None, by=by.hana, reason="Water's law", at=MONDAY + 4 * HOUR)
    assert open_nodes(case) == ["dispatch"]
    assert Task.objects.filter(case=case, node="joint").exclude(status=Task.Status.OPEN).count() == 2
    with pytest.raises(rules.RuleBroken):
        opine(case, ann)
    # The next dispatch opens a group of its own; an old one is never joined again.
    case = actions.dispatch_case(
        case_id=case.pk, version=None, by=by.dina, unit_id=by.water.pk, assisting=[unit_of(ann)], at=MONDAY + 5 * HOUR
    )
    assert list(Task.objects.filter(case=case, status="open").values_list("group_no", flat=True)) == [2, 2]


@pytest.mark.django_db
def test_an_assisting_unit_that_says_nothing_in_time_does_not_hold_the_lead_up():
    by, ann = office(), fire(1)
    case = sent(by, [ann])
    task = Task.objects.get(case=case, part="assist")
    assert task.next_action == "timeout"
    assert task.due_at is not None
    assert actions.fire_due_timers(at=task.due_at + timedelta(minutes=1)) >= 1
    task.refresh_from_db()
    assert (task.status, task.action) == (Task.Status.DONE, "lapse")
    assert "step.lapsed" in kinds(case.file_stream_name)
    assert "case.lapsed" not in kinds(case.stream_name), "the citizen did nothing wrong"
    assert "submit_reply" in queries.allowed_actions(case, by.hana)


@pytest.mark.django_db
def test_it_refuses_units_that_cannot_assist():
    by, ann = office(), fire(1)
    empty = make.unit("nobody-there")
    case = case_at("accepted", by, mailbox=False)
    for assisting in ([empty.pk], [999_999], [True], [unit_of(fire(n)) for n in range(2, 24)]):
        with pytest.raises(rules.BadInput) as told:
            actions.dispatch_case(case_id=case.pk, version=None, by=by.dina, unit_id=by.housing.pk, assisting=assisting)
        assert told.value.field == "assisting"
    assert open_nodes(case) == ["dispatch"]
    # The lead among the assisting units is the lead alone.
    case = actions.dispatch_case(
        case_id=case.pk, version=None, by=by.dina, unit_id=by.housing.pk, assisting=[by.housing.pk]
    )
    assert open_nodes(case) == ["sign"]
    assert ann.person is not None


@pytest.mark.django_db(transaction=True)
def test_six_units_finish_at_once_and_the_join_opens_once():
    by = office()
    six = [fire(number) for number in range(6)]
    case = actions.file_case(
        viewer=by.wang, kind=Case.Kind.APPLICATION, title="A café in Lake Street", text="Ten tables.", channel="form",
        language="en", at=MONDAY,
    ).case  # fmt: skip
    actions.accept_case(case_id=case.pk, version=None, by=by.ida, at=MONDAY + HOUR)
    case = actions.dispatch_case(
        case_id=case.pk, version=None, by=by.dina, unit_id=unit_of(six[0]),
        assisting=[unit_of(viewer) for viewer in six[1:]], at=MONDAY + 2 * HOUR,
    )  # fmt: skip
    results = at_once([lambda viewer=viewer: opine(case, viewer, "Fine.", "consent") for viewer in six])  # type: ignore[misc]
    assert results == [None] * 6
    assert open_nodes(case) == ["handle"]
    groups = Task.objects.filter(case=case, node="bureaus").values_list("status").annotate(n=Count("pk"))
    assert dict(groups) == {"done": 6}
    assert kinds(case.file_stream_name).count("step.taken") == 6


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_of_one_unit_one_speaks_for_it_and_the_other_hears_who():
    by, ann = office(), fire(1)
    colleague = seen(make.official("fred", Role.HANDLER, ann.posts[0].unit))
    case = sent(by, [ann, fire(2)])
    results = at_once([lambda viewer=viewer: opine(case, viewer) for viewer in (ann, colleague)])  # type: ignore[misc]
    assert sorted(type(each).__name__ for each in results) == ["Conflict", "NoneType"]
    assert open_nodes(case) == ["joint", "joint"]
