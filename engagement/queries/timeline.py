"""The timeline of a case: what the citizen and the office see, and the office's own file beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import CharField
from django.utils import formats, timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.prepared import Given, Prepared, one_of
from accounts.viewers import Viewer
from journal.models import Entry

from ..events import LABELS
from ..models import Case, Mailbox
from .rights import is_party, reads_file
from .sealed import open_data

CITIZENS_OWN = frozenset(
    {"case.received", "case.clarified", "case.rated", "case.withdrawn", "case.urged", "case.added", "review.asked"}
)

# What the clock does by itself, unless somebody's name stands beside it.
CLOCKS_OWN = frozenset({"light.turned", "step.lapsed", "unit.urged"})


@dataclass(frozen=True)
class Line:
    """One entry for one reader. `text` is what somebody wrote, `internal` marks what only the office sees."""

    seq: int
    at: datetime
    kind: str
    label: str
    by_label: str
    data: dict[str, Any]
    internal: bool
    text: str
    mine: bool
    files: list[dict[str, Any]] = field(default_factory=list)


def timeline(case: Case, viewer: Viewer, entries: Iterable[Entry] | None = None) -> list[Line]:
    """Return the entries of the case that the viewer may read, oldest first; notes only for its office.

    `entries` are what `entries_for` gave, when they have been read already.
    """
    party = is_party(viewer, case)
    found = entries_for(case, viewer) if entries is None else entries
    lines = [line_of(case, entry, internal=entry.stream.name == case.file_stream_name, party=party) for entry in found]
    return sorted(lines, key=lambda line: (line.at, line.internal, line.seq))


def entries_for(case: Case, viewer: Viewer) -> list[Entry]:
    """Return the entries of the streams of the case that the viewer may read, in no order."""
    streams = [case.stream_name]
    if reads_file(viewer, case):
        streams.append(case.file_stream_name)
    return READ.all(streams=streams)


def line_of(case: Case, entry: Entry, *, internal: bool, party: bool) -> Line:
    """Return an entry as it is read: `internal` is one of the office's file, `party` whoever the case belongs to."""
    data = open_data(case, entry.data)
    text = next((str(data[key]) for key in ("text", "question", "words", "reason") if data.get(key)), "")
    if entry.kind == "case.received":
        text = case.text
    files = [each for each in data.get("files", ()) if isinstance(each, dict)]
    return Line(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        label=step_said(entry.kind, data) or str(LABELS.get(entry.kind, "")),
        by_label=_by(entry, data, party),
        data=data,
        internal=internal,
        text=text,
        mine=party and entry.kind in CITIZENS_OWN,
        files=files,
    )


def _by(entry: Entry, data: dict[str, Any], party: bool) -> str:
    """The citizen reads offices, never the names of single officials; the office reads names."""
    if entry.kind in CITIZENS_OWN:
        return _("You") if party else _("Citizen")
    if not party and entry.by is not None:
        return str(entry.by)
    if not party and (entry.kind in CLOCKS_OWN or data.get("cause") == "unrated"):
        return _("The clock")
    signed = data.get("signed")
    # Entries of early versions hold the office's Chinese name alone.
    office = signed if isinstance(signed, str) else unit_label(signed)
    return office or unit_label(data.get("unit")) or _("The office")


def step_said(kind: str, data: dict[str, Any]) -> str:
    """Return the process's own name of a step that was taken, in the reader's language; "" for other entries.

    What an applicant is told once to be missing is no ordinary question.
    """
    if kind == "case.asked" and data.get("once"):
        return _("What is missing, told once")
    if kind not in ("step.taken", "step.lapsed"):
        return ""
    english = (get_language() or "").startswith("en")
    return str((english and data.get("act_en")) or data.get("act") or "")


def unit_data(unit: Any) -> dict[str, Any] | None:
    """Return a unit as it stands in an entry's data."""
    return {"id": unit.pk, "name": unit.name, "name_en": unit.name_en} if unit else None


def office_data(box: Mailbox | None) -> dict[str, Any] | None:
    """Return the office that a leader holds as it stands in an entry's data."""
    return {"name": box.title, "name_en": box.title_en} if box else None


def unit_label(data: Any) -> str:
    """Return the name of a unit or an office held from an entry's data in the reader's language."""
    if not isinstance(data, dict):
        return ""
    english = (get_language() or "").startswith("en") and data.get("name_en")
    return str(english or data.get("name", ""))


def last_act(case: Case) -> str:
    """Return who did what when last, for somebody whose page was out of date."""
    streams = [case.stream_name, case.file_stream_name]
    acts = Entry.objects.filter(stream__name__in=streams, by__isnull=False).exclude(kind="light.turned")
    entry = acts.select_related("by").order_by("-at", "-pk").first()
    if entry is None:
        return ""
    moment = formats.date_format(timezone.localtime(entry.at), "H:i")
    who = _("the citizen") if entry.kind in CITIZENS_OWN else str(entry.by)
    said = {"who": who, "what": LABELS.get(entry.kind, entry.kind), "at": moment}
    return _("%(who)s was quicker: “%(what)s” at %(at)s. Please look again.") % said


def origin_thread(case: Case) -> Any:
    """Return the conversation a case grew out of, as its room tells it; None for other cases (CASE_ORIGINS)."""
    prefix = case.origin.partition("-")[0]
    path = settings.CASE_ORIGINS.get(prefix)
    return import_string(path)(case) if path else None


def way_to_ask(case: Case, viewer: Viewer) -> Any:
    """Return how the viewer can ask the citizen now, as the room of conversations tells it (CASE_ASK), or None."""
    path = settings.CASE_ASK
    return import_string(path)(case, viewer) if path else None


def call_of(case: Case, lines: Iterable[Line]) -> str:
    """Return where an official waits for the citizen to talk, as the room of conversations tells it (CASE_CALL), or "".

    Only a case whose `lines` hold a call is asked about.
    """
    called = settings.CASE_CALL and any(line.kind == "case.called" for line in lines)
    return str(import_string(settings.CASE_CALL)(case)) if called else ""


READ: Prepared[Entry] = Prepared(
    lambda: Entry.objects.filter(one_of("stream__name", "streams")).select_related("stream", "by")
)
ENTRIES: Prepared[Entry] = Prepared(
    lambda: Entry.objects.filter(stream__name=Given("stream", CharField())).order_by("seq")
)


def entries_of(case: Case) -> list[Entry]:
    """Return the entries of the case's own stream in order."""
    return ENTRIES.all(stream=case.stream_name)


def case_ids(numbers: Iterable[str] = ()) -> list[int]:
    """Return the ids of all cases, or of those with the numbers, in order; for commands."""
    found = Case.objects.order_by("pk")
    wanted = list(numbers)
    return list((found.filter(number__in=wanted) if wanted else found).values_list("pk", flat=True))
