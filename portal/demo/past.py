"""The year that has passed: finished cases with all their steps, written in bulk."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import Person, Role, Unit
from engagement.actions import new_number
from engagement.imports.bundles import Bundle, write_bundles
from engagement.models import Case, Process, Publication, Reply
from engagement.processes.engine import newest
from engagement.queries import process_key
from engagement.queries.timeline import office_data, unit_data
from engagement.working_time import WorkClock, clock_for
from journal.history import Past

from . import people
from .city import City
from .letters import Letter, write
from .phrases import PRAISES, REFUSALS

COUNT = 300
OLDEST_DAYS = 365
# Younger ones are told by real actions, see present.py.
YOUNGEST_DAYS = 14
UNRATED_DAYS = 30
# Of a hundred finished cases: refused, taken back, rated.
REFUSED, WITHDRAWN, RATED = 4, 3, 58
SCORES, SCORE_SHARES = (5, 4, 3, 2, 1), (46, 27, 14, 8, 5)
PACE = {place.code: place.days for place in people.UNITS}


def fill(city: City, dice: Random, at: datetime) -> int:
    """Write the finished cases of the last year; return how many."""
    clock = clock_for(city.units["city"], at)
    days = sorted((dice.uniform(YOUNGEST_DAYS, OLDEST_DAYS) for _ in range(COUNT)), reverse=True)
    bundles = []
    for ago in days:
        received = _waking(at - timedelta(days=ago), dice)
        bundles.append(_Told(city, dice, clock, write(city, dice, received), received, at).bundle())
    write_bundles(bundles, lambda _unit_id: clock)
    return len(bundles)


def _waking(moment: datetime, dice: Random) -> datetime:
    """Return the moment moved into waking hours: people rarely write at four in the morning."""
    return moment.replace(hour=dice.choice((23, 0, 1, 1, 2, 3, 4, 6, 7, 8, 11, 12, 13, 14)), minute=dice.randrange(60))


class _Told:
    """One case while its history is being told."""

    def __init__(
        self, city: City, dice: Random, clock: WorkClock, letter: Letter, received: datetime, now: datetime
    ) -> None:
        self.city, self.dice, self.clock, self.letter, self.now = city, dice, clock, letter, now
        self.unit: Unit = city.units[letter.unit]
        process = _process(process_key(letter.matter.kind, letter.mailbox))
        promise = process.definition["promise_days"]
        due = clock.due_in_days(received, int(promise.get(letter.matter.kind, promise["default"])))
        self.case = Case(
            number=new_number(), kind=letter.matter.kind, channel=letter.channel, title=letter.title,
            text=letter.text, language=letter.language, category=letter.category, place=self._place(),
            latitude=letter.spot.latitude, longitude=letter.spot.longitude, mailbox=letter.mailbox,
            citizen=letter.citizen, public=letter.public, process=process, received_at=received, promised_at=due,
            due_at=due,
        )  # fmt: skip
        self.past: list[Past] = []
        self.replies: list[Reply] = []
        self.publication: Publication | None = None
        self.at = received

    def _place(self) -> str:
        return self.letter.spot.name_en if self.letter.language == "en" else self.letter.spot.name

    def bundle(self) -> Bundle:
        """Tell the whole story."""
        start: dict[str, Any] = {
            "kind": self.case.kind,
            "channel": self.case.channel,
            "promised_at": _text(self.case.due_at),
            "files": [],
        }
        self._tell("case.received", Case.Status.RECEIVED, self.letter.citizen, start)
        fate = self.dice.randrange(100)
        if fate < REFUSED:
            self._refused()
        elif fate < REFUSED + WITHDRAWN:
            self._withdrawn()
        else:
            self._answered()
            self._judged()
            if self.case.public and self.dice.randrange(100) < 80:
                self._published()
        return Bundle(self.case, self.past, self.replies, self.publication)

    def _later(self, least: int, most: int) -> None:
        """Let working minutes pass."""
        self.at = self.clock.due_in_minutes(self.at, self.dice.randint(least, most))

    def _tell(self, kind: str, status: str, by: Person | None, data: dict[str, Any] | None = None) -> None:
        self.case.status = status
        self.case.version += 1
        told = {**(data or {}), "status": status, "version": self.case.version}
        self.past.append(Past(self.case.stream_name, kind, self.at, told, by.pk if by else None))

    def _refused(self) -> None:
        self._later(20, 100)
        _language, ground, route = next(each for each in REFUSALS if each[0] == self.letter.language)
        self.case.first_response_at = self.case.concluded_at = self.at
        by = self.city.at("city", Role.INTAKE_OFFICER)
        self._tell("case.refused", Case.Status.NOT_ACCEPTED, by, {"ground": ground, "route": route})

    def _withdrawn(self) -> None:
        self._later(60, 600)
        self.case.concluded_at = self.at
        reason = "Solved by itself" if self.letter.language == "en" else "问题已自行解决"
        self._tell("case.withdrawn", Case.Status.WITHDRAWN, self.letter.citizen, {"reason": reason})

    def _answered(self) -> None:
        case, city, unit = self.case, self.city, unit_data(self.unit)
        handler, reviewer = city.at(self.letter.unit, Role.HANDLER), city.at(self.letter.unit, Role.REVIEWER)
        self._later(5, 90)
        case.accepted_at = self.at
        self._tell("case.accepted", Case.Status.ACCEPTED, city.at("city", Role.INTAKE_OFFICER))
        self._later(5, 150)
        case.dispatched_at, case.unit, case.hops = self.at, self.unit, 1
        sent = {"unit": unit, "due_at": _text(case.due_at)}
        self._tell("case.dispatched", Case.Status.DISPATCHED, city.at("city", Role.DISPATCHER), sent)
        self._later(5, 200)
        case.signed_at, case.handler = self.at, handler
        self._tell("case.signed_for", Case.Status.SIGNED_FOR, handler, {"unit": unit})
        self._later(15, 60)
        self._tell("case.started", Case.Status.IN_PROGRESS, handler, {"unit": unit})
        minutes = min(self.dice.lognormvariate(0, 0.55) * PACE[self.letter.unit], 24) * self.clock.minutes_a_day
        self.at = min(self.clock.due_in_minutes(self.at, int(minutes)), self.now - timedelta(days=2))
        self._tell("case.prepared", Case.Status.IN_REVIEW, handler, {"unit": unit})
        self._later(10, 240)
        self._reply(handler, reviewer)

    def _reply(self, handler: Person, reviewer: Person) -> None:
        case, box = self.case, self.letter.mailbox
        case.answered_at = case.first_response_at = self.at
        case.outcome = self.letter.matter.outcome
        said = {
            "text": self.letter.reply, "outcome": case.outcome, "unit": unit_data(self.unit),
            "signed": office_data(box), "due_at": _text(case.due_at),
        }  # fmt: skip
        self._tell("case.answered", Case.Status.ANSWERED, box.leader if box else reviewer, said)
        self.replies.append(
            Reply(
                case=case, state=Reply.State.SENT, text=self.letter.reply, outcome=case.outcome, unit=self.unit,
                drafted_by=handler, reviewed_by=reviewer, signed_by=box.leader if box else None, saved_at=self.at,
                sent_at=self.at,
            )
        )  # fmt: skip

    def _judged(self) -> None:
        """The citizen rates within a week, or nobody does and the clock concludes."""
        answered, case = self.at, self.case
        rated_at = answered + timedelta(hours=self.dice.uniform(1, 150))
        if self.dice.randrange(100) < RATED and rated_at < self.now:
            score = self.dice.choices(SCORES, SCORE_SHARES)[0]
            words = self.dice.choice(
                [each for each in PRAISES[score] if each.isascii() == (case.language == "en")] or [""]
            )
            self.at, case.satisfaction = rated_at, score
            rated = {"score": score, "words": words, "outcome": case.outcome}
            self._tell("case.rated", Case.Status.CONCLUDED, self.letter.citizen, rated)
        else:
            self.at = min(answered + timedelta(days=UNRATED_DAYS), self.now - timedelta(hours=1))
        case.concluded_at = self.at
        self._tell(
            "case.concluded", Case.Status.CONCLUDED, None, {"cause": "rated" if case.satisfaction else "unrated"}
        )

    def _published(self) -> None:
        case = self.case
        assert case.answered_at is not None
        public_at = min(case.answered_at + timedelta(days=3), self.now - timedelta(minutes=30))
        secretary = self.city.at("city", Role.SECRETARY)
        self.publication = Publication(
            case=case, title=case.title, text=case.text, reply=self.letter.reply,
            prepared_by=self.replies[0].reviewed_by, prepared_at=public_at, approved_by=secretary,
            published_at=public_at, mailbox=case.mailbox, unit=self.unit, category=case.category,
            received_at=case.received_at, answered_at=case.answered_at,
        )  # fmt: skip
        self.at = max(self.at, public_at)
        self._tell("case.published", case.status, secretary)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _process(key: str) -> Process:
    found = newest(key)
    assert found is not None
    return found
