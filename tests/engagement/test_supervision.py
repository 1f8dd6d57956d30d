"""Urging and orders: numbered, answered by the unit itself in time, accepted or renewed; for one case or many."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Role
from engagement import actions, queries
from engagement.models import Order, Task
from engagement.rules import BadInput, NotFound, NotYours, WrongStatus
from journal.models import Entry
from notices.models import Notice
from tests import make
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, kinds, office, seen

LATER = MONDAY + 6 * HOUR


@pytest.mark.django_db
def test_an_order_goes_from_the_supervisor_to_the_unit_and_back_until_it_is_accepted():
    by = office()
    case = case_at("signed", by)
    order = actions.issue_order(case_id=case.pk, by=by.sven, demand="Repair it and report.", days=2, at=LATER)
    case.refresh_from_db()
    assert (order.year, order.serial, order.unit, order.state, case.supervised) == (
        2026, 1, by.housing, Order.State.ISSUED, True,
    )  # fmt: skip
    # Two working days after Monday: the end of Wednesday.
    assert order.due_at == MONDAY.replace(hour=17, minute=0) + 2 * DAY
    # The citizen reads that somebody stepped in, and not what was demanded.
    assert kinds(case.stream_name)[-1] == "case.supervised"
    citizens = str(list(Entry.objects.filter(stream__name=case.stream_name).values_list("data", flat=True)))
    assert "Repair it" not in citizens
    assert kinds(case.file_stream_name)[-1] == "order.issued"
    assert Notice.objects.filter(kind="office.order.issued", person=by.hana.person).exists()
    assert [found.pk for found in queries.orders_to_answer(by.hana)] == [order.pk]
    with pytest.raises(NotYours):
        actions.answer_order(case_id=case.pk, by=by.sven, answer="I say so.", at=LATER)
    with pytest.raises(NotFound):
        actions.answer_order(case_id=case.pk, by=by.walt, answer="Not mine.", at=LATER)
    with pytest.raises(WrongStatus):
        actions.issue_order(case_id=case.pk, by=by.sven, demand="Again.", at=LATER)
    actions.answer_order(case_id=case.pk, by=by.hana, answer="Ordered the part.", at=LATER + DAY)
    scope = queries.scope_of(by.sven)
    assert [found.pk for found in queries.orders_to_judge(scope, by.sven)] == [order.pk]
    actions.renew_order(case_id=case.pk, by=by.sven, reason="When does it come?", days=1, at=LATER + DAY)
    order.refresh_from_db()
    assert (order.state, order.renewals, order.on_time) == (Order.State.ISSUED, 1, True)
    actions.answer_order(case_id=case.pk, by=by.rita, answer="Tomorrow at nine.", at=LATER + 2 * DAY)
    actions.accept_order(case_id=case.pk, by=by.sven, words="Good.", at=LATER + 2 * DAY)
    case.refresh_from_db()
    assert not case.supervised
    assert queries.orders_to_answer(by.hana) == []
    second = actions.issue_order(case_id=case.pk, by=by.sven, demand="Now the stairs.", at=LATER + 2 * DAY)
    assert second.serial == 2
    actions.withdraw_order(case_id=case.pk, by=by.sven, reason="Done already.", at=LATER + 2 * DAY)
    assert not Order.objects.filter(state=Order.State.ISSUED).exists()


@pytest.mark.django_db
def test_an_order_that_nobody_answers_turns_yellow_then_red_and_each_is_told_once():
    by = office()
    case = case_at("signed", by)
    order = actions.issue_order(case_id=case.pk, by=by.sven, demand="Repair it.", days=1, at=LATER)
    assert actions.fire_due_acts(at=order.yellow_at - timedelta(minutes=1)) == 0
    assert actions.fire_due_acts(at=order.yellow_at) == 1
    assert actions.fire_due_acts(at=order.yellow_at) == 0
    assert actions.fire_due_acts(at=order.due_at) == 1
    assert actions.fire_due_acts(at=order.due_at + 9 * DAY) == 0
    told = Notice.objects.filter(person=by.hana.person, kind__startswith="office.order.").order_by("pk")
    assert list(told.values_list("kind", flat=True)) == [
        "office.order.issued", "office.order.yellow", "office.order.red",
    ]  # fmt: skip
    assert Notice.objects.filter(person=by.sven.person, kind="office.order.red").count() == 1
    # After a stop of the worker only the highest is told.
    late = case_at("signed", by, title="Another lift")
    other = actions.issue_order(case_id=late.pk, by=by.sven, demand="Repair it too.", days=1, at=LATER)
    assert actions.fire_due_acts(at=other.due_at + DAY) == 1
    assert kinds(late.file_stream_name).count("order.turned") == 1


@pytest.mark.django_db
def test_many_orders_turn_together_and_each_is_told_once(django_assert_max_num_queries):
    by = office()
    cases = [case_at("signed", by, title=f"Lift {number}") for number in range(4)]
    issued = [actions.issue_order(case_id=case.pk, by=by.sven, demand="Repair it.", days=1, at=LATER) for case in cases]
    passed = issued[0].due_at + HOUR
    # As many questions as for one: locks, rows, entries and notices of the batch.
    with django_assert_max_num_queries(22):
        assert actions.fire_due_acts(at=passed) == 4
    assert actions.fire_due_acts(at=passed) == 0
    assert [kinds(case.file_stream_name).count("order.turned") for case in cases] == [1] * 4
    for person in (by.hana.person, by.sven.person):
        told = Notice.objects.filter(person=person, kind="office.order.red")
        assert sorted(told.values_list("url", flat=True)) == sorted(f"/work/{case.number}/" for case in cases)


@pytest.mark.django_db
def test_many_cases_are_urged_and_ordered_at_once_and_those_that_moved_on_are_named():
    by = office()
    cases = [case_at("signed", by, title=f"Lift {number}") for number in range(3)]
    done = case_at("answered", by)
    numbers = [case.number for case in cases]
    outcome = actions.urge_cases(by=by.sven, numbers=numbers, words="Please.", at=LATER)
    assert outcome.done == numbers
    again = actions.urge_cases(by=by.sven, numbers=numbers[:1], at=LATER + HOUR)
    assert [number for number, _why in again.refused] == numbers[:1]
    orders = actions.order_cases(by=by.sven, numbers=[*numbers, done.number], demand="Report.", at=LATER)
    assert orders.done == numbers
    assert [number for number, _why in orders.refused] == [done.number]
    assert sorted(Order.objects.values_list("serial", flat=True)) == [1, 2, 3]
    for wrong in ([], ["ZZZZZZZZZZ"], [5], "K7", ["A" * 300]):
        with pytest.raises((BadInput, NotFound)):
            actions.urge_cases(by=by.sven, numbers=wrong, at=LATER)
    with pytest.raises(NotFound):
        actions.order_cases(by=by.walt, numbers=numbers, demand="Mine.", at=LATER)


@pytest.mark.django_db
def test_an_order_refuses_what_cannot_be_demanded():
    by = office()
    case = case_at("signed", by)
    for demand in ("", "x" * 3000, "a\0b", "\ud800"):
        with pytest.raises(BadInput):
            actions.issue_order(case_id=case.pk, by=by.sven, demand=demand, at=LATER)
    for days in (0, 31, -1, True, "2"):
        with pytest.raises(BadInput):
            actions.issue_order(case_id=case.pk, by=by.sven, demand="Do it.", days=days, at=LATER)
    other = seen(make.official("otto", Role.SUPERVISOR, by.water))
    with pytest.raises(NotFound):
        actions.issue_order(case_id=case.pk, by=other, demand="Do it.", at=LATER)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_more_time_is_asked_for_decided_by_somebody_else_and_told_to_the_citizen():
    by = office()
    case = case_at("signed", by)
    before = case.due_at
    actions.ask_extension(case_id=case.pk, version=case.version, by=by.hana, days=5, reason="The part.", at=LATER)
    case.refresh_from_db()
    assert case.due_at == before
    assert "ask_extension" not in queries.allowed_actions(case, by.hana, LATER)
    with pytest.raises(WrongStatus):
        actions.approve_extension(case_id=case.pk, version=case.version, by=by.hana, at=LATER)
    actions.refuse_extension(case_id=case.pk, version=case.version, by=by.rita, reason="No.", at=LATER)
    case.refresh_from_db()
    assert case.due_at == before
    actions.ask_extension(case_id=case.pk, version=case.version, by=by.hana, days=15, reason="Part.", at=LATER)
    case.refresh_from_db()
    actions.approve_extension(case_id=case.pk, version=case.version, by=by.sven, at=LATER)
    case.refresh_from_db()
    assert (case.extended_days, case.promised_at) == (15, case.due_at)
    assert before is not None
    assert case.due_at is not None
    assert case.due_at > before
    assert kinds(case.stream_name)[-1] == "case.extended"
    assert Notice.objects.filter(person=by.wang.person, kind="case.extended").exists()
    # The norm is used up: nobody gets more.
    with pytest.raises(WrongStatus):
        actions.ask_extension(case_id=case.pk, version=case.version, by=by.hana, days=1, reason="More.", at=LATER)


@pytest.mark.django_db
def test_a_pause_has_a_cause_and_an_end_and_gives_back_the_time_it_took():
    by = office()
    case = case_at("signed", by)
    before, at = case.due_at, MONDAY + 1 * DAY
    assert before is not None
    given = {"case_id": case.pk, "version": case.version, "by": by.hana, "reason": "The inspector comes."}
    for wrong in ({"until": at - HOUR}, {"until": at + 90 * DAY}, {"until": "soon"}, {"cause": "clarify"}):
        with pytest.raises(BadInput):
            actions.pause_case(**({"cause": "expert", "until": at + 3 * DAY, "at": at} | given | wrong))
    case = actions.pause_case(cause="expert", until=at + 3 * DAY, at=at, **given)
    clocks = queries.clocks_of(case, at + DAY)
    assert (clocks.light, clocks.paused, clocks.pauses[0].reason) == ("none", True, "The inspector comes.")
    # As long as it lasts the due time stands where it will be if it lasts to its end: three working days later.
    assert case.due_at == before + 3 * DAY or case.due_at > before
    task = Task.objects.get(case=case, status="open")
    assert (task.next_action, task.next_action_at) == ("resume", at + 3 * DAY)
    # Work goes on a day later: the pause ends by itself and gives back one day, no more.
    case = actions.submit_reply(
        case_id=case.pk, version=case.version, by=by.hana, text="Repaired.", outcome="solved", at=at + DAY
    )
    assert kinds(case.stream_name)[-2:] == ["case.resumed", "case.prepared"]
    clock = queries.clocks_of(case, at + DAY)
    assert not clock.paused
    assert clock.pauses[0].minutes == 420
    assert before < case.due_at < before + 3 * DAY
    other = case_at("signed", by, title="Second")
    other = actions.pause_case(
        case_id=other.pk, version=other.version, by=by.hana, cause="force", until=at + DAY, reason="Storm.", at=at
    )
    assert actions.fire_due_timers(at=at + DAY - timedelta(minutes=1)) >= 0
    actions.fire_due_timers(at=at + DAY)
    assert kinds(other.stream_name)[-1] == "case.resumed"


@pytest.mark.django_db
def test_more_time_given_during_a_pause_stays_when_the_clock_runs_again():
    by = office()
    paused, plain = case_at("signed", by), case_at("signed", by)
    at, until = MONDAY + DAY, MONDAY + 2 * DAY
    actions.pause_case(
        case_id=paused.pk, version=None, by=by.hana, cause="expert", until=until, reason="The inspector.", at=at
    )
    for case in (paused, plain):
        actions.extend_case(case_id=case.pk, version=None, by=by.rita, days=2, reason="The part.", at=at + HOUR)
        case.refresh_from_db()
    assert plain.due_at is not None
    # A working day later than without the pause (from Friday to Monday), now and when it is over.
    assert (plain.due_at.weekday(), paused.due_at) == (4, plain.due_at + 3 * DAY)
    task = Task.objects.get(case=paused, status="open")
    assert (task.next_action, task.next_action_at) == ("resume", until)
    actions.fire_due_timers(at=until)
    paused.refresh_from_db()
    assert kinds(paused.stream_name)[-2:] == ["case.extended", "case.resumed"]
    assert paused.due_at == plain.due_at + 3 * DAY
    assert Task.objects.get(case=paused, status="open").next_action == "yellow"


@pytest.mark.django_db
def test_the_board_counts_what_is_open_and_leads_to_the_very_cases():
    by = office()
    signed, sent, asked = case_at("signed", by), case_at("dispatched", by), case_at("signed", by)
    case_at("received", by, mailbox=False)
    case_at("answered", by)
    actions.ask_citizen(case_id=asked.pk, version=asked.version, by=by.hana, question="Which lift?", at=LATER)
    actions.issue_order(case_id=signed.pk, by=by.sven, demand="Repair it.", at=LATER)
    given_back = case_at("dispatched", by, title="Not ours")
    actions.return_case(
        case_id=given_back.pk, version=given_back.version, by=by.hana, reason="Water.", proposed_unit_id=by.water.pk,
        at=LATER,
    )  # fmt: skip
    scope = queries.scope_of(by.sven)
    rows = {row.label: row for row in queries.board(scope, by.sven, at=LATER)}
    housing = rows[by.housing.label].counts
    assert {name: housing[name] for name in ("open", "supervised", "unsigned", "returned", "waiting", "red")} == {
        "open": 3, "supervised": 1, "unsigned": 1, "returned": 1, "waiting": 1, "red": 0,
    }  # fmt: skip
    none = next(row for row in rows.values() if row.key == "none")
    assert (none.counts["open"], none.counts["returned"]) == (2, 0)
    late = signed.due_at + HOUR
    overdue = queries.board(scope, by.sven, at=late)
    by_unit = next(row for row in overdue if row.key == str(by.housing.pk))
    # What waits for the citizen has no light.
    assert by_unit.counts["red"] == 2
    listed = queries.cases_behind(scope, by.sven, row=str(by.housing.pk), what="red", at=late)
    assert {case.pk for case in listed.cases} == {signed.pk, sent.pk}
    back = queries.cases_behind(scope, by.sven, row=str(by.housing.pk), what="returned", at=LATER)
    assert [case.pk for case in back.cases] == [given_back.pk]
    # Every number has the cases behind it.
    for row in overdue:
        for name, number in row.counts.items():
            found = queries.cases_behind(scope, by.sven, row=row.key, what=name, at=late).cases
            assert len(found) == number, (row.label, name)
    answered = MONDAY + 7 * HOUR
    past = queries.board(scope, by.sven, at=signed.due_at + 2 * DAY)
    row = next(each for each in past if each.key == str(by.housing.pk))
    assert (row.kept, row.due) == (1, 4)
    assert answered is not None
    boxes = queries.scope_of(by.lin)
    assert boxes.mailbox == by.mailbox.pk
    assert sum(row.counts["open"] for row in queries.board(boxes, by.lin, "mailbox", LATER)) == 4
    for viewer in (by.hana, by.wang, by.adam):
        with pytest.raises(NotFound):
            queries.scope_of(viewer)


@pytest.mark.django_db
def test_a_report_is_on_no_board_and_a_supervisor_s_own_case_is_not_on_theirs():
    by = office()
    make.unit("integrity")
    make.official("iris", Role.HANDLER, make.unit("integrity"))
    actions.file_case(
        viewer=by.wang, kind="report", title="A bribe", text="He took it.", channel="form", language="en", at=MONDAY
    )
    case_at("received", by, mailbox=False, viewer=by.sven)
    assert queries.board(queries.scope_of(by.sven), by.sven, at=LATER) == []


@pytest.mark.django_db
def test_the_board_asks_few_queries_however_many_units_there_are(django_assert_max_num_queries):
    by = office()
    for number in range(6):
        make.official(f"h{number}", Role.HANDLER, make.unit(f"bureau{number}"))
    case_at("signed", by)
    scope = queries.scope_of(by.sven)
    with django_assert_max_num_queries(7):
        queries.board(scope, by.sven, at=LATER)


@pytest.mark.django_db
def test_the_pages_of_the_desk_show_urge_order_and_watch():
    by = office()
    case = case_at("signed", by)
    client = Client(headers={"accept-language": "en"})
    client.force_login(by.sven.person, backend="accounts.backends.PersonBackend")
    scope = f"unit-{by.city.pk}"
    assert client.get("/board/").headers["Location"] == f"/board/{scope}/"
    page = client.get(f"/board/{scope}/?sort=red&up=1").content.decode()
    assert f'data-board="board-{scope}"' in page
    assert f"row={by.housing.pk}" in page
    listed = f"/board/{scope}/cases/?by=unit&row={by.housing.pk}&what=open"
    assert case.number in client.get(listed).content.decode()
    assert client.post(f"/board/{scope}/order/?what=open", {"cases": case.number, "days": "2"}).status_code == 422
    sent = client.post(
        f"/board/{scope}/order/?what=open", {"cases": case.number, "days": "2", "demand": "Repair it."}, follow=True
    )
    assert "1 case: ordered." in sent.content.decode()
    assert Order.objects.get().case == case
    none = client.post(f"/board/{scope}/urge/", {})
    assert none.status_code == 422
    client.post(f"/board/{scope}/watch/", {"cases": case.number, "on": "1"})
    assert case.number in client.get(f"/board/{scope}/cases/?what=watched").content.decode()
    client.post(f"/board/{scope}/watch/", {"cases": case.number, "on": "0"})
    assert case.number not in client.get(f"/board/{scope}/cases/?what=watched").content.decode()
    assert client.post(f"/board/{scope}/urge/", {"cases": "ZZZZZZZZZZ"}).status_code == 404
    assert client.get("/board/unit-999999/").status_code == 404
    assert client.get(f"/board/{scope}/cases/?row=9999999999999999999999&what=x&after=y&by=z").status_code == 200
