"""Timers: lights turn once, waiting ends, unrated cases are concluded, whatever number of workers runs."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from engagement import actions, queries
from engagement.models import Case, CaseFact, Task
from notices.models import Notice
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, kinds, letter, office


@pytest.mark.django_db
def test_a_task_turns_yellow_then_red_and_each_is_told_once():
    by = office()
    case = letter(by.wang, by.mailbox).case
    # Intake has 120 minutes from 9:30: yellow after 96, at 11:06.
    assert actions.fire_due_timers(at=MONDAY + timedelta(minutes=95)) == 0
    assert actions.fire_due_timers(at=MONDAY + timedelta(minutes=96)) == 1
    assert actions.fire_due_timers(at=MONDAY + timedelta(minutes=97)) == 0
    assert actions.fire_due_timers(at=MONDAY + timedelta(minutes=121)) == 1
    assert actions.fire_due_timers(at=MONDAY + 9 * DAY) == 0
    told = Notice.objects.filter(person=by.ida.person).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["office.light.yellow", "office.light.red"]
    assert kinds(case.file_stream_name) == ["light.turned", "light.turned"]
    assert kinds(case.stream_name) == ["case.received"]
    with translation.override("en"):
        said = {line.by_label for line in queries.timeline(case, by.ida) if line.kind == "light.turned"}
    assert said == {"The clock"}
    version = case.version
    case.refresh_from_db()
    assert case.version == version


@pytest.mark.django_db
def test_after_a_stop_only_the_highest_light_fires():
    by = office()
    letter(by.wang, by.mailbox)
    assert actions.fire_due_timers(at=MONDAY + 9 * DAY) == 1
    assert Notice.objects.get(person=by.ida.person).kind == "office.light.red"


@pytest.mark.django_db
def test_the_light_on_the_page_needs_no_worker():
    by = office()
    case = letter(by.wang, by.mailbox).case
    lights = [queries.todo(by.ida, "units", at=MONDAY + timedelta(minutes=m)).rows[0].light for m in (10, 100, 121)]
    assert lights == ["green", "yellow", "red"]
    assert case.due_at is not None
    assert queries.clocks_of(case, MONDAY).light == "green"
    assert queries.clocks_of(case, case.due_at - HOUR).light == "yellow"
    assert queries.clocks_of(case, case.due_at + HOUR).light == "red"


@pytest.mark.django_db
def test_a_case_nobody_rates_is_concluded_after_thirty_days():
    by = office()
    case = case_at("answered", by)
    answered = MONDAY + 6 * HOUR
    assert actions.fire_due_timers(at=answered + 30 * DAY - HOUR) == 0
    assert actions.fire_due_timers(at=answered + 30 * DAY) == 1
    case.refresh_from_db()
    assert case.status == Case.Status.CONCLUDED
    # No answer is no answer, never "satisfied by default".
    assert case.satisfaction is None
    assert CaseFact.objects.get(case=case).satisfaction is None
    assert Notice.objects.filter(person=by.wang.person, kind="case.concluded").count() == 1
    assert actions.fire_due_timers(at=answered + 90 * DAY) == 0


@pytest.mark.django_db
def test_a_question_without_answer_goes_back_to_the_office():
    by = office()
    case = case_at("signed", by)
    actions.ask_citizen(case_id=case.pk, version=case.version, by=by.hana, question="Where?", at=MONDAY + 4 * HOUR)
    assert actions.fire_due_timers(at=MONDAY + 15 * DAY) == 0
    assert actions.fire_due_timers(at=MONDAY + 40 * DAY) == 1
    case.refresh_from_db()
    assert case.status == Case.Status.IN_PROGRESS
    assert kinds(case.stream_name)[-1] == "case.lapsed"
    assert Notice.objects.filter(person=by.hana.person, kind="office.case.lapsed").exists()


@pytest.mark.django_db
def test_one_broken_case_does_not_stop_the_rest():
    by = office()
    broken = letter(by.wang, by.mailbox).case
    fine = letter(by.wang, by.mailbox).case
    Task.objects.filter(case=broken).update(node="no-such-step")
    assert actions.fire_due_timers(at=MONDAY + DAY) == 1
    assert kinds(fine.file_stream_name) == ["light.turned"]


@pytest.mark.django_db(transaction=True)
def test_four_workers_fire_each_timer_once(monkeypatch):
    # Three batches each, which PostgreSQL takes side by side.
    monkeypatch.setattr("engagement.actions.timers.TURNED_AT_ONCE", 2)
    monkeypatch.setattr("engagement.actions.timers.WORTH_SIDES", 2)
    by = office()
    cases = [letter(by.wang, by.mailbox).case for _number in range(6)]
    # Half a year ago a ladder was climbed; today all of it is due at once, for what has turned and what has not.
    actions.load_ladder()
    Task.objects.filter(case__in=cases[:3]).update(next_action="rung-1", next_action_at=MONDAY)
    done: list[int] = []

    def work() -> None:
        try:
            done.append(actions.fire_due_timers(at=MONDAY + 20 * DAY))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever was skipped because another worker held the case finds it done.
    actions.fire_due_timers(at=MONDAY + 20 * DAY)
    assert sum(done) <= len(cases)
    assert [kinds(case.file_stream_name) for case in cases] == [["light.turned"]] * len(cases)
    assert Task.objects.filter(next_action_at__isnull=False).count() == 0


@pytest.mark.django_db
def test_who_has_many_cases_overdue_at_once_is_told_once():
    by = office()
    cases = [letter(by.wang, by.mailbox).case for _number in range(5)]
    with CaptureQueriesContext(connection) as asked:
        assert actions.fire_due_timers(at=MONDAY + DAY) == 5
    told = Notice.objects.get(person=by.ida.person)
    assert (told.kind, told.title) == ("office.lights.red", "5 cases are overdue")
    assert told.url == "/work/?tab=units&light=red"
    assert told.deliveries.count() == 1
    assert kinds(f"person-{by.ida.person.pk}") == ["notice.made"]
    assert [kinds(case.file_stream_name) for case in cases] == [["light.turned"]] * 5
    # In a handful of statements, however many there are.
    assert len(asked) <= 25, [query["sql"][:90] for query in asked.captured_queries]


@pytest.mark.django_db
def test_many_cases_climb_the_ladder_together_and_whoever_is_told_hears_of_their_number():
    by = office()
    actions.load_ladder()
    cases = [letter(by.wang, by.mailbox).case for _number in range(5)]
    with CaptureQueriesContext(connection) as asked:
        assert actions.fire_due_timers(at=MONDAY + 3 * DAY) == 5
    # The second rung: the supervisors; the urging below it is skipped.
    told = Notice.objects.get(kind="office.lights.red")
    assert (told.person, told.title, told.url) == (by.sven.person, "5 cases are overdue", "/board/")
    assert [kinds(case.file_stream_name) for case in cases] == [["light.turned"]] * 5
    assert set(Task.objects.values_list("next_action", flat=True)) == {"rung-2"}
    assert len(asked) <= 30, [query["sql"][:90] for query in asked.captured_queries]
    assert actions.fire_due_timers(at=MONDAY + 3 * DAY) == 0
    assert actions.fire_due_timers(at=MONDAY + 20 * DAY) == 5
    assert set(Task.objects.values_list("next_action", flat=True)) == {""}
