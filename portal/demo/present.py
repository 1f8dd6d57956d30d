"""The last fortnight: cases at every step, made by the very actions that the pages call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from accounts.models import Person, Role
from accounts.viewers import Viewer, person_viewer
from engagement import actions
from engagement.models import Case
from engagement.working_time import WorkClock, clock_for

from . import phrases
from .city import City
from .letters import Letter, write
from .places import SPOTS

# How many cases end at each step, and how many working minutes ago they began at the earliest and the latest.
STAGES: tuple[tuple[str, int, int, int], ...] = (
    ("received", 6, 5, 200),
    ("accepted", 4, 60, 500),
    ("dispatched", 6, 200, 900),
    ("signed", 6, 300, 2400),
    ("working", 6, 900, 2000),
    # Close to their due time, and past it: there must be yellow and red lights to look at.
    ("working", 4, 2400, 2900),
    ("working", 4, 3000, 4600),
    ("signed", 2, 2450, 3300),
    ("asked", 4, 600, 1800),
    ("clarified", 2, 1500, 2600),
    ("returned", 2, 600, 1500),
    ("in_review", 5, 1200, 3000),
    ("to_sign", 7, 1200, 3000),
    ("sent_back", 2, 1500, 2900),
    ("answered", 9, 1500, 3600),
    ("rated", 7, 1800, 3800),
    ("reopened", 3, 2200, 3800),
    ("refused", 1, 900, 2000),
    ("withdrawn", 1, 900, 2000),
)
# Letters to the mayor that wait for his signature, whatever chance brings: the demo's leader has something to do.
MAYORS, MAYORS_BOX = 2, "he-jianping"
REPORTS = 2
# Cases of the last hours, whatever the day of the week, and how many minutes ago the oldest of them came.
FRESH, FRESH_MINUTES = 4, 300


def fill(city: City, dice: Random, at: datetime) -> int:
    """Make the open and the newest cases; return how many."""
    clock = clock_for(city.units["city"], at)
    made = 0
    for stage, count, youngest, oldest in STAGES:
        for _number in range(count):
            start = _before(clock, at, dice.randint(youngest, oldest))
            _Way(city, dice, clock, start, at).to(stage)
            made += 1
    for _number in range(MAYORS):
        start = _before(clock, at, dice.randint(1200, 3000))
        _Way(city, dice, clock, start, at, MAYORS_BOX).to("to_sign")
        made += 1
    for _number in range(FRESH):
        _Way(city, dice, clock, at - timedelta(minutes=dice.randint(3, FRESH_MINUTES)), at)
        made += 1
    for number in range(REPORTS):
        _report(city, phrases.REPORTS[number % len(phrases.REPORTS)], _before(clock, at, dice.randint(300, 1500)))
        made += 1
    return made


def _before(clock: WorkClock, at: datetime, minutes: int) -> datetime:
    """Return the moment so many working minutes before `at`, to the nearest half hour."""
    moment = at
    while clock.minutes_between(moment, at) < minutes:
        moment -= timedelta(minutes=30)
    return moment


def _report(city: City, words: tuple[str, str, str], at: datetime) -> None:
    language, title, text = words
    spot = SPOTS[11]
    place = spot.name_en if language == "en" else spot.name
    actions.file_case(
        viewer=Viewer(visitor="demo-report", language=language), kind=Case.Kind.REPORT, title=title,
        text=text.format(place=place), channel=Case.Channel.FORM, language=language, at=at,
    )  # fmt: skip


class _Way:
    """One case on its way; every step takes some working time, but never beyond now."""

    def __init__(
        self, city: City, dice: Random, clock: WorkClock, start: datetime, now: datetime, box: str = ""
    ) -> None:
        self.city, self.dice, self.clock, self.now = city, dice, clock, now
        self.letter: Letter = write(city, dice, start, box)
        self.at = start
        self._left = max(1, clock.minutes_between(start, now))
        self.case = self._file()

    def to(self, stage: str) -> None:
        """Take every step up to the stage."""
        steps = WAYS[stage]
        for number, step in enumerate(steps):
            self._wait(len(steps) - number)
            step(self)

    def _wait(self, steps_left: int) -> None:
        share = self.dice.uniform(0.2, 0.9) / steps_left
        left = self.clock.minutes_between(self.at, self.now)
        if left > 1:
            self.at = min(self.clock.due_in_minutes(self.at, max(1, int(left * share))), self.now)

    def _file(self) -> Case:
        letter = self.letter
        by = self._citizen()
        if letter.citizen is None and letter.channel in actions.filing.ON_BEHALF:
            by = self._as(self.city.people["lin.duty"])
        contact = {} if letter.citizen else {"name": "", "phone": "", "email": "", "wants": "none"}
        return actions.file_case(
            viewer=by, kind=letter.matter.kind, title=letter.title, text=letter.text, channel=letter.channel,
            language=letter.language, category=letter.category, mailbox=letter.mailbox, public=letter.public,
            place=letter.spot.name_en if letter.language == "en" else letter.spot.name,
            latitude=letter.spot.latitude, longitude=letter.spot.longitude, contact=contact, at=self.at,
        ).case  # fmt: skip

    def _citizen(self) -> Viewer:
        if self.letter.citizen is not None:
            return self._as(self.letter.citizen)
        grants = frozenset({f"case-{self.case.number}"} if hasattr(self, "case") else ())
        return Viewer(visitor="demo", language=self.letter.language, grants=grants)

    def _as(self, person: Person) -> Viewer:
        return person_viewer(person)

    def _officer(self, role: str, unit: str = "") -> Viewer:
        return self._as(self.city.at(unit or self.letter.unit, role))

    def accept(self) -> None:
        """The intake officer takes it up."""
        by = self._officer(Role.INTAKE_OFFICER, "city")
        actions.accept_case(case_id=self.case.pk, version=None, by=by, at=self.at)

    def refuse(self) -> None:
        """The intake officer says where it belongs."""
        _language, ground, route = next(each for each in phrases.REFUSALS if each[0] == self.letter.language)
        by = self._officer(Role.INTAKE_OFFICER, "city")
        actions.refuse_case(case_id=self.case.pk, version=None, by=by, ground=ground, route=route, at=self.at)

    def dispatch(self) -> None:
        """The dispatcher sends it to the unit."""
        by, unit = self._officer(Role.DISPATCHER, "city"), self.city.units[self.letter.unit]
        actions.dispatch_case(case_id=self.case.pk, version=None, by=by, unit_id=unit.pk, at=self.at)

    def sign(self) -> None:
        """The handler signs for it."""
        actions.sign_for_case(case_id=self.case.pk, version=None, by=self._officer(Role.HANDLER), at=self.at)

    def hand_back(self) -> None:
        """The handler's unit holds another one competent."""
        by = self._officer(Role.HANDLER)
        self.case.refresh_from_db()
        # In the time for it, whenever the next step would have come.
        at = min(self.at, self.clock.due_in_minutes(self.case.dispatched_at or self.at, 200))
        actions.return_case(
            case_id=self.case.pk, version=None, by=by, reason=phrases.RETURNS, ground="other-area", at=at
        )

    def note(self) -> None:
        """The handler writes down what is going on, and now and then the citizen or the leader asks."""
        by = self._officer(Role.HANDLER)
        actions.add_note(case_id=self.case.pk, by=by, text=self.dice.choice(phrases.NOTES), at=self.at)
        if self.dice.random() < 0.3:
            words = phrases.URGES[1 if self.letter.language == "en" else 0]
            actions.urge_case(case_id=self.case.pk, by=self._citizen(), words=words, at=self.at)
        if self.letter.mailbox and self.dice.random() < 0.5:
            leader = self._as(self.letter.mailbox.leader)
            actions.comment_case(case_id=self.case.pk, by=leader, text=self.dice.choice(phrases.COMMENTS), at=self.at)

    def ask(self) -> None:
        """The handler asks the citizen."""
        by, question = self._officer(Role.HANDLER), phrases.QUESTIONS[self.letter.language]
        actions.ask_citizen(case_id=self.case.pk, version=None, by=by, question=question, at=self.at)

    def answer(self) -> None:
        """The citizen answers."""
        text = phrases.ANSWERS[self.letter.language]
        actions.answer_question(case_id=self.case.pk, by=self._citizen(), text=text, at=self.at)

    def submit(self) -> None:
        """The handler hands in the drafted reply."""
        actions.submit_reply(
            case_id=self.case.pk, version=None, by=self._officer(Role.HANDLER), text=self.letter.reply,
            outcome=self.letter.matter.outcome, at=self.at,
        )  # fmt: skip

    def approve(self) -> None:
        """The reviewer lets it pass."""
        actions.approve_reply(case_id=self.case.pk, version=None, by=self._officer(Role.REVIEWER), at=self.at)

    def send_back(self) -> None:
        """The reviewer wants it better."""
        by = self._officer(Role.REVIEWER)
        actions.send_back(case_id=self.case.pk, version=None, by=by, reason=phrases.SEND_BACKS, at=self.at)

    def sign_off(self) -> None:
        """The leader signs a letter's reply; other cases are answered already."""
        if self.letter.mailbox is not None:
            by = self._as(self.letter.mailbox.leader)
            actions.sign_reply(case_id=self.case.pk, version=None, by=by, at=self.at)

    def rate(self) -> None:
        """The citizen is content."""
        score = self.dice.choice((5, 5, 4, 4, 3))
        words = [each for each in phrases.PRAISES[score] if each.isascii() == (self.letter.language == "en")] or [""]
        actions.rate_case(
            case_id=self.case.pk, by=self._citizen(), score=score, words=self.dice.choice(words), at=self.at
        )

    def reopen(self) -> None:
        """The citizen is not."""
        reason = phrases.REOPENS[self.letter.language]
        actions.reopen_case(case_id=self.case.pk, by=self._citizen(), reason=reason, at=self.at)

    def withdraw(self) -> None:
        """The citizen takes it back."""
        reason = "Solved meanwhile." if self.letter.language == "en" else "问题已经解决了，谢谢。"
        actions.withdraw_case(case_id=self.case.pk, by=self._citizen(), reason=reason, at=self.at)


Step = Callable[[_Way], None]
_SENT: tuple[Step, ...] = (_Way.accept, _Way.dispatch)
_HELD: tuple[Step, ...] = (*_SENT, _Way.sign)
_DRAFTED: tuple[Step, ...] = (*_HELD, _Way.note, _Way.submit)
_DONE: tuple[Step, ...] = (*_DRAFTED, _Way.approve, _Way.sign_off)
WAYS: dict[str, tuple[Step, ...]] = {
    "received": (),
    "accepted": (_Way.accept,),
    "dispatched": _SENT,
    "signed": _HELD,
    "working": (*_HELD, _Way.note),
    "asked": (*_HELD, _Way.ask),
    "clarified": (*_HELD, _Way.ask, _Way.answer),
    "returned": (*_SENT, _Way.hand_back),
    "in_review": _DRAFTED,
    "to_sign": (*_DRAFTED, _Way.approve),
    "sent_back": (*_DRAFTED, _Way.send_back),
    "answered": _DONE,
    "rated": (*_DONE, _Way.rate),
    "reopened": (*_DONE, _Way.reopen),
    "refused": (_Way.refuse,),
    "withdrawn": (_Way.accept, _Way.withdraw),
}
