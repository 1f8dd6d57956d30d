"""A talk becomes a case: by one click, or as a message while nobody is on duty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from accounts.models import Unit
from accounts.queries import people_at
from accounts.rules import clean_text
from accounts.sealing import SealBroken, seal, unseal
from accounts.viewers import Role, Viewer, person_viewer
from engagement.actions import file_case
from engagement.models import Case, Category
from journal.queries import entries_of

from .. import rules
from ..models import Talk
from .archive import make_unfindable
from .locks import lock_talk, record
from .moves import close
from .talks import start

MOST_TITLE, MOST_CASE_TEXT = 200, 20_000
# Characters of the first words that serve as a title when nobody wrote one.
SHORT_TITLE = 60


@transaction.atomic
def make_case(
    *,
    talk_id: int,
    by: Viewer,
    kind: str = Case.Kind.ENQUIRY,
    title: str = "",
    category: Category | None = None,
    contact: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Case:
    """Make a case of the talk, from either side: the same thread, the same clock.

    A second click returns the same case. The citizen gets the access code through `claim_code`, never from here.
    Raises NotYours, WrongStatus, BadInput.
    """
    talk = lock_talk(pk=talk_id)
    side = rules.side_of(talk, by)
    if talk.case_id is not None:
        return Case.objects.get(pk=talk.case_id)
    rules.check_possible(talk, "make_case")
    return _file(talk, kind, title, category, contact, by, side, at or timezone.now())


@transaction.atomic
def turn_to_message(
    *,
    talk_id: int,
    by: Viewer,
    contact: Mapping[str, str] | None = None,
    kind: str = Case.Kind.ENQUIRY,
    at: datetime | None = None,
) -> Talk:
    """Stop waiting and leave what was said as a message: it is answered in writing, as a case.

    Raises NotYours for everybody but the opener, WrongStatus once an officer has come.
    """
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    rules.check_opener(talk, by)
    if talk.status == Talk.Status.MESSAGE and talk.case_id is not None:
        return talk
    rules.check_possible(talk, "turn_to_message")
    _leave(talk, by, kind, contact, at)
    return talk


@transaction.atomic
def leave_message(
    *,
    viewer: Viewer,
    desk_id: int,
    text: str,
    name: str = "",
    token: str = "",
    contact: Mapping[str, str] | None = None,
    kind: str = Case.Kind.ENQUIRY,
    at: datetime | None = None,
) -> Talk:
    """Leave a message at a desk where nobody is on duty; it becomes a case at once.

    The same form `token` again returns the same talk. Raises NotFound, BadInput.
    """
    at = at or timezone.now()
    talk = start(viewer, desk_id, text, name, "", token, at)
    if talk.case_id is None and talk.status == Talk.Status.WAITING:
        _leave(talk, viewer, kind, contact, at)
    return talk


def _leave(talk: Talk, by: Viewer, kind: str, contact: Mapping[str, str] | None, at: datetime) -> None:
    close(talk, Talk.Status.MESSAGE, at)
    record(talk, "talk.became_message", by=by, at=at, what="left")
    _file(talk, kind, "", None, contact, by, rules.CITIZEN, at)


def _file(
    talk: Talk,
    kind: str,
    title: str,
    category: Category | None,
    contact: Mapping[str, str] | None,
    by: Viewer,
    side: str,
    at: datetime,
) -> Case:
    said = _said_by_opener(talk)
    filed = file_case(
        viewer=_opener(talk, by, side),
        kind=kind,
        title=clean_text(title, most=MOST_TITLE, field="title", newlines=False) or _title(talk, said),
        text="\n\n".join(said)[:MOST_CASE_TEXT] or _title(talk, said),
        channel=Case.Channel.CHAT,
        category=category or talk.topic,
        unit=_intake_of(talk),
        contact=_contact(talk, contact),
        language=talk.language,
        # The same clock: the citizen has been waiting since they asked for the talk.
        at=talk.requested_at,
        thread_of=talk,
    )
    talk.case = filed.case
    if filed.access_code:
        talk.claim = seal(filed.access_code.encode(), f"claim-{talk.number}")
    talk.version += 1
    talk.save(update_fields=["case", "claim", "version"])
    if filed.case.confidential:
        make_unfindable(talk)
    # The number only: who holds the code may read the case, so no entry ever carries it.
    record(talk, "talk.became_case", {"case": filed.case.number, "side": side}, by=by, at=at)
    return talk.case


def _opener(talk: Talk, by: Viewer, side: str) -> Viewer:
    """Return the viewer whose case it is: the opener's, also when the officer pressed the button."""
    if talk.citizen is not None:
        return person_viewer(talk.citizen)
    if side == rules.CITIZEN and by.person is not None:
        # Opened before signing in: the case goes to "my matters" of who has signed in since.
        return by
    return Viewer(visitor=talk.opened_by.removeprefix("visitor-"), language=talk.language)


def _intake_of(talk: Talk) -> Unit | None:
    """Return the desk's unit if somebody does intake there; None leaves it to the city."""
    unit = talk.desk.unit
    return unit if people_at([unit.pk], Role.INTAKE_OFFICER).exists() else None


def _contact(talk: Talk, given: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return how to reach the opener; None leaves it to what a signed-in citizen's account says."""
    if given is None and talk.citizen_id is not None:
        return None
    return {"name": talk.name, "wants": "none", **(given or {})}


def _said_by_opener(talk: Talk) -> list[str]:
    said = entries_of(talk.stream_name).filter(kind="message.said", sender=talk.opened_by)
    words = said.order_by("seq").values_list("data__text", flat=True)
    return [str(text) for text in words[: rules.MOST_TEXT] if text]


def _title(talk: Talk, said: list[str]) -> str:
    """Return the subject, or the first words, as a title."""
    first: str = talk.subject or (said[0].split("\n", 1)[0] if said else "")
    with override(talk.language or settings.LANGUAGE_CODE):
        first = first or gettext("A conversation at a duty desk")
    return first if len(first) <= SHORT_TITLE else first[: SHORT_TITLE - 1].rstrip() + "…"


@transaction.atomic
def claim_code(*, talk_id: int, by: Viewer) -> tuple[Case, str | None]:
    """Return the talk's case and, the first time only, its access code; afterwards the code is kept nowhere.

    Raises NotYours for everybody but the opener, NotFound without a case.
    """
    talk: Any = lock_talk(pk=talk_id)
    rules.check_opener(talk, by)
    if talk.case_id is None:
        raise rules.NotFound()
    case = Case.objects.get(pk=talk.case_id)
    if talk.claim is None:
        return case, None
    try:
        code = unseal(talk.claim, f"claim-{talk.number}").decode()
    except SealBroken:
        code = None
    talk.claim = None
    talk.save(update_fields=["claim"])
    return case, code
