"""A city for the workflow suite: units with their people, and cases played through the real actions to every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.actions import place_unit
from accounts.models import Person, Post, Role, Unit
from accounts.viewers import Viewer, person_viewer
from engagement import actions
from engagement.models import Case, Mailbox

UNITS = 200
# Everybody of one unit, in the order of their ids; the same order at each unit.
STAFF = (Role.HANDLER, Role.HANDLER, Role.HANDLER, Role.REVIEWER)
CITIZENS = 2_000
# The steps of a case in order, and one branch each for a question, a return, a refusal and a withdrawal.
WAY = ("received", "accepted", "dispatched", "signed", "review", "answered", "concluded")
# (where a case stands, how many of a hundred open ones)
OPEN = (
    ("received", 10), ("accepted", 5), ("dispatched", 12), ("signed", 44), ("review", 8), ("asked", 6),
    ("returned", 3), ("answered", 12),
)  # fmt: skip
CLOSED = ("concluded", "concluded", "refused", "withdrawn")
DAYS = 8


@dataclass
class City:
    """Who serves where; `first_unit` and `first_staff` are the ids from which the units and their people count on."""

    root: Unit
    first_unit: int
    first_staff: int
    first_citizen: int
    intake: Viewer
    dispatcher: Viewer
    supervisor: Viewer
    mailbox: Mailbox
    handler: Viewer
    reviewer: Viewer
    citizen: Viewer
    open_cases: list[int] = field(default_factory=list)
    closed_cases: list[int] = field(default_factory=list)

    @property
    def concluded_cases(self) -> list[int]:
        """The closed cases that were answered."""
        return [pk for place, pk in enumerate(self.closed_cases) if CLOSED[place % len(CLOSED)] == "concluded"]


def found_city() -> City:
    """Make the units and the people, and play the cases that are multiplied afterwards."""
    root = place_unit(code="city", name="明湖市人民政府", name_en="Minghu City", kind="city")
    desk = [_official(role, root) for role in (Role.INTAKE_OFFICER, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)]
    box = Mailbox.objects.create(slug="mayor", leader=desk[3], unit=root, title="市长", title_en="Mayor")
    units = [
        place_unit(code=f"unit-{number}", name=f"第{number}单位", name_en=f"Unit {number}", parent_id=root.pk)
        for number in range(UNITS)
    ]
    staff = _many("staff", UNITS * len(STAFF))
    since = timezone.now() - timedelta(days=3000)
    Post.objects.bulk_create(
        Post(person=person, unit=units[place // len(STAFF)], role=STAFF[place % len(STAFF)], since=since)
        for place, person in enumerate(staff)
    )
    citizens = _many("citizen", CITIZENS)
    intake, dispatcher, supervisor, _leader = (person_viewer(person) for person in desk)
    city = City(
        root, units[0].pk, staff[0].pk, citizens[0].pk, intake, dispatcher, supervisor, box,
        person_viewer(staff[0]), person_viewer(staff[3]), person_viewer(citizens[0]),
    )  # fmt: skip
    _play(city)
    return city


def _official(role: str, unit: Unit) -> Person:
    person = _many(role, 1)[0]
    Post.objects.create(person=person, unit=unit, role=role, since=timezone.now() - timedelta(days=3000))
    return person


def _many(kind: str, count: int) -> list[Person]:
    return Person.objects.bulk_create(
        Person(
            username=f"{kind}{number}", name=f"{kind} {number}", email=f"{kind}{number}@example.org", password="!",
            language="zh-hans" if number % 2 else "en",
        )
        for number in range(count)
    )  # fmt: skip


def _play(city: City) -> None:
    """Play every story on each of the last working days."""
    for day in _working_days(DAYS):
        for where, _share in OPEN:
            city.open_cases.append(play(city, where, day).pk)
        for number, where in enumerate(CLOSED):
            closed = play(city, where, day - timedelta(weeks=1), letter=number == 0)
            city.closed_cases.append(closed.pk)


def _working_days(count: int) -> Iterator[datetime]:
    """Yield nine o'clock of the latest working days, the newest first; today only once its steps can have been."""
    day, zone = timezone.localdate() - timedelta(days=1), timezone.get_current_timezone()
    while count:
        if day.weekday() < 5:
            yield datetime.combine(date(day.year, day.month, day.day), time(9, 5), zone)
            count -= 1
        day -= timedelta(days=1)


def play(city: City, where: str, at: datetime, *, letter: bool = False) -> Case:
    """Return a case that the real actions have brought to `where`, each step 20 minutes after the one before."""
    kinds = {"refused": "received", "withdrawn": "accepted", "asked": "signed", "returned": "dispatched"}
    last = kinds.get(where, where)
    filed = actions.file_case(
        viewer=city.citizen,
        kind=Case.Kind.COMPLAINT,
        title=f"7号楼电梯停运 {where}",
        text="电梯已经停了两个星期,老人上下楼很不方便,请尽快修理。" * 4,
        channel=Case.Channel.LETTER if letter else Case.Channel.FORM,
        language="zh-hans",
        mailbox=city.mailbox if letter else None,
        contact={"name": "王", "phone": "", "email": "", "wants": "none"},
        at=at,
    )
    case = filed.case
    steps = WAY[1 : WAY.index(last) + 1]
    for number, step in enumerate(steps, 1):
        case = take(city, step, case, at + number * timedelta(minutes=20), letter=letter)
    return branch(city, where, case, at + (len(steps) + 1) * timedelta(minutes=20))


def take(city: City, step: str, case: Case, at: datetime, *, letter: bool = False) -> Case:
    """Take the case one step on."""
    known = {"case_id": case.pk, "version": case.version, "at": at}
    unit = city.first_unit
    ways: dict[str, Callable[[], Case]] = {
        "accepted": lambda: actions.accept_case(by=city.intake, **known),
        "dispatched": lambda: actions.dispatch_case(by=city.dispatcher, unit_id=unit, **known),
        "signed": lambda: actions.sign_for_case(by=city.handler, **known),
        "review": lambda: actions.submit_reply(by=city.handler, text="电梯已修好。" * 20, outcome="solved", **known),
        "answered": lambda: actions.approve_reply(by=city.reviewer, **known),
        "concluded": lambda: actions.rate_case(case_id=case.pk, by=city.citizen, score=5, words="谢谢", at=at),
    }
    moved = ways[step]()
    if step == "answered" and letter:
        leader = person_viewer(city.mailbox.leader)
        moved = actions.sign_reply(case_id=case.pk, version=moved.version, by=leader, at=at + timedelta(minutes=5))
    return moved


def branch(city: City, where: str, case: Case, at: datetime) -> Case:
    """Take the case where the straight way does not lead."""
    known = {"case_id": case.pk, "version": case.version, "at": at}
    if where == "refused":
        return actions.refuse_case(by=city.intake, ground="不属于受理范围", route="请向法院起诉", **known)
    if where == "asked":
        return actions.ask_citizen(by=city.handler, question="请问是哪一栋?", **known)
    if where == "returned":
        return actions.return_case(by=city.handler, reason="属于另一单位", **known)
    if where == "withdrawn":
        return actions.withdraw_case(case_id=case.pk, by=city.citizen, reason="已解决", at=at)
    return case
