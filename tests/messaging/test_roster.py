"""The roster: hours, patterns, swaps, hand-over sheets and alarms."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Role
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from accounts.viewers import person_viewer
from engagement.models import Calendar, CalendarDay
from messaging import actions, queries
from messaging.models import Duty, Rota, Shift, Swap, Talk
from notices.models import Notice
from tests import make
from tests.messaging import cast

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
# Wednesday to the second Tuesday: 1 to 3 October are days off, Saturday 10 is a make-up day.
HOURS = [["09:00", "12:00"], ["13:30", "17:00"]]


def moment(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def keeper(name: str = "sven"):
    make.unit()
    return make.viewer(make.official(name, Role.SUPERVISOR, make.unit("city")))


@pytest.fixture
def calendar():
    made = Calendar.objects.create(key="city", name="City", unit=make.unit("city"), sessions=HOURS)
    for day in (1, 2):
        day_off = {"date": date(2026, 10, day), "kind": "off", "name": "国庆节", "name_en": "National Day"}
        CalendarDay.objects.create(calendar=made, **day_off)
    CalendarDay.objects.create(calendar=made, date=date(2026, 10, 10), kind="work", name="调休上班")
    return made


class TestHours:
    @pytest.fixture
    def desk(self, calendar):
        desk = cast.desk()
        actions.set_hours(desk_id=desk.pk, by=keeper(), hours=HOURS, off_hours=[["10:00", "11:00"]])
        desk.refresh_from_db()
        dora = cast.officer()
        # On the roster around the clock: what opens and closes here are the hours.
        for day in range(20):
            start = moment(28, 0) + timedelta(days=day)
            Shift.objects.create(desk=desk, officer=dora, starts_at=start, ends_at=start + timedelta(days=1))
        return desk

    @pytest.mark.parametrize(
        ("at", "is_open", "then"),
        [
            (moment(30, 9), True, moment(30, 12)),
            (moment(30, 12), False, moment(30, 13, 30)),
            (moment(30, 16, 59), True, moment(30, 17)),
            (moment(30, 17), False, moment(1, 10, month=10)),
            (moment(1, 10, 30, month=10), True, moment(1, 11, month=10)),
            (moment(1, 14, month=10), False, moment(2, 10, month=10)),
            (moment(10, 14, month=10), True, moment(10, 17, month=10)),
        ],
    )
    def test_slots_days_off_and_make_up_days(self, desk, at, is_open, then):
        state = queries.desk_state(desk, at)
        assert (state.open, state.closes_at if is_open else state.opens_at) == (is_open, then)

    def test_a_special_day_goes_before_the_calendar(self, desk):
        day = date(2026, 9, 30)
        actions.set_day(desk_id=desk.pk, by=keeper(), day=day, hours=[], name="Moving house", at=moment(28, 9))
        state = queries.desk_state(desk, moment(30, 9))
        assert (state.open, state.opens_at, state.day_name) == (False, moment(1, 10, month=10), "Moving house")
        actions.set_day(desk_id=desk.pk, by=keeper(), day=day, hours=None, at=moment(28, 9))
        assert queries.desk_state(desk, moment(30, 9)).open

    def test_a_closed_desk_names_the_holiday(self, desk):
        national_day = moment(1, 14, month=10)
        for language, name in (("zh-hans", "国庆节"), ("en", "National Day")):
            with override(language):
                assert queries.desk_state(desk, national_day).day_name == name
        # An evening, an ordinary day, and a day on which what is closed elsewhere is open.
        for at in (moment(30, 17), moment(10, 18, month=10), moment(1, 10, 30, month=10)):
            assert queries.desk_state(desk, at).day_name == ""

    def test_it_opens_when_both_the_hours_and_somebody_begin(self, desk):
        Shift.objects.all().delete()
        assert queries.desk_state(desk, moment(29, 20)).opens_at == moment(30, 9)
        Shift.objects.create(desk=desk, officer=cast.officer(), starts_at=moment(30, 14), ends_at=moment(30, 20))
        state = queries.desk_state(desk, moment(30, 9))
        assert (state.open, state.opens_at) == (False, moment(30, 14))

    @pytest.mark.parametrize(
        "wrong", [[["12:00", "09:00"]], [["9", "x"]], [["09:00", "12:00"], ["11:00", "13:00"]], [5]]
    )
    def test_it_refuses_what_are_no_hours(self, desk, wrong):
        with pytest.raises(BadInput):
            actions.set_hours(desk_id=desk.pk, by=keeper(), hours=wrong, off_hours=[])


class TestPatterns:
    def rota(self, officers, **more):
        asked = {"days": "work", "starts": time(9), "ends": time(17), "since": date(2026, 9, 28), **more}
        return actions.save_rota(
            desk_id=cast.desk().pk, by=keeper(), officers=[one.pk for one in officers], at=moment(25, 9), **asked
        )

    def make(self, first=date(2026, 9, 28), days=14):
        return actions.make_shifts(desk_id=cast.desk().pk, by=keeper(), first=first, days=days, at=moment(25, 9))

    def test_a_week_is_made_in_turns_on_working_days_only_and_once(self, calendar):
        dora, emil = cast.officer("dora"), cast.officer("emil")
        self.rota([dora, emil])
        assert self.make() == 9
        assert self.make() == 0
        days = [(one.starts_at.astimezone(ZONE).day, one.officer) for one in Shift.objects.order_by("starts_at")]
        turns = [dora, emil, dora, emil, dora, emil, dora, emil, dora]
        assert days == list(zip([28, 29, 30, 5, 6, 7, 8, 9, 10], turns, strict=True))
        assert cast.entries(cast.desk().stream_name)[-1].data["shifts"] == 9
        told = Notice.objects.filter(kind="shifts_made").order_by("person").values_list("person__username", "title")
        assert [(name, title[:1]) for name, title in told] == [("dora", "5"), ("emil", "4")]

    def test_a_rota_by_weeks_with_two_seats_and_over_midnight(self, calendar):
        people = [cast.officer(name) for name in ("dora", "emil", "finn")]
        self.rota(people, days="all", turn="week", seats=2, starts=time(20), ends=time(8))
        self.make()
        first = {one.officer.username for one in Shift.objects.filter(starts_at__lt=moment(5, 0, month=10))}
        second = {one.officer.username for one in Shift.objects.filter(starts_at__gte=moment(5, 0, month=10))}
        assert (first, second) == ({"dora", "emil"}, {"finn", "dora"})
        assert {one.ends_at - one.starts_at for one in Shift.objects.all()} == {timedelta(hours=12)}

    def test_nobody_sits_at_two_places(self, calendar):
        dora = cast.officer("dora")
        Shift.objects.create(desk=cast.desk(), officer=dora, starts_at=moment(28, 8), ends_at=moment(28, 10))
        self.rota([dora])
        assert self.make(days=2) == 1
        with pytest.raises(Conflict):
            actions.add_shift(
                desk_id=cast.desk().pk, by=keeper(), officer_id=dora.pk,
                starts_at=moment(28, 9), ends_at=moment(28, 11), at=moment(25, 9),
            )  # fmt: skip

    def test_an_officer_hears_of_a_shift_that_was_given_and_taken(self, calendar):
        dora, hours = cast.officer("dora"), {"starts_at": moment(28, 9), "ends_at": moment(29, 0)}
        given = {"desk_id": cast.desk().pk, "by": keeper(), "officer_id": dora.pk, "at": moment(25, 9), **hours}
        shift = actions.add_shift(**given)
        assert actions.add_shift(**given) == shift
        actions.remove_shift(shift_id=shift.pk, by=keeper(), at=moment(25, 10))
        told = Notice.objects.filter(person=dora).order_by("pk")
        assert [notice.kind for notice in told] == ["shift_added", "shift_removed"]
        assert told[0].title.endswith("24:00")

    def test_a_week_shows_days_and_gaps(self, calendar):
        desk = cast.desk()
        actions.set_hours(desk_id=desk.pk, by=keeper(), hours=HOURS, off_hours=[])
        desk.refresh_from_db()
        Shift.objects.create(desk=desk, officer=cast.officer(), starts_at=moment(28, 9), ends_at=moment(28, 15))
        with override("zh-hans"):
            week = queries.week_of(desk, date(2026, 9, 28), moment(28, 10))
        assert week[0].gaps == [(moment(28, 15), moment(28, 17))]
        assert (week[1].gaps[0][0], week[3].name, week[3].gaps, week[0].is_today) == (moment(29, 9), "国庆节", [], True)

    def test_only_those_in_charge_of_the_unit_make_it(self, calendar):
        dora = cast.officer("dora")
        elsewhere = make.viewer(make.official("silke", Role.SUPERVISOR, make.unit("water")))
        for other in (person_viewer(dora), elsewhere, cast.visitor(), cast.citizen()):
            with pytest.raises(NotFound):
                actions.make_shifts(desk_id=cast.desk().pk, by=other, first=date(2026, 9, 28), at=moment(25, 9))
        with pytest.raises(NotFound):
            self.rota([make.person("chen")])
        for wrong in ({"seats": 3}, {"days": "x"}):
            with pytest.raises(BadInput):
                self.rota([dora], **wrong)

    def test_a_leader_sits_at_the_desk_on_a_leader_day_and_only_then(self, calendar):
        he = make.official("he", Role.LEADER, make.unit())
        desk = cast.desk(automatic=True)
        shift = {"starts_at": moment(28, 9), "ends_at": moment(28, 11), "at": moment(25, 9)}
        with pytest.raises(NotFound):
            actions.add_shift(desk_id=desk.pk, by=keeper(), officer_id=he.pk, **shift)
        actions.add_shift(desk_id=desk.pk, by=keeper(), officer_id=he.pk, kind="leader", **shift)
        assert not queries.is_serving(person_viewer(he), moment(28, 8))
        actions.set_duty(by=person_viewer(he), state="on", at=moment(28, 9))
        talk = cast.talk(at=moment(28, 9))
        actions.assign_waiting(desk_id=desk.pk, at=moment(28, 9))
        assert Talk.objects.get(pk=talk.pk).officer == he
        assert Rota.objects.count() == 0


class TestSwaps:
    @pytest.fixture
    def shifts(self):
        dora, emil = cast.officer("dora"), cast.officer("emil")
        return [
            Shift.objects.create(desk=cast.desk(), officer=one, starts_at=moment(day, 9), ends_at=moment(day, 17))
            for one, day in ((dora, 28), (emil, 29))
        ]

    def ask(self, shifts, **more):
        dora, emil = (person_viewer(one.officer) for one in shifts)
        at = moment(25, 9)
        return dora, emil, actions.ask_swap(shift_id=shifts[0].pk, by=dora, officer_id=emil.person.pk, at=at, **more)

    def test_both_shifts_change_hands_and_both_are_told(self, shifts):
        dora, emil, swap = self.ask(shifts, other_id=shifts[1].pk, note="A wedding")
        assert queries.swaps_for(emil) == [swap]
        assert Notice.objects.get(person=emil.person).kind == "swap_asked"
        actions.answer_swap(swap_id=swap.pk, by=emil, accept=True, at=moment(25, 10))
        assert [Shift.objects.get(pk=one.pk).officer for one in shifts] == [emil.person, dora.person]
        assert Notice.objects.get(person=dora.person).kind == "swap_answered"
        with pytest.raises(Conflict):
            actions.answer_swap(swap_id=swap.pk, by=emil, accept=False)

    def test_refused_or_taken_back_changes_nothing(self, shifts):
        dora, emil, swap = self.ask(shifts)
        with pytest.raises(Conflict):
            self.ask(shifts)
        actions.answer_swap(swap_id=swap.pk, by=emil, accept=False, at=moment(25, 10))
        _dora, _emil, again = self.ask(shifts)
        actions.withdraw_swap(swap_id=again.pk, by=dora)
        assert Shift.objects.get(pk=shifts[0].pk).officer == dora.person
        assert set(Swap.objects.values_list("state", flat=True)) == {"refused", "withdrawn"}

    def test_it_refuses_strangers_two_places_at_once_and_begun_shifts(self, shifts):
        dora, emil, swap = self.ask(shifts)
        for other in (dora, cast.on_duty("finn"), cast.citizen()):
            with pytest.raises(NotFound):
                actions.answer_swap(swap_id=swap.pk, by=other, accept=True)
        Shift.objects.create(desk=cast.desk(), officer=emil.person, starts_at=moment(28, 16), ends_at=moment(28, 20))
        with pytest.raises(Conflict):
            actions.answer_swap(swap_id=swap.pk, by=emil, accept=True, at=moment(25, 10))
        with pytest.raises(WrongStatus):
            actions.answer_swap(swap_id=swap.pk, by=emil, accept=True, at=moment(28, 9))
        with pytest.raises(NotFound):
            actions.ask_swap(shift_id=shifts[1].pk, by=dora, officer_id=emil.person.pk, at=moment(25, 9))


class TestRelief:
    def test_the_sheet_holds_what_is_open_and_is_taken_once(self):
        now = timezone.now()
        dora, emil, finn = (cast.on_duty(name) for name in ("dora", "emil", "finn"))
        shift = Shift.objects.get(officer=dora.person)
        waiting, held = cast.talk(by=cast.visitor("w")), cast.open_talk(by=cast.visitor("h"), holder=dora)
        done = cast.open_talk(by=cast.visitor("d"), holder=dora)
        case = actions.make_case(talk_id=done.pk, by=dora)
        actions.end_talk(talk_id=done.pk, by=dora)
        sheet = actions.hand_over(shift_id=shift.pk, by=dora, note="The lift man calls at six.", at=now)
        assert sheet.open_things == {"waiting": [waiting.number], "held": [held.number], "cases": [case.number]}
        things = queries.sheet_of(sheet.open_things, emil)
        assert (things.waiting, things.held, [one for one, _may in things.cases]) == ([waiting], [held], [case])
        for other in (dora, cast.citizen(), make.viewer(make.official("hugo"))):
            with pytest.raises(NotFound):
                actions.take_over(sheet_id=sheet.pk, by=other)
        with pytest.raises(NotFound):
            actions.hand_over(shift_id=shift.pk, by=emil)
        actions.take_over(sheet_id=sheet.pk, by=emil)
        for late in (lambda: actions.take_over(sheet_id=sheet.pk, by=finn),
                     lambda: actions.hand_over(shift_id=shift.pk, by=dora)):  # fmt: skip
            with pytest.raises(Conflict):
                late()
        assert cast.kinds(cast.desk().stream_name)[-2:] == ["shift.handed_over", "shift.taken_over"]

    def test_the_alarm_sounds_once_when_nobody_relieves(self, calendar):
        sven, desk = keeper(), cast.desk()
        actions.set_hours(desk_id=desk.pk, by=sven, hours=HOURS, off_hours=[])
        dora = cast.officer()
        Duty.objects.create(officer=dora, state="on", seen_at=moment(28, 16))
        shift = Shift.objects.create(desk=desk, officer=dora, starts_at=moment(28, 9), ends_at=moment(28, 15))
        assert actions.watch_roster(at=moment(28, 14, 40)) == 0
        assert actions.watch_roster(at=moment(28, 14, 50)) == 1
        assert actions.watch_roster(at=moment(28, 14, 51)) == 0
        assert cast.kinds(desk.stream_name)[-1] == "desk.unrelieved"
        assert set(Notice.objects.filter(kind="desk_unrelieved").values_list("person", flat=True)) == {
            sven.person.pk, dora.pk,
        }  # fmt: skip
        assert [one.pk for one in queries.alarms_for(sven, moment(28, 15))] == [shift.pk]

    def test_no_alarm_with_relief_or_at_closing_time(self, calendar):
        desk = cast.desk()
        actions.set_hours(desk_id=desk.pk, by=keeper(), hours=HOURS, off_hours=[])
        dora, emil = cast.officer("dora"), cast.officer("emil")
        for one, start, end in ((dora, 9, 15), (emil, 15, 17)):
            Duty.objects.create(officer=one, state="on", seen_at=moment(28, 20))
            Shift.objects.create(desk=desk, officer=one, starts_at=moment(28, start), ends_at=moment(28, end))
        assert actions.watch_roster(at=moment(28, 14, 50)) == 0
        assert actions.watch_roster(at=moment(28, 16, 50)) == 0

    def test_the_alarm_sounds_when_nobody_came(self):
        sven, dora = keeper(), cast.officer()
        Shift.objects.create(desk=cast.desk(), officer=dora, starts_at=moment(28, 9), ends_at=moment(28, 15))
        assert actions.watch_roster(at=moment(28, 9, 9)) == 0
        assert actions.watch_roster(at=moment(28, 9, 11)) == 1
        assert actions.watch_roster(at=moment(28, 9, 12)) == 0
        assert Notice.objects.filter(kind="desk_unmanned", person=sven.person).count() == 1


class TestSkills:
    def test_who_speaks_it_gets_it_and_what_nobody_speaks_waits_for_nobody(self):
        desk = cast.desk(automatic=True)
        dora, emil = cast.on_duty("dora"), cast.on_duty("emil")
        for one, languages in ((dora, ["zh-hans"]), (emil, ["en"])):
            actions.set_officer(desk_id=desk.pk, by=keeper(), officer_id=one.person.pk, languages=languages, limit=None)
        english = [cast.talk(by=cast.visitor(f"v{number}")) for number in range(2)]
        actions.assign_waiting(desk_id=desk.pk)
        assert {Talk.objects.get(pk=one.pk).officer for one in english} == {emil.person}
        Duty.objects.filter(officer=emil.person).update(state="away")
        last = cast.talk(by=cast.visitor("late"))
        actions.assign_waiting(desk_id=desk.pk)
        assert Talk.objects.get(pk=last.pk).officer == dora.person

    def test_an_officers_own_limit_holds_by_hand_and_by_itself(self):
        desk = cast.desk(automatic=True, limit=3)
        dora = cast.on_duty()
        actions.set_officer(desk_id=desk.pk, by=keeper(), officer_id=dora.person.pk, languages=[], limit=1)
        talks = [cast.talk(by=cast.visitor(f"v{number}")) for number in range(3)]
        assert actions.assign_waiting(desk_id=desk.pk) == 1
        with pytest.raises(Conflict):
            actions.take_talk(talk_id=talks[2].pk, by=dora)
        for wrong in ({"languages": ["xx"]}, {"limit": 0}):
            with pytest.raises(BadInput):
                actions.set_officer(
                    desk_id=desk.pk, by=keeper(), officer_id=dora.person.pk, **{"languages": [], "limit": None, **wrong}
                )
