"""One matter, many voices: joining, merging, splitting, and the one answer that everybody gets."""

from __future__ import annotations

from datetime import datetime

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, Unit
from accounts.queries import people_at
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Reply, Task, Tie
from ..processes.definition import CITIZEN
from ..processes.engine import Engine
from ..queries.board import board_streams
from ..queries.joining import SALT
from ..queries.rights import office_cases
from ..queries.sealed import open_contact
from ..queries.timeline import office_data, unit_data
from ..rules import acts
from .filing import file_case
from .telling import tell_citizen, tell_people
from .turns import Turn, clock_turn, locked, ring_lists, turn

JOINING = (Tie.Kind.JOINED, Tie.Kind.MERGED)


@transaction.atomic
def join_matter(*, case_id: int, by: Viewer, offer: str, at: datetime | None = None) -> Tie:
    """Join the viewer's own case, just filed, to the matter that was offered while they wrote.

    `offer` is the sealed word of the offer; nobody learns another case's number from it. Raises NotFound for an
    offer that is none, WrongStatus when the matter has been answered meanwhile.
    """
    moment = at or timezone.now()
    lead_id = _offered(offer)
    # Both rows in the order of their ids: two people may join and an officer merge at the same moment.
    found = {pk: locked(pk) for pk in sorted({case_id, lead_id})}
    case, lead = found[case_id], found[lead_id]
    mine = by.person is not None and case.citizen_id == by.person.pk
    if not (mine or f"case-{case.number}" in by.grants) or not lead.public:
        raise rules.NotFound()
    return _tie(case, lead, Tie.Kind.JOINED, by, moment)


def _offered(offer: str) -> int:
    try:
        return int(signing.loads(offer, salt=SALT, max_age=86_400))
    except (signing.BadSignature, TypeError, ValueError):
        raise rules.NotFound() from None


def merge_case(
    *, case_id: int, version: int | None, by: Viewer, into: str, reason: str = "", at: datetime | None = None
) -> Case:
    """Merge the case into another one about the same matter; its citizen gets that one's answer.

    Raises NotFound, NotYours, WrongStatus, Conflict, BadInput for a number the viewer may not see or the same case.
    """
    reason = rules.clean_text(reason or "", most=rules.REASON, field="reason")
    target = office_cases(by).filter(number=rules.plain_number(into) or "-", confidential=False).first()
    if target is None or target.pk == case_id:
        raise rules.BadInput(_("There is no such case to merge it into."), field="into", code="no_case")
    with transaction.atomic():
        # The other one first: whoever joins locks both in the order of their ids, and so does this.
        for pk in sorted({case_id, target.pk}):
            locked(pk)
        with turn(case_id=case_id, by=by, action="merge_case", version=version, at=at) as current:
            lead = locked(target.pk)
            check_joinable(current.case, lead)
            _close(current, lead, Tie.Kind.MERGED)
            current.note("merge.reasoned", {"reason": reason, "number": lead.number})
        _raise(lead, 1, by, current.at)
    return current.case


def check_joinable(case: Case, lead: Case) -> None:
    """Raises WrongStatus unless the leading case is being worked on and neither of them hangs on a third one."""
    open_now = lead.answered_at is None and lead.concluded_at is None and lead.accepted_at is not None
    if case.confidential or lead.confidential or not open_now or hasattr(lead, "tie"):
        raise rules.WrongStatus(_("That case cannot take others in."), code="not_joinable")
    if case.answered_at is not None or case.status in rules.CLOSED or hasattr(case, "tie"):
        raise rules.WrongStatus()


def _tie(case: Case, lead: Case, kind: Tie.Kind, by: Viewer, at: datetime) -> Tie:
    check_joinable(case, lead)
    with clock_turn(case, at) as current:
        current.by = by
        made = _close(current, lead, kind)
    # Who joined is a number in the file of the matter, never a name.
    _raise(lead, 1, None, at)
    return made


def _close(current: Turn, lead: Case, kind: Tie.Kind) -> Tie:
    """The case stops having a way of its own; those who had joined it come along."""
    case = current.case
    made = Tie.objects.create(case=case, lead=lead, kind=kind, at=current.at, by=current.person)
    carried = Tie.objects.filter(lead=case, kind__in=JOINING).update(lead=lead)
    lead.joined += carried
    for task in case.tasks.filter(status=Task.Status.OPEN):
        current.touch(task)
    end = {"status": Task.Status.CANCELLED, "action": "merge", "done_at": current.at, "done_by": current.person}
    case.tasks.filter(status=Task.Status.OPEN).update(
        **end, next_action="", next_action_at=None, version=F("version") + 1
    )
    current.engine.task, current.engine.tasks = None, []
    case.status, case.joined, case.unit, case.handler = Case.Status.MERGED, 0, lead.unit, None
    due = lead.due_at.isoformat() if lead.due_at else None
    entry = current.tell("case.merged", {"kind": kind, "unit": unit_data(lead.unit), "due_at": due})
    tell_citizen(current, entry, "case.merged", due=lead.due_at)
    return made


def _raise(lead: Case, more: int, by: Viewer | None, at: datetime) -> None:
    """Count those who joined; beyond a number of them the case rises a level and the supervisors hear of it."""
    with clock_turn(lead, at) as current:
        current.by, current.stays = by or current.by, True
        lead.joined += more
        level = acts.level_of(lead.joined)
        entry = current.note("case.joined", {"joined": lead.joined, "level": level})
        if level > lead.level:
            lead.level = level
            above = [int(part) for part in lead.unit.path.split("/") if part] if lead.unit else []
            people = people_at(above, Role.SUPERVISOR, at=at)
            tell_people(current, entry, "case.raised", people, joined=lead.joined, level=level)


def mark_answers_due(current: Turn) -> None:
    """The leading case was answered: those that hang on it get the same answer from the worker, however many."""
    if current.case.joined:
        Tie.objects.filter(lead=current.case, kind__in=JOINING).update(answer_due=True)


def spread_answers(limit: int = 200, at: datetime | None = None) -> int:
    """Give the answer of a leading case to those that hang on it, at most `limit` of them; return how many."""
    moment = at or timezone.now()
    done = 0
    for tie_id in Tie.objects.filter(answer_due=True).order_by("pk").values_list("pk", flat=True)[:limit]:
        done += _answer(tie_id, moment)
    return done


@transaction.atomic
def _answer(tie_id: int, at: datetime) -> bool:
    tie = Tie.objects.filter(pk=tie_id, answer_due=True).first()
    if tie is None:
        return False
    case = locked(tie.case_id)
    # Again under the case's lock: another worker may have been here.
    if not Tie.objects.filter(pk=tie_id, answer_due=True).update(answer_due=False):
        return False
    lead = Case.objects.select_related("unit", "mailbox").get(pk=tie.lead_id)
    reply = Reply.objects.filter(case=lead, round=lead.round, state=Reply.State.SENT).order_by("-pk").first()
    if reply is None or case.status != Case.Status.MERGED:
        return False
    with clock_turn(case, at) as current:
        _receive(current, lead, reply)
    Tie.objects.filter(pk=tie_id).update(answered_round=lead.round)
    return True


def _receive(current: Turn, lead: Case, reply: Reply) -> None:
    """The answer reaches this citizen in their own case, where they rate it and reopen it for themselves."""
    case = current.case
    case.unit, case.concluded_at = lead.unit, None
    _wait_for_rating(case, current)
    case.answered_at, case.outcome = current.at, reply.outcome
    case.first_response_at = case.first_response_at or current.at
    signed = office_data(lead.mailbox if reply.signed_by_id else None)
    due = case.due_at.isoformat() if case.due_at else None
    told = {"text": reply.text, "outcome": reply.outcome, "unit": unit_data(lead.unit), "signed": signed, "due_at": due}
    entry = current.tell("case.answered", told)
    tell_citizen(current, entry, "case.answered", reply=reply.text)


def _wait_for_rating(case: Case, current: Turn) -> None:
    engine = Engine(case, current.at)
    nodes = engine.definition.nodes.values()
    rated = next((node for node in nodes if node.role == CITIZEN and node.status == Case.Status.ANSWERED), None)
    if rated is None:
        case.status, case.concluded_at = Case.Status.CONCLUDED, current.at
        return
    engine.enter(rated)
    current.engine = engine


def split_case(
    *,
    case_id: int,
    version: int | None,
    by: Viewer,
    title: str,
    text: str,
    unit_id: int | None = None,
    at: datetime | None = None,
) -> Case:
    """Make one part of the letter a case of its own, with its own number and clock; the access code stays the same.

    Returns the new case. Raises NotFound, NotYours, WrongStatus, Conflict, BadInput, TooMany parts.
    """
    with turn(case_id=case_id, by=by, action="split_case", version=version, at=at) as current:
        current.stays = True
        parent = current.case
        if parent.tied.filter(kind=Tie.Kind.PART).count() >= acts.PARTS:
            raise rules.TooMany()
        if unit_id is not None and not Unit.objects.filter(pk=unit_id, active=True).exists():
            raise rules.BadInput(_("There is no such unit."), field="unit_id", code="no_unit")
        # The origin's conversation, the files and the place on the map stay with the first case.
        part = file_case(
            viewer=Viewer(person=parent.citizen, language=parent.language), kind=parent.kind, title=title, text=text,
            channel=parent.channel, language=parent.language, category=parent.category, place=parent.place,
            mailbox=parent.mailbox, public=parent.public, contact=open_contact(parent), at=current.at,
        ).case  # fmt: skip
        Case.objects.filter(pk=part.pk).update(access_hash=parent.access_hash)
        Tie.objects.create(case=part, lead=parent, kind=Tie.Kind.PART, at=current.at, by=current.person)
        current.tell("case.split", {"number": part.number, "title": part.title})
    _take_up(part, current.at)
    ring_lists(board_streams(part))
    part.refresh_from_db()
    return part


@transaction.atomic
def _take_up(part: Case, at: datetime) -> None:
    """A part of an accepted case is accepted."""
    with clock_turn(locked(part.pk), at) as current:
        node = current.engine.node
        if node is not None and "accept" in node.actions:
            current.take("accept")
            current.case.accepted_at = at
            current.tell("case.accepted")


def hand_on_lead(current: Turn) -> None:
    """The leading case is withdrawn: the first of those who joined leads from now on, with the work done so far."""
    case = current.case
    first = Tie.objects.filter(lead=case, kind__in=JOINING).order_by("pk").first()
    if first is None:
        return
    heir = locked(first.case_id)
    first.delete()
    others = Tie.objects.filter(lead=case, kind__in=JOINING).update(lead=heir)
    with clock_turn(heir, current.at) as taking:
        engine = Engine(heir, current.at)
        code = "dispatch" if "dispatch" in engine.definition.nodes else engine.definition.start
        heir.unit, heir.concluded_at, heir.joined, heir.level = None, None, others, acts.level_of(others)
        heir.accepted_at = heir.accepted_at or current.at
        engine.enter(engine.definition.nodes[code])
        taking.engine = engine
        taking.tell("case.parted")
    case.joined = 0
