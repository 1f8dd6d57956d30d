"""Keeping the desks usable for everybody: throttling, reports of abuse and blocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.rules import clean_text
from accounts.viewers import Role, Viewer
from journal.actions import append

from .. import queries, rules
from ..models import AbuseReport, Block, Talk
from .locks import lock_talk


def check_admitted(viewer: Viewer, origin: str, at: datetime) -> None:
    """Refuse somebody who is blocked, holds too many places at once, or whose address abandons talk after talk.

    Raises WrongStatus with the moment the block ends, Conflict, TooMany.
    """
    blocked = queries.block_of(viewer, origin, at)
    if blocked is not None:
        until = date_format(timezone.localtime(blocked.until), "SHORT_DATETIME_FORMAT")
        told = _("You cannot open conversations until %(until)s. You can leave a message or write a letter.")
        raise rules.WrongStatus(told % {"until": until}, code="blocked")
    mine = Q(opened_by=viewer.key) | (Q(citizen=viewer.person) if viewer.person else Q(pk__in=[]))
    going_on = Talk.objects.filter(mine, status__in=[Talk.Status.WAITING, Talk.Status.OPEN])
    if going_on.count() >= settings.CHAT_TALKS_AT_ONCE:
        raise rules.Conflict(
            _("You already have conversations going on. Please go on with one of them."), code="at_once"
        )
    if viewer.person is None and origin:
        recent = Talk.objects.filter(origin=origin, requested_at__gt=at - timedelta(hours=1))
        if recent.filter(status=Talk.Status.ABANDONED).count() >= settings.CHAT_ABANDONED_RATE:
            raise rules.TooMany(retry_after=600)


@transaction.atomic
def block_opener(*, talk_id: int, by: Viewer, reason: str, hours: int, at: datetime | None = None) -> Block:
    """Keep whoever opened the talk from opening others for some hours.

    The officer who holds the talk may do so for a day, a supervisor of the desk's unit for a month. Without an
    account the block also holds for the address, for a day at most: many people may share it.
    Raises NotYours, BadInput.
    """
    at = at or timezone.now()
    why = clean_text(reason, most=300, least=2, field="reason", newlines=False)
    talk = lock_talk(pk=talk_id)
    most = rules.most_block(talk, by)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= most:
        raise rules.BadInput(_("From 1 to %(most)d hours, please.") % {"most": most}, field="hours")
    return _block(talk, by, why, hours, at)


def _block(talk: Talk, by: Viewer, why: str, hours: int, at: datetime) -> Block:
    """Block the opener of the locked talk, and for somebody without an account the address too."""
    assert by.person is not None
    who = f"person-{talk.citizen_id}" if talk.citizen_id else talk.opened_by
    made = {"talk": talk, "reason": why, "by": by.person, "at": at}
    block = Block.objects.create(who=who, until=at + timedelta(hours=hours), **made)
    if talk.origin and talk.citizen_id is None:
        short = min(hours, rules.MOST_OFFICER_BLOCK)
        Block.objects.create(who=f"origin-{talk.origin}", until=at + timedelta(hours=short), **made)
    append(
        talk.aside_name,
        "talk.blocked",
        {"reason": why, "until": block.until.isoformat(), "name": str(by.person)},
        by=by.person,
        sender=by.key,
        at=at,
    )
    return block


@transaction.atomic
def lift_block(*, block_id: int, by: Viewer, at: datetime | None = None) -> Block:
    """End a block before its time, and that of the address with it. Raises NotYours for all but supervisors."""
    at = at or timezone.now()
    block = Block.objects.select_for_update(of=("self",)).select_related("talk__desk").filter(pk=block_id).first()
    if block is None or by.person is None or block.talk.desk.unit_id not in by.scope(Role.SUPERVISOR):
        raise rules.NotYours()
    still = Block.objects.filter(talk=block.talk, at=block.at, lifted_at=None)
    still.update(lifted_at=at, lifted_by=by.person)
    told = {"name": str(by.person)}
    append(block.talk.aside_name, "talk.unblocked", told, by=by.person, sender=by.key, at=at)
    block.refresh_from_db()
    return block


@transaction.atomic
def report_abuse(*, talk_id: int, by: Viewer, words: str, at: datetime | None = None) -> AbuseReport:
    """Report the other side of the talk to the supervisors of its desk, once a side. Raises NotYours, BadInput."""
    at = at or timezone.now()
    said = clean_text(words, most=rules.MOST_WORDS, least=2, field="words")
    talk = lock_talk(pk=talk_id)
    side = rules.side_of(talk, by)
    made = {"by": by.person, "words": said, "at": at}
    report, is_new = AbuseReport.objects.get_or_create(talk=talk, side=side, defaults=made)
    if is_new:
        told = {"side": side, "report": report.pk}
        append(talk.aside_name, "talk.reported", told, by=by.person, sender=by.key, at=at)
    return report


@transaction.atomic
def decide_report(
    *, report_id: int, by: Viewer, decision: str, hours: int = 24, at: datetime | None = None
) -> AbuseReport:
    """Decide a report, once; "blocked" blocks the opener for some hours. Raises NotYours, BadInput, Conflict."""
    at = at or timezone.now()
    found = AbuseReport.objects.filter(pk=report_id).first()
    if found is None:
        raise rules.NotYours()
    talk = lock_talk(pk=found.talk_id)
    report = AbuseReport.objects.select_for_update().get(pk=report_id)
    if by.person is None or talk.desk.unit_id not in by.scope(Role.SUPERVISOR):
        raise rules.NotYours()
    rules.check_decision(report, decision)
    if report.decision:
        raise rules.Conflict()
    report.decision, report.decided_by, report.decided_at = decision, by.person, at
    report.save(update_fields=["decision", "decided_by", "decided_at"])
    if decision == AbuseReport.Decision.BLOCKED:
        block_opener(talk_id=talk.pk, by=by, reason=report.words[:300], hours=hours, at=at)
    told = {"decision": decision, "name": str(by.person)}
    append(talk.aside_name, "talk.report_decided", told, by=by.person, sender=by.key, at=at)
    return report
