"""What the pages of those who set up processes ask: versions, drafts, running cases, moves and replays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Role, Unit
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Process, ProcessDraft, ProcessMove, Replay, RoutingRule, Task
from ..processes.definition import Definition, read
from .routing import sets_up

KEPT_REPLAYS = 10


@dataclass(frozen=True)
class ProcessLine:
    """A process in the list: its newest version, how many cases run by each, and whether somebody is changing it."""

    newest: Process
    versions: int
    running: int
    running_older: int
    draft: ProcessDraft | None
    move: ProcessMove | None


@dataclass(frozen=True)
class Editing:
    """What the editor shows: the draft, or the newest version as long as nobody has changed anything."""

    key: str
    raw: dict[str, Any]
    version: int
    is_draft: bool
    newest: Process


def processes_for(viewer: Viewer) -> list[ProcessLine]:
    """Return every process with its newest version; nothing for those who do not set them up."""
    if not sets_up(viewer):
        return []
    versions: dict[str, list[Process]] = {}
    for process in Process.objects.order_by("key", "version"):
        versions.setdefault(process.key, []).append(process)
    open_tasks = Task.objects.filter(status=Task.Status.OPEN).values_list("case__process")
    running = dict(open_tasks.annotate(n=Count("case", distinct=True)).order_by())
    drafts = {draft.key: draft for draft in ProcessDraft.objects.select_related("changed_by")}
    moves = {move.target_id: move for move in ProcessMove.objects.order_by("pk")}
    return [
        ProcessLine(
            newest=each[-1],
            versions=len(each),
            running=running.get(each[-1].pk, 0),
            running_older=sum(running.get(process.pk, 0) for process in each[:-1]),
            draft=drafts.get(key),
            move=moves.get(each[-1].pk),
        )
        for key, each in versions.items()
    ] + [
        ProcessLine(newest=_unpublished(draft), versions=0, running=0, running_older=0, draft=draft, move=None)
        for key, draft in drafts.items()
        if key not in versions
    ]


def editing_of(viewer: Viewer, key: str) -> Editing:
    """Return the draft of a process, or its newest version. Raises NotFound."""
    last = Process.objects.filter(key=key).order_by("-version").first() if sets_up(viewer) else None
    draft = ProcessDraft.objects.filter(key=key).first() if sets_up(viewer) else None
    if draft is not None:
        return Editing(key, draft.definition, draft.version, True, last or _unpublished(draft))
    if last is None:
        raise rules.NotFound()
    return Editing(key, last.definition, 0, False, last)


def _unpublished(draft: ProcessDraft) -> Process:
    """Return what stands for the newest version of a process that has none yet: version 0, never stored."""
    raw = draft.definition
    return Process(key=draft.key, version=0, name=raw["name"], name_en=raw.get("name_en", ""), definition=raw)


def versions_of(viewer: Viewer, key: str) -> list[Process]:
    """Return the published versions of a process, the newest first; none of one that is a draft. Raises NotFound."""
    found = list(Process.objects.filter(key=key).order_by("-version")) if sets_up(viewer) else []
    if not found and not (sets_up(viewer) and ProcessDraft.objects.filter(key=key).exists()):
        raise rules.NotFound()
    return found


@dataclass(frozen=True)
class Running:
    """Cases that run by an older version: how many, how many at each step, and which steps the new one lacks."""

    cases: int
    by_step: list[tuple[str, str, int]]
    gone: list[tuple[str, str, int]]


def running_of(viewer: Viewer, key: str, new: Definition) -> Running:
    """Return the cases that a new version would find running. Raises NotFound."""
    versions = versions_of(viewer, key)
    tasks = Task.objects.filter(status=Task.Status.OPEN, case__process__key=key)
    counted = tasks.values_list("node").annotate(n=Count("case", distinct=True)).order_by("node")
    names: dict[str, str] = {}
    for process in reversed(versions):
        names |= {code: node.label or code for code, node in read(process.definition).nodes.items()}
    by_step = [(code, names.get(code, code), number) for code, number in counted]
    gone = [each for each in by_step if each[0] not in new.nodes or new.nodes[each[0]].end]
    cases = Case.objects.filter(process__key=key, pk__in=tasks.values("case")).count()
    return Running(cases, by_step, gone)


def replays_of(viewer: Viewer, key: str) -> list[Replay]:
    """Return the latest replays of a process."""
    return list(Replay.objects.filter(key=key).order_by("-pk")[:KEPT_REPLAYS]) if sets_up(viewer) else []


def replay_for(viewer: Viewer, replay_id: int) -> Replay:
    """Return a replay. Raises NotFound."""
    found = Replay.objects.filter(pk=replay_id).first() if sets_up(viewer) else None
    if found is None:
        raise rules.NotFound()
    return found


@dataclass(frozen=True)
class Load:
    """How many steps one role at one unit would have, before and after."""

    unit: str
    role: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """After less before."""
        return self.after - self.before

    @property
    def most(self) -> int:
        """The larger of the two, for bars."""
        return max(self.before, self.after)


@dataclass(frozen=True)
class ReplayReport:
    """A replay in words: lines of figures before and after, loads, rules, and some of the cases."""

    lines: list[tuple[str, str, str]]
    loads: list[Load]
    rules: list[tuple[str, int]]
    samples: list[dict[str, Any]]
    heaviest: int
    left_out: int


def replay_report(replay: Replay) -> ReplayReport:
    """Return what a replay has found so far, with the names of units and rules as they are now."""
    result: Mapping[str, Any] = replay.result
    before, after = result.get("before", {}), result.get("after", {})
    keys = [key.partition(":") for key in {**before, **after}]
    samples = result.get("samples", [])
    wanted = {int(unit) for unit, _sign, _role in keys}
    for each in samples:
        wanted |= {each["unit_before"] or 0, each["unit_after"] or 0, *(step[1] for step in each["steps"])}
    units = {unit.pk: unit.label for unit in Unit.objects.filter(pk__in=wanted)}
    roles = dict(Role.choices)
    loads = [
        Load(
            units.get(int(unit), "–"),
            str(roles.get(role, role)),
            before.get(f"{unit}:{role}", 0),
            after.get(f"{unit}:{role}", 0),
        )
        for unit, _sign, role in keys
    ]
    loads.sort(key=lambda load: (-abs(load.change), -load.most, load.unit))
    named = dict(RoutingRule.objects.filter(pk__in=result.get("rules", {})).values_list("pk", "name"))
    caught = [(named.get(int(pk), _("a rule that is gone")), number) for pk, number in result.get("rules", {}).items()]
    definition = read(replay.definition)
    return ReplayReport(
        lines=_lines(result.get("counts", {})),
        loads=loads,
        rules=sorted(caught, key=lambda each: -each[1]),
        samples=[_sample(each, units, definition) for each in samples],
        heaviest=max((load.most for load in loads), default=1) or 1,
        left_out=result.get("counts", {}).get("left_out", 0),
    )


def _lines(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    cases, answered = counts.get("cases", 0), counts.get("answered", 0)

    def of(name: str, whole: int) -> str:
        number = counts.get(name, 0)
        return f"{number:,} / {whole:,}" + (f" ({100 * number / whole:.0f} %)" if whole else "")

    return [
        (_("Answered in the promised time"), of("on_time_before", answered), of("on_time_after", answered)),
        (_("Promise is earlier"), "", of("earlier", cases)),
        (_("Promise is later"), "", of("later", cases)),
        (_("Steps of offices"), f"{counts.get('steps_before', 0):,}", f"{counts.get('steps_after', 0):,}"),
        (_("Caught by a rule"), "", of("routed", cases)),
        (_("of those that had a unit, sent to that one"), "", of("right", counts.get("judged", 0))),
    ]


def _sample(each: Mapping[str, Any], units: Mapping[int, str], definition: Definition) -> dict[str, Any]:
    kinds = dict(Case.Kind.choices)
    nodes = definition.nodes
    return {
        "number": each["number"],
        "kind": str(kinds.get(each["kind"], each["kind"])),
        "rule": each["rule"],
        "received": _moment(each["received"]),
        "before": _moment(each["before"]),
        "after": _moment(each["after"]),
        "unit_before": units.get(each["unit_before"], ""),
        "unit_after": units.get(each["unit_after"], ""),
        "steps": [
            {
                "label": nodes[code].label if code in nodes else code,
                "unit": units.get(unit, ""),
                "until": _moment(until),
            }
            for code, unit, until in each["steps"]
        ],
    }


def _moment(text: str) -> datetime | None:
    return parse_datetime(text)
