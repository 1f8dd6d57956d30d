"""Calendars kept by hand or by table, the due times that follow, and the ladder of escalation."""

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Role
from engagement import actions, queries
from engagement.models import Calendar, CalendarDay, Order, Rung, Task
from engagement.rules import BadInput, NotFound
from engagement.working_time import clock_for
from notices.models import Notice
from tests import make
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, kinds, letter, office, seen

LATER = MONDAY + 6 * HOUR


def calendar(by):
    made = Calendar.objects.create(
        key="city", name="日历", unit=by.city, sessions=[["09:00", "12:00"], ["13:00", "17:00"]]
    )
    actions.recount_due_times(at=MONDAY)
    return Calendar.objects.get(pk=made.pk)


@pytest.mark.django_db
def test_a_new_day_off_moves_the_due_times_of_open_cases_once_and_the_citizen_is_told():
    by = office()
    found = calendar(by)
    case, answered = case_at("signed", by), case_at("answered", by)
    before, kept = case.due_at, answered.due_at
    assert before is not None
    actions.set_day(by=by.adam, calendar_id=found.pk, day=before.date(), kind="off", name="台风")
    assert queries.still_to_recount(Calendar.objects.get(pk=found.pk)) == 1
    assert actions.recount_due_times(at=LATER) == 1
    assert actions.recount_due_times(at=LATER) == 0
    case.refresh_from_db()
    answered.refresh_from_db()
    assert (case.due_at, answered.due_at) == (before + DAY, kept)
    assert case.promised_at == case.due_at
    assert kinds(case.stream_name)[-1] == "case.recounted"
    assert Notice.objects.filter(person=by.wang.person, kind="case.recounted").count() == 1
    assert queries.still_to_recount(Calendar.objects.get(pk=found.pk)) == 0
    # Taken back: everything is as it was.
    actions.drop_day(by=by.adam, calendar_id=found.pk, day=before.date())
    actions.recount_due_times(at=LATER)
    case.refresh_from_db()
    assert case.due_at == before


@pytest.mark.django_db
def test_recounting_keeps_extensions_pauses_and_what_a_dispatcher_set_by_hand():
    by = office()
    found = calendar(by)
    extended, paused = case_at("signed", by), case_at("signed", by)
    actions.extend_case(case_id=extended.pk, version=None, by=by.rita, days=3, reason="The part.", at=LATER)
    until = LATER + DAY
    actions.pause_case(
        case_id=paused.pk, version=None, by=by.hana, cause="expert", until=until, reason="Waiting.", at=LATER
    )
    by_hand = case_at("accepted", by)
    wished = MONDAY + 4 * DAY
    actions.dispatch_case(case_id=by_hand.pk, version=None, by=by.dina, unit_id=by.housing.pk, due_at=wished, at=LATER)
    before = {case.pk: type(case).objects.get(pk=case.pk).due_at for case in (extended, paused, by_hand)}
    # A Saturday far away changes the revision and nothing else.
    actions.set_day(by=by.adam, calendar_id=found.pk, day=date(2026, 8, 1), kind="half")
    assert actions.recount_due_times(at=LATER) == 0
    assert {pk: type(extended).objects.get(pk=pk).due_at for pk in before} == before


@pytest.mark.django_db
def test_only_administrators_change_hours_and_what_is_none_changes_nothing():
    by = office()
    found = calendar(by)
    for other in (by.hana, by.sven, by.wang):
        with pytest.raises(NotFound):
            actions.save_hours(by=other, calendar_id=found.pk, hours="09:00-17:00")
    for wrong in ("", "nine to five", "17:00-09:00", "09:00-12:00 and 13:00-17:00", "25:00-26:00"):
        with pytest.raises(BadInput):
            actions.save_hours(by=by.adam, calendar_id=found.pk, hours=wrong)
    actions.save_hours(by=by.adam, calendar_id=found.pk, hours="08:30-12:00，14:00-18:00")
    assert Calendar.objects.get(pk=found.pk).sessions == [["08:30", "12:00"], ["14:00", "18:00"]]
    own = actions.new_calendar(by=by.adam, unit_id=by.housing.pk)
    assert (own.unit, own.sessions) == (by.housing, [["08:30", "12:00"], ["14:00", "18:00"]])
    with pytest.raises(BadInput):
        actions.new_calendar(by=by.adam, unit_id=by.housing.pk)
    local = seen(make.official("lola", Role.ADMINISTRATOR, by.water))
    with pytest.raises(NotFound):
        actions.set_day(by=local, calendar_id=own.pk, day=date(2026, 8, 3), kind="off")


@pytest.mark.django_db
def test_a_table_is_taken_over_whole_or_not_at_all():
    by = office()
    found = calendar(by)
    table = "日期,类型,时间,名称,已公布\n2027-02-06,放假,,春节,是\n2027/02/14,调休上班,,,否\n2027-03-01,应急,,台风,是\n"
    assert actions.import_days(by=by.adam, calendar_id=found.pk, table=table.encode("gb18030")) == 3
    days = {day.date.isoformat(): (day.kind, day.confirmed) for day in CalendarDay.objects.all()}
    assert days == {
        "2027-02-06": ("off", True), "2027-02-14": ("work", False), "2027-03-01": ("emergency", True),
    }  # fmt: skip
    assert queries.is_year_provisional(found, 2027)
    clock = clock_for(by.city, MONDAY + 365 * DAY)
    assert not clock.is_working_day(date(2027, 3, 1))
    assert clock.is_working_day(date(2027, 2, 14))
    for wrong in (
        b"",
        b"2027-02-30,off",
        b"2027-02-03,holiday",
        b"x" * 300_000,
        b"\xff\xfe\x00",
        b"2027-01-01,off,9-5",
    ):
        with pytest.raises(BadInput):
            actions.import_days(by=by.adam, calendar_id=found.pk, table=b"2027-05-05,off\n" + wrong if wrong else b"")
    assert CalendarDay.objects.count() == 3


@pytest.mark.django_db
def test_the_ladder_is_climbed_once_a_rung_and_after_a_stop_only_the_highest():
    by = office()
    actions.load_ladder()
    case = letter(by.wang, by.mailbox).case
    # Intake has 120 minutes from 9:30: yellow at 11:06, over at 11:30, seven working hours later at 11:30 on Tuesday.
    over = MONDAY + timedelta(minutes=120)
    steps = [(MONDAY + timedelta(minutes=95), 0), (MONDAY + timedelta(minutes=96), 1), (over, 1), (over + HOUR, 0)]
    for at, fired in steps:
        assert actions.fire_due_timers(at=at) == fired
    assert Notice.objects.filter(person=by.ida.person).count() == 2
    # Seven hours by the clock on the wall are not seven working hours.
    assert actions.fire_due_timers(at=over + 7 * HOUR) == 0
    assert actions.fire_due_timers(at=over + DAY) == 1
    assert actions.fire_due_timers(at=over + DAY) == 0
    assert kinds(case.file_stream_name)[-1] == "unit.urged"
    assert actions.fire_due_timers(at=MONDAY + 20 * DAY) == 1
    # The second was due long ago too; the third alone is told, and nothing more ever is.
    assert Notice.objects.filter(person=by.lin.person, kind="office.light.red").count() == 1
    assert Task.objects.get(case=case, status="open").next_action_at is None
    assert actions.fire_due_timers(at=MONDAY + 40 * DAY) == 0
    # A task whose lights never turned, because nothing ran, tells its highest rung and no light before.
    other = letter(by.wang, by.mailbox).case
    assert actions.fire_due_timers(at=MONDAY + 20 * DAY) == 1
    assert kinds(other.file_stream_name) == ["light.turned"]


@pytest.mark.django_db
def test_a_rung_may_issue_an_order_and_its_table_is_checked():
    by = office()
    rung = {
        "level": 1, "name": "Order", "hours": 1, "tells": ["doer"], "channels": [], "does": "order",
    }  # fmt: skip
    for wrong in ({"level": 0}, {"hours": 0}, {"hours": 9999}, {"tells": []}, {"tells": ["all"]}, {"does": "x"}):
        with pytest.raises(BadInput):
            actions.save_rung(by=by.adam, **(rung | wrong))
    with pytest.raises(NotFound):
        actions.save_rung(by=by.sven, **rung)
    actions.save_rung(by=by.adam, **rung)
    case = case_at("signed", by)
    assert case.due_at is not None
    Task.objects.filter(case=case, status="open").update(next_action_at=case.due_at)
    actions.fire_due_timers(at=case.due_at + DAY)
    order = Order.objects.get()
    assert (order.case, order.issued_by) == (case, by.sven.person)
    actions.drop_rung(by=by.adam, level=1)
    assert not Rung.objects.exists()


@pytest.mark.django_db
def test_the_pages_show_the_year_and_take_changes():
    by = office()
    found = calendar(by)
    client = Client(headers={"accept-language": "en"})
    client.force_login(by.adam.person, backend="accounts.backends.PersonBackend")
    assert "provisional" in client.get("/hours/").content.decode()
    page = f"/hours/{found.pk}/"
    sent = client.post(f"{page}day/?year=2026", {"day": "2026-05-01", "kind": "off", "name": "Labour Day"})
    assert sent.status_code == 302
    shown = client.get(f"{page}?year=2026").content.decode()
    assert "Labour Day" in shown
    assert "1 open case" not in shown
    assert client.post(f"{page}hours/", {"hours": "never"}).status_code == 422
    assert client.post(f"{page}drop/", {"day": "2026-07-07"}).status_code == 404
    table = client.get(f"{page}table/?year=2026")
    assert table.content.decode("utf-8-sig").splitlines()[1].startswith("2026-05-01,off")
    for year in ("x", "99999999999", "-1", "1066"):
        assert client.get(f"{page}?year={year}").status_code == 200
    rung = {"level": 3, "name": "Urge", "hours": 7, "tells": ["doer"], "does": "urge", "active": "on"}
    assert client.post("/hours/ladder/", rung).status_code == 302
    assert "7 working hours late" in client.get("/hours/ladder/?level=3").content.decode()
    assert client.post("/hours/ladder/", rung | {"hours": "0"}).status_code == 422
    assert client.post("/hours/ladder/", {"do": "drop", "level": "3"}).status_code == 302
    assert client.post("/hours/ladder/", {"do": "drop", "level": "99999"}).status_code == 404
