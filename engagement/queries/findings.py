"""Findings that look like figures being made: with their evidence, for somebody to look into, never as a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractMinute
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journal.models import Entry

from ..models import Callback, Case, Reply, Trace
from .board import Scope

# Thresholds: where the ordinary ends. An answer within so many minutes; so many identical ones; so many contacts.
MINUTES = 15
LATE_FROM = (23, 50)
SAME_REPLIES = 5
SAME_LENGTH = 20
DAYS_REOPENED = 3
CONTACTS = 3
CONTACT_HOURS = 24
MOST = 100

LABELS: dict[str, str | Lazy] = {
    "quick": gettext_lazy("Answered within minutes of filing"),
    "midnight": gettext_lazy("Answered in the last minutes of a day"),
    "same": gettext_lazy("The same words to many people"),
    "again": gettext_lazy("Closed and opened again within days"),
    "device": gettext_lazy("Rated on a device on which an official worked"),
    "burst": gettext_lazy("A burst of contacts just before the callback"),
}
WHY: dict[str, str | Lazy] = {
    "quick": gettext_lazy("A simple question can be answered so; so can a case that nobody looked into."),
    "midnight": gettext_lazy("Late work, or work that was recorded for the sake of the due time."),
    "same": gettext_lazy("A good standard answer, or an answer that does not answer."),
    "again": gettext_lazy("New facts, or a case that was closed too early."),
    "device": gettext_lazy("A terminal at the counter that citizens use too, or a rating that is not the citizen's."),
    "burst": gettext_lazy("Care for the citizen, or pressure before the call."),
}


@dataclass
class Finding:
    """One kind of finding: the cases it rests on, each with what was seen."""

    key: str
    cases: list[tuple[Case, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it is."""
        return str(LABELS[self.key])

    @property
    def why(self) -> str:
        """What it may mean, both ways."""
        return str(WHY[self.key])


def findings(scope: Scope, start: datetime, end: datetime) -> list[Finding]:
    """Return what was found about answers of the scope between the moments; each with at most 100 cases as evidence."""
    within = Q(confidential=False, answered_at__gte=start, answered_at__lt=end)
    cases = Case.objects.filter(within, _of(scope)).select_related("unit", "handler")
    looks: dict[str, Callable[[QuerySet[Case], datetime, datetime], Iterable[tuple[Case, str]]]] = {
        "quick": _quick, "midnight": _midnight, "same": _same, "again": _again, "device": _device, "burst": _burst,
    }  # fmt: skip
    return [Finding(key, list(look(cases, start, end))[:MOST]) for key, look in looks.items()]


def _of(scope: Scope) -> Q:
    if scope.mailbox is not None:
        return Q(mailbox_id=scope.mailbox)
    return Q() if scope.whole else Q(unit_id__in=scope.units)


def _quick(cases: QuerySet[Case], start: datetime, end: datetime) -> Iterable[tuple[Case, str]]:
    found = cases.filter(answered_at__lte=F("received_at") + timedelta(minutes=MINUTES), source__isnull=True)
    for case in found.order_by("-answered_at")[:MOST]:
        minutes = int(((case.answered_at or case.received_at) - case.received_at).total_seconds() // 60)
        yield case, _("%(n)d minutes from filing to the answer") % {"n": minutes}


def _midnight(cases: QuerySet[Case], start: datetime, end: datetime) -> Iterable[tuple[Case, str]]:
    zone = timezone.get_current_timezone()
    clock = cases.annotate(
        hour=ExtractHour("answered_at", tzinfo=zone), minute=ExtractMinute("answered_at", tzinfo=zone)
    )
    found = clock.filter(hour=LATE_FROM[0], minute__gte=LATE_FROM[1])
    for case in found.order_by("-answered_at")[:MOST]:
        yield case, timezone.localtime(case.answered_at).strftime("%Y-%m-%d %H:%M:%S")


def _same(cases: QuerySet[Case], start: datetime, end: datetime) -> Iterable[tuple[Case, str]]:
    """Counted in the database by the whole text; greetings alone are too short to tell."""
    sent = Reply.objects.filter(state=Reply.State.SENT, sent_at__gte=start, sent_at__lt=end, case__in=cases)
    groups = (
        sent.order_by().values("text", "unit_id").annotate(n=Count("pk")).filter(n__gte=SAME_REPLIES).order_by("-n")[:5]
    )
    for group in groups:
        if len(group["text"]) < SAME_LENGTH:
            continue
        replies = sent.filter(text=group["text"], unit_id=group["unit_id"]).select_related("case", "case__unit")
        for reply in replies.order_by("-sent_at")[:20]:
            yield reply.case, _("one of %(n)d identical replies: “%(words)s”") % {
                "n": group["n"], "words": group["text"][:60],
            }  # fmt: skip


def _again(cases: QuerySet[Case], start: datetime, end: datetime) -> Iterable[tuple[Case, str]]:
    """Reopened soon after the answer; the entries themselves are the evidence."""
    entries = Entry.objects.filter(kind="case.reopened", at__gte=start, at__lt=end).select_related("stream")
    numbers = {entry.stream.name[5:]: entry for entry in entries.order_by("-at")[: MOST * 5]}
    every = Case.objects.filter(number__in=numbers, confidential=False).select_related("unit", "handler")
    answered = dict(
        Entry.objects.filter(stream__name__in=[f"case-{number}" for number in numbers], kind="case.answered")
        .order_by("at")
        .values_list("stream__name", "at")
    )
    for case in every:
        entry, before = numbers[case.number], answered.get(case.stream_name)
        if before is not None and timedelta() <= entry.at - before <= timedelta(days=DAYS_REOPENED):
            hours = int((entry.at - before).total_seconds() // 3600)
            yield case, _("opened again %(n)d hours after the answer") % {"n": hours}


def _device(cases: QuerySet[Case], start: datetime, end: datetime) -> Iterable[tuple[Case, str]]:
    """The digest of a rating's device is that of a device on which the unit's own officials worked in those days."""
    rated = Trace.objects.filter(case__in=cases).select_related("case", "case__unit", "case__handler")
    for trace in rated.order_by("-day")[: MOST * 3]:
        near = (trace.day - timedelta(days=7), trace.day + timedelta(days=7))
        worked = Trace.objects.filter(digest=trace.digest, person__isnull=False, day__range=near)
        if trace.case is None or trace.case.unit_id is None:
            continue
        official = worked.filter(person__posts__unit_id=trace.case.unit_id).first()
        if official is not None:
            yield trace.case, _("the same device served the unit on %(day)s") % {"day": official.day.isoformat()}


def _burst(cases: QuerySet[Case], start: datetime, end: datetime) -> Iterable[tuple[Case, str]]:
    calls = Callback.objects.filter(case__in=cases, done_at__gte=start, tries__gte=1)
    for call in calls.select_related("case", "case__unit").order_by("-done_at")[: MOST * 3]:
        if call.done_at is None:
            continue
        since = call.done_at - timedelta(hours=CONTACT_HOURS)
        streams = [call.case.stream_name, call.case.file_stream_name]
        contacts = Entry.objects.filter(
            stream__name__in=streams, kind__in=("case.asked", "note.added"), at__gte=since, at__lt=call.done_at
        ).count()
        if contacts >= CONTACTS:
            yield call.case, _("%(n)d contacts within %(hours)d hours before the call") % {
                "n": contacts, "hours": CONTACT_HOURS,
            }  # fmt: skip


def period(days: int, at: datetime | None = None) -> tuple[datetime, datetime]:
    """Return the last so many days."""
    end = at or timezone.now()
    return end - timedelta(days=days), end
