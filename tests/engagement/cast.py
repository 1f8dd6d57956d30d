"""The office in which the tests of cases play: who serves where, and cases brought to a step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Person, Role, Unit
from accounts.viewers import Viewer
from engagement import actions
from engagement.models import Case, Mailbox
from tests import make

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday without holidays near.
MONDAY = datetime(2026, 3, 9, 9, 30, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ORDER = ("received", "accepted", "dispatched", "signed", "review", "to_sign", "answered", "concluded")


@dataclass
class Office:
    """Everybody of the play, as viewers."""

    city: Unit
    housing: Unit
    water: Unit
    mailbox: Mailbox
    wang: Viewer
    ida: Viewer
    dina: Viewer
    hana: Viewer
    hugo: Viewer
    rita: Viewer
    lin: Viewer
    sek: Viewer
    sven: Viewer
    walt: Viewer
    adam: Viewer


def office() -> Office:
    """Return the office: intake and dispatching at the city, handlers and a reviewer at housing, a leader."""
    city, housing, water = make.unit("city"), make.unit("housing"), make.unit("water")
    people = make.officials(
        ("lin", Role.LEADER, city), ("vera", Role.REVIEWER, water), ("ida", Role.INTAKE_OFFICER, city),
        ("dina", Role.DISPATCHER, city), ("hana", Role.HANDLER, housing), ("hugo", Role.HANDLER, housing),
        ("rita", Role.REVIEWER, housing), ("sek", Role.SECRETARY, city), ("sven", Role.SUPERVISOR, city),
        ("walt", Role.HANDLER, water), ("adam", Role.ADMINISTRATOR, city),
    )  # fmt: skip
    people.pop("vera")
    box, _new = Mailbox.objects.get_or_create(
        slug="mayor", defaults={"leader": people["lin"].person, "unit": city, "title": "市长", "title_en": "Mayor"}
    )
    return Office(
        city=city, housing=housing, water=water, mailbox=box, wang=seen(make.person("wang")), **people
    )  # fmt: skip


def seen(person: Person) -> Viewer:
    """Return the viewer that the person is."""
    return make.viewer(person)


def integrity() -> tuple[Viewer, Viewer]:
    """Return a handler and a reviewer of the integrity unit."""
    unit = make.unit("integrity")
    return (
        seen(make.official("iris", Role.HANDLER, unit)),
        seen(make.official("ivan", Role.REVIEWER, unit)),
    )


def letter(viewer: Viewer, mailbox: Mailbox | None = None, **changed: Any) -> actions.Filed:
    """File a letter (a complaint without a mailbox)."""
    given: dict[str, Any] = {
        "viewer": viewer,
        "kind": Case.Kind.COMPLAINT,
        "title": "Lift in building 7 stuck",
        "text": "It has been stuck for two weeks.",
        "channel": Case.Channel.LETTER if mailbox else Case.Channel.FORM,
        "mailbox": mailbox,
        "language": "en",
        "at": MONDAY,
    }
    return actions.file_case(**(given | changed))


def case_at(step: str, by: Office, *, mailbox: bool = True, viewer: Viewer | None = None, **changed: Any) -> Case:
    """Return a case that has come as far as `step`, one of ORDER; each step an hour after the one before."""
    box = by.mailbox if mailbox else None
    case = letter(viewer or by.wang, box, **changed).case
    for number, name in enumerate(ORDER[1 : ORDER.index(step) + 1], 1):
        if name == "to_sign" and not mailbox:
            continue
        case = _onward(name, case, by, MONDAY + number * HOUR, mailbox)
    case.refresh_from_db()
    return case


def _onward(step: str, case: Case, by: Office, at: datetime, mailbox: bool) -> Case:
    known = {"case_id": case.pk, "version": case.version, "at": at}
    if step == "accepted":
        return actions.accept_case(by=by.ida, **known)
    if step == "dispatched":
        return actions.dispatch_case(by=by.dina, unit_id=by.housing.pk, **known)
    if step == "signed":
        return actions.sign_for_case(by=by.hana, **known)
    if step == "review":
        return actions.submit_reply(by=by.hana, text="The lift was repaired on Monday.", outcome="solved", **known)
    if step == "to_sign" or (step == "answered" and not mailbox):
        return actions.approve_reply(by=by.rita, **known)
    if step == "answered":
        return actions.sign_reply(by=by.lin, **known)
    return actions.rate_case(case_id=case.pk, by=by.wang, score=5, words="Thank you", at=at)


def kinds(stream: str) -> list[str]:
    """Return the kinds of the stream's entries in order."""
    from journal.models import Entry

    return list(Entry.objects.filter(stream__name=stream).order_by("seq").values_list("kind", flat=True))
