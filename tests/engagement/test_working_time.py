"""Working time: due times, durations, holidays and make-up days, against an oracle that counts every minute."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Unit
from engagement.actions import renew_calendar, seed_calendar
from engagement.models import Calendar, CalendarDay
from engagement.rules import BadInput, BeyondCalendar
from engagement.working_time import FIRST_YEAR, WorkClock, clock_for, slots_of
from tests import make

SHANGHAI = ZoneInfo("Asia/Shanghai")
LUNCH = [["09:00", "12:00"], ["13:00", "17:00"]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def plain(special: dict[date, tuple[tuple[int, int], ...]] | None = None) -> WorkClock:
    return WorkClock(zone="Asia/Shanghai", sessions=LUNCH, special=special or {}, first_year=2026, last_year=2026)


@pytest.fixture
def china(db: None) -> WorkClock:
    seed_calendar("city", [2026, 2027])
    return clock_for(None, at("2026-11-22T10:00"))


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        ("2026-02-13T10:00", "2026-02-27T17:00"),
        ("2026-09-30T10:00", "2026-10-13T17:00"),
        # After the last slot and on a day off: received on the next working day.
        ("2026-03-09T17:01", "2026-03-17T17:00"),
        ("2026-03-09T17:00", "2026-03-16T17:00"),
        ("2026-03-07T10:00", "2026-03-16T17:00"),
        # A Saturday on which everybody works.
        ("2026-02-14T10:00", "2026-02-28T17:00"),
    ],
)
def test_five_working_days_later_by_the_chinese_calendar(china, filed, due):
    assert china.due_in_days(at(filed), 5) == at(due)


def test_days_have_their_names_in_both_languages(china):
    days = [date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 12)]
    assert [china.day_name(day, "zh-hans") for day in days] == ["国庆节", "调休上班", ""]
    assert [china.day_name(day, "en") for day in days] == ["National Day", "Make-up working day", ""]


def test_make_up_saturdays_are_working_days_and_new_year_is_not(china):
    assert china.is_working_day(date(2026, 2, 14))
    assert china.is_working_day(date(2026, 10, 10))
    assert not china.is_working_day(date(2026, 2, 17))
    assert not china.is_working_day(date(2026, 3, 8))


def test_every_day_of_two_known_years_agrees_with_a_second_opinion(db):
    chinese_calendar = pytest.importorskip("chinese_calendar")
    seed_calendar("city", [2024, 2025])
    clock = clock_for(None, at("2026-01-05T10:00"))
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(731)]
    assert [day for day in days if clock.is_working_day(day) != chinese_calendar.is_workday(day)] == []


def test_a_year_whose_notice_is_not_out_is_provisional(china):
    assert china.provisional_years >= {2027}
    assert 2026 not in china.provisional_years
    assert china.is_provisional(at("2027-03-01T10:00"))
    assert not china.is_provisional(at("2026-03-01T10:00"))
    assert not CalendarDay.objects.filter(date__year=2027, confirmed=True).exists()


def test_it_raises_beyond_its_table_and_never_guesses(china):
    with pytest.raises(BeyondCalendar):
        china.due_in_days(at("2027-12-30T10:00"), 30)
    with pytest.raises(BeyondCalendar):
        china.due_in_minutes(at("2027-12-30T10:00"), 60 * 24 * 20)
    with pytest.raises(BeyondCalendar):
        china.minutes_between(datetime(FIRST_YEAR - 1, 12, 31, tzinfo=SHANGHAI), at("2026-01-05T10:00"))


def test_lunch_does_not_count():
    clock = plain()
    assert clock.minutes_between(at("2026-03-09T11:30"), at("2026-03-09T13:30")) == 60
    assert clock.minutes_between(at("2026-03-09T13:30"), at("2026-03-09T11:30")) == -60
    assert clock.due_in_minutes(at("2026-03-09T11:30"), 60) == at("2026-03-09T13:30")
    assert clock.due_in_minutes(at("2026-03-13T16:30"), 60) == at("2026-03-16T09:30")
    assert clock.minutes_a_day == 420
    assert clock.is_open(at("2026-03-09T09:00"))
    assert not clock.is_open(at("2026-03-09T12:00"))


def test_the_moment_is_the_same_whatever_the_zone_it_is_told_in():
    clock = plain()
    utc = at("2026-03-09T10:00").astimezone(ZoneInfo("UTC"))
    assert clock.due_in_days(utc, 1) == at("2026-03-10T17:00")


def test_half_days_and_days_with_hours_of_their_own(db):
    calendar = Calendar.objects.create(key="city", name="x", sessions=LUNCH)
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 3, 10), kind="half")
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 3, 11), kind="work", sessions=[["08:00", "10:00"]])
    clock = clock_for(None, at("2026-03-09T10:00"))
    assert clock.due_in_days(at("2026-03-09T10:00"), 1) == at("2026-03-10T12:00")
    assert clock.due_in_days(at("2026-03-09T10:00"), 2) == at("2026-03-11T10:00")
    assert clock.minutes_between(at("2026-03-10T00:00"), at("2026-03-12T00:00")) == 180 + 120


def test_a_unit_uses_its_own_calendar_then_the_nearest_above_then_the_citys(db):
    city = make.unit("city")
    bureau = make.unit("housing")
    street = make.unit("street", parent=bureau)
    Calendar.objects.create(key="all", name="x", sessions=LUNCH)
    assert clock_for(street).key == "all"
    Calendar.objects.create(key="city", name="x", unit=city, sessions=LUNCH)
    assert clock_for(street).key == "city"
    Calendar.objects.create(key="bureau", name="x", unit=bureau, sessions=[["10:00", "11:00"]])
    assert clock_for(street).key == "bureau"
    assert clock_for(Unit.objects.get(code="city")).key == "city"
    assert clock_for(None).key == "city"


def test_without_any_calendar_it_is_the_standard_week_and_says_that_it_is_provisional(db):
    clock = clock_for(None, at("2026-03-09T10:00"))
    assert clock.due_in_days(at("2026-03-06T10:00"), 1) == at("2026-03-09T17:00")
    assert clock.is_provisional(at("2026-03-09T10:00"))


def test_a_change_of_the_calendar_is_seen_at_once(db):
    calendar = seed_calendar("city", [2026])
    assert clock_for(None, at("2026-03-09T10:00")).is_working_day(date(2026, 3, 10))
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 3, 10), kind="off", name="Snow")
    renew_calendar(calendar=calendar)
    assert not clock_for(None, at("2026-03-09T10:00")).is_working_day(date(2026, 3, 10))


def test_seeding_again_changes_nothing_and_leaves_days_entered_by_hand(db):
    calendar = seed_calendar("city", [2026])
    before = list(calendar.days.order_by("date").values_list("date", "kind"))
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 3, 10), kind="off", name="Snow")
    seed_calendar("city", [2026])
    after = list(calendar.days.order_by("date").values_list("date", "kind"))
    assert after == sorted([*before, (date(2026, 3, 10), "off")])


@pytest.mark.parametrize("sessions", [[["9", "x"]], [["12:00", "09:00"]], [["09:00", "12:00"], ["11:00", "17:00"]]])
def test_it_refuses_hours_that_cannot_be(db, sessions):
    with pytest.raises(BadInput):
        seed_calendar("city", [2026], sessions=sessions)
    with pytest.raises(ValueError, match=r"sessions must|Invalid isoformat"):
        slots_of(sessions)


SPECIAL = {
    date(2026, 1, 1): (),
    date(2026, 1, 3): ((540, 720), (780, 1020)),
    date(2026, 1, 6): ((540, 720),),
    date(2026, 1, 9): ((0, 60), (1380, 1440)),
}
START = at("2026-01-01T00:00")
MOMENTS = st.integers(min_value=0, max_value=15 * 1440).map(lambda minutes: START + timedelta(minutes=minutes))
CLOCK = plain(SPECIAL)


def works(moment: datetime) -> bool:
    local = moment.astimezone(SHANGHAI)
    usual = ((540, 720), (780, 1020)) if local.weekday() < 5 else ()
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in SPECIAL.get(local.date(), usual))


@given(MOMENTS, MOMENTS)
@settings(max_examples=60, deadline=None)
def test_elapsed_minutes_agree_with_counting_every_minute(one, other):
    first, last = sorted((one, other))
    counted, moment = 0, first
    while moment < last:
        counted += works(moment)
        moment += timedelta(minutes=1)
    assert CLOCK.minutes_between(first, last) == counted


@given(MOMENTS, st.integers(min_value=1, max_value=2000))
@settings(max_examples=60, deadline=None)
def test_due_minutes_are_the_first_moment_at_which_they_have_passed(start, minutes):
    due = CLOCK.due_in_minutes(start, minutes)
    assert CLOCK.minutes_between(start, due) == minutes
    assert CLOCK.minutes_between(start, due - timedelta(minutes=1)) == minutes - 1


@given(MOMENTS, st.integers(min_value=0, max_value=20))
@settings(max_examples=60, deadline=None)
def test_due_days_agree_with_walking_day_by_day(start, days):
    day = start.astimezone(SHANGHAI).date()

    def last_slot(each: date) -> int | None:
        usual = ((540, 720), (780, 1020)) if each.weekday() < 5 else ()
        slots = SPECIAL.get(each, usual)
        return slots[-1][1] if slots else None

    local = start.astimezone(SHANGHAI)
    end = last_slot(day)
    if end is None or local.hour * 60 + local.minute > end:
        day += timedelta(days=1)
        while last_slot(day) is None:
            day += timedelta(days=1)
    for _step in range(days):
        day += timedelta(days=1)
        while last_slot(day) is None:
            day += timedelta(days=1)
    expected = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=last_slot(day) or 0)
    assert CLOCK.due_in_days(start, days) == expected
