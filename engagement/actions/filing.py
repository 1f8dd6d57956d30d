"""Filing a case: the same form twice gives the same case and the same receipt."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Person, Unit
from accounts.rates import give_back, limit_rate
from accounts.viewers import Viewer
from journal.actions import append
from notices.actions.many import notify_many

from .. import rules
from ..models import Attachment, Case, Category, Mailbox
from ..processes.engine import Engine, city, integrity_unit
from ..queries.board import board_streams
from ..queries.clocks import process_key
from ..queries.sealed import keyed_hash
from ..rules.files import Checked, check_all
from ..working_time import clock_for
from .contacts import seal_contact
from .files import keep, keeping_files
from .processes import newest_or_shipped
from .telling import citizen_told
from .turns import closed, ring_lists, yellow_at

# Channels in which an official writes down what somebody else says: the case is not the official's own.
ON_BEHALF = frozenset({Case.Channel.PHONE, Case.Channel.COUNTER, Case.Channel.EMAIL, Case.Channel.SMS})
TRIES_AN_HOUR = 10


@dataclass(frozen=True)
class Filed:
    """What filing gave: the case, the access code to be shown once, and whether the case is new."""

    case: Case
    access_code: str | None
    is_new: bool


@dataclass(frozen=True)
class _Letter:
    """The checked input of a case."""

    kind: str
    channel: str
    title: str
    text: str
    place: str
    point: tuple[float | None, float | None]
    contact: dict[str, str]
    files: list[Checked]
    citizen: Person | None
    language: str


def file_case(
    *,
    viewer: Viewer,
    kind: str,
    title: str,
    text: str,
    channel: str,
    language: str,
    category: Category | None = None,
    place: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    mailbox: Mailbox | None = None,
    unit: Unit | None = None,
    public: bool = False,
    contact: Mapping[str, Any] | None = None,
    token: str = "",
    files: Iterable[Any] = (),
    at: datetime | None = None,
    thread_of: Any = None,
) -> Filed:
    """File a case for the viewer and promise an answer by the norms of its process.

    The same `token` again returns the first case, the same access code and is_new False; without one every call
    files anew. `unit` is where intake begins for cases without a mailbox (the city unless given), `thread_of` the
    conversation it grew out of, `at` when the citizen's clock began. Raises BadInput.
    """
    moment = at or timezone.now()
    hashed, code = _hashed(token), _code(token)
    if hashed and (known := Case.objects.filter(token=hashed).first()):
        return Filed(known, code, False)
    letter = _letter(viewer, kind, channel, title, text, place, (latitude, longitude), contact, files, language)
    box = None if letter.kind == Case.Kind.REPORT else mailbox
    start = _start(letter.kind, box, unit)
    try:
        with keeping_files(), transaction.atomic():
            case = _new_case(letter, box, category, public, hashed, code, moment, thread_of, start)
            _begin(case, letter, start, viewer, moment)
    except IntegrityError:
        # The same form came twice at the same moment: the other request was quicker.
        known = Case.objects.filter(token=hashed).first() if hashed else None
        if known is None:
            raise
        return Filed(known, code, False)
    return Filed(case, code, True)


def _letter(
    viewer: Viewer,
    kind: Any,
    channel: Any,
    title: Any,
    text: Any,
    place: Any,
    point: tuple[Any, Any],
    contact: Mapping[str, Any] | None,
    files: Iterable[Any],
    language: str,
) -> _Letter:
    channel = rules.check_choice(channel, Case.Channel.values, "channel")
    citizen = None if viewer.is_official and channel in ON_BEHALF else viewer.person
    given = dict(contact) if contact else _known(citizen)
    return _Letter(
        kind=rules.check_choice(kind, Case.Kind.values, "kind"),
        channel=channel,
        title=rules.clean_text(title, most=rules.TITLE, least=1, field="title", newlines=False),
        text=rules.clean_text(text, most=rules.TEXT, least=1, field="text"),
        place=rules.clean_text(place or "", most=rules.PLACE, field="place", newlines=False),
        point=rules.check_point(*point),
        contact=rules.check_contact(given),
        files=check_all(files),
        citizen=citizen,
        language=rules.check_choice(language, [code for code, _name in settings.LANGUAGES], "language"),
    )


def _known(person: Person | None) -> dict[str, str]:
    if person is None:
        return {}
    wants = "email" if person.email else "none"
    return {"name": person.name, "phone": person.phone, "email": person.email, "wants": wants}


def _start(kind: str, mailbox: Mailbox | None, unit: Unit | None) -> Unit | None:
    """Return where intake begins. Raises BadInput where nobody may read reports."""
    if kind != Case.Kind.REPORT:
        return mailbox.unit if mailbox else unit or city()
    found = integrity_unit()
    if found is None:
        raise rules.BadInput(
            _("Reports of wrongdoing cannot be received here."), field="kind", code="no_integrity_unit"
        )
    return found


def _new_case(
    letter: _Letter,
    mailbox: Mailbox | None,
    category: Category | None,
    public: bool,
    hashed: str | None,
    code: str,
    at: datetime,
    thread_of: Any,
    start: Unit | None,
) -> Case:
    secret = letter.kind == Case.Kind.REPORT
    process = newest_or_shipped(process_key(letter.kind, mailbox, category))
    with override(letter.language):
        neutral = str(Case.Kind.REPORT.label)
    case = Case(
        number=new_number(), access_hash=hash_code(code), token=hashed, kind=letter.kind, channel=letter.channel,
        title=neutral if secret else letter.title, text="" if secret else letter.text, language=letter.language,
        category=category, place="" if secret else letter.place, mailbox=mailbox, citizen=letter.citizen,
        latitude=None if secret else letter.point[0], longitude=None if secret else letter.point[1],
        public=bool(public) and not secret, confidential=secret, process=process, received_at=at,
        unit=start if secret else None,
        origin=str(getattr(thread_of, "stream_name", thread_of or ""))[:60],
        # An officer who answered in the chat has answered: the same clock goes on.
        first_response_at=getattr(thread_of, "first_reply_at", None),
    )  # fmt: skip
    days = int(process.definition["promise_days"].get(letter.kind, process.definition["promise_days"]["default"]))
    case.promised_at = case.due_at = clock_for(start, at).due_in_days(at, days)
    case.save()
    place = "\n".join(part for part in (letter.place, letter.text) if part)
    seal_contact(case, letter.contact, (letter.title, place) if secret else None)
    return case


def _begin(case: Case, letter: _Letter, start: Unit | None, viewer: Viewer, at: datetime) -> None:
    engine = Engine(case, at)
    task = engine.begin(start)
    if case.confidential:
        case.dispatched_at = at
    case.yellow_at = yellow_at(case, engine)
    case.save(update_fields=["status", "dispatched_at", "yellow_at"])
    kept = keep(case, letter.files, Attachment.Audience.PARTIES, viewer.person, at)
    promised = case.promised_at.isoformat() if case.promised_at else None
    told = {"kind": case.kind, "channel": case.channel, "promised_at": promised, "files": kept, "status": case.status}
    sender = "" if viewer.person else viewer.key
    entry = append(case.stream_name, "case.received", closed(case, told), by=viewer.person, sender=sender, at=at)
    notify_many(citizen_told(case, entry.pk, "case.received", {"due": case.promised_at}), at=at)
    lists = {f"todo-unit-{task.unit_id}"} if task is not None and task.unit_id is not None else set()
    ring_lists(lists | board_streams(case))


def new_number() -> str:
    """Return a case number: ten random signs of Crockford's base 32."""
    return "".join(secrets.choice(rules.SIGNS) for _place in range(rules.NUMBER_LENGTH))


def hash_code(code: str) -> str:
    """Return what is kept of an access code."""
    return keyed_hash("access", code)


def _hashed(token: Any) -> str | None:
    if not isinstance(token, str) or len(token) > 1000:
        raise rules.BadInput(field="token", code="bad_token")
    return keyed_hash("form", token) if token else None


def _code(token: str) -> str:
    """Return the access code: random, or the one that belongs to the form, so that its receipt can be shown again."""
    if not token:
        return "".join(secrets.choice(rules.SIGNS) for _place in range(rules.CODE_LENGTH))
    # Five bits of each of sixteen bytes: 80 bits that only this installation's secret can give.
    drawn = bytes.fromhex(keyed_hash("access code of a form", token))[: rules.CODE_LENGTH]
    return "".join(rules.SIGNS[byte & 31] for byte in drawn)


def open_with_code(*, number: str, code: str, address: str = "") -> Case:
    """Return the case for whoever has its number and access code; then `accounts.viewers.grant` opens it.

    Counts wrong tries against `address` when one is given: every try before it is looked at, so that many at once do
    not slip through, and a right one is given back. A wrong number and a wrong code take the same time and raise the
    same WrongCode; too many tries raise TooMany.
    """
    if address:
        limit_rate("access-code", address, TRIES_AN_HOUR, 3600)
    found = Case.objects.filter(number=rules.plain_number(number)).first()
    given = hash_code(rules.plain_number(code))
    stored = found.access_hash if found and found.access_hash else hash_code("no such case")
    if not secrets.compare_digest(stored, given) or found is None:
        raise rules.WrongCode()
    if address:
        give_back("access-code", address, 3600)
    return found
