"""Reading a process definition: typed, its steps, what can be done at each, and where that leads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from .conditions import OPERATORS, holds

FOLDER = Path(__file__).parent
KEYS = ("letter", "complaint", "enquiry", "report", "suggestion", "approval")
CITIZEN = "citizen"
CLOCK = "clock"
# The target "the step that asked", of answers to a question.
BACK = "back"
OFFICES = ("home", "unit", "mailbox", "integrity")
# How many of several units must be done before the case goes on: every one, the first one, or the lead.
MODES = ("all", "any", "lead")
# A step of several: the units that the dispatcher chose. A list of unit codes instead names them for good.
CHOSEN = "units"
LEAD, ASSIST = "lead", "assist"
FIELD_KINDS = ("line", "text", "number", "date", "yes")


def in_language(name: str, english: str) -> str:
    """Return the English name for readers of English where there is one."""
    return english if english and (get_language() or "").startswith("en") else name


@dataclass(frozen=True)
class Way:
    """Where an action leads, and what changes on the way; `stays` while other units still work on the step."""

    to: str
    when: Mapping[str, Any] | None = None
    status: str = ""
    round: bool = False
    stays: bool = False


@dataclass(frozen=True)
class FormField:
    """Something that is entered with an action of the city's own."""

    code: str
    label: str = ""
    label_en: str = ""
    kind: str = "line"
    required: bool = False


@dataclass(frozen=True)
class Act:
    """Something that can be done at a step: what it needs, and its ways in order; the first that fits is taken.

    `part` is who of several units may ("" for all), `interrupt` takes the case out of the hands of the others,
    `waits` is possible only when the others are done, `once` only one time in a round, `claim` makes the task one's
    own.
    """

    code: str
    require: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    claim: bool = False
    reassign: bool = False
    by: str = ""
    start: tuple[str, ...] = ()
    part: str = ""
    interrupt: bool = False
    waits: bool = False
    once: bool = False
    status: str = ""
    name: str = ""
    name_en: str = ""
    fields: tuple[FormField, ...] = ()

    @property
    def label(self) -> str:
        """The process's own name of the action in the reader's language, "" for one that every process knows."""
        return in_language(self.name, self.name_en)


@dataclass(frozen=True)
class Node:
    """One step: who does it where, by when, and what can be done. With a `mode` it is done by several units at once."""

    code: str
    status: str
    role: str = ""
    also: tuple[str, ...] = ()
    at: str = ""
    keeps: str = ""
    sla: Mapping[str, Any] = field(default_factory=dict)
    timeout: Mapping[str, Any] = field(default_factory=dict)
    pauses: bool = False
    end: bool = False
    actions: Mapping[str, Act] = field(default_factory=dict)
    mode: str = ""
    over: str | tuple[str, ...] = CHOSEN
    join: tuple[Way, ...] = ()
    assist: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    name_en: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that may do this step."""
        return (self.role, *self.also)

    @property
    def label(self) -> str:
        """The step's name in the reader's language."""
        return in_language(self.name, self.name_en)

    def limit(self, part: str) -> Mapping[str, Any]:
        """Return the time limit of the lead's task, or of an assisting unit's."""
        found: Mapping[str, Any] = self.assist.get("sla", self.sla) if part == ASSIST else self.sla
        return found

    def timeout_act(self, part: str) -> str:
        """Return the action that the clock takes when the time is over, "" for none."""
        return str(self.assist.get("timeout", "") if part == ASSIST else self.timeout.get("action", ""))

    def ways(self) -> Iterator[tuple[str, Way]]:
        """Yield every way out of the step with the action that takes it, "join" for what follows several units."""
        for act in self.actions.values():
            yield from ((act.code, way) for way in act.ways)
        yield from (("join", way) for way in self.join)


@dataclass(frozen=True)
class Definition:
    """A whole process."""

    key: str
    start: str
    nodes: Mapping[str, Node]
    acts: Mapping[str, Act]
    promise_days: Mapping[str, int]
    norms: Mapping[str, int]
    # Codes of the categories whose cases take this process, whatever their kind.
    subjects: tuple[str, ...] = ()

    def days_for(self, kind: str) -> int:
        """Return the working days promised for a case of the kind."""
        return self.promise_days.get(kind, self.promise_days["default"])

    def joint_ways(self, code: str) -> bool:
        """Return whether dispatching at the step can lead to several units at once."""
        act = self.nodes[code].actions.get("dispatch") if code in self.nodes else None
        return act is not None and any(self.nodes[way.to].mode for way in act.ways if way.to in self.nodes)


def read(raw: Mapping[str, Any]) -> Definition:
    """Return the typed definition of published JSON."""
    return Definition(
        key=raw["key"],
        start=raw["start"],
        nodes={code: _node(code, node) for code, node in raw["nodes"].items()},
        acts={code: _act(code, act) for code, act in raw.get("acts", {}).items()},
        promise_days=raw["promise_days"],
        norms=raw["norms"],
        subjects=tuple(raw.get("subjects", ())),
    )


def _node(code: str, raw: Mapping[str, Any]) -> Node:
    over = raw.get("over", CHOSEN)
    return Node(
        code=code,
        status=raw["status"],
        role=raw.get("role", ""),
        also=tuple(raw.get("also", ())),
        at=raw.get("at", ""),
        keeps=raw.get("keeps", ""),
        sla=raw.get("sla", {}),
        timeout=raw.get("timeout", {}),
        pauses=raw.get("pauses", False),
        end=raw.get("end", False),
        actions={each: _act(each, act) for each, act in raw.get("actions", {}).items()},
        mode=raw.get("mode", ""),
        over=over if isinstance(over, str) else tuple(over),
        join=_ways(raw.get("join", ()), {}),
        assist=raw.get("assist", {}),
        name=raw.get("name", ""),
        name_en=raw.get("name_en", ""),
    )


def _act(code: str, raw: Mapping[str, Any]) -> Act:
    return Act(
        code=code,
        require=tuple(raw.get("require", ())),
        ways=_ways(raw.get("to", ()), {"status": raw.get("status", ""), "round": raw.get("round", False)}),
        claim=raw.get("claim", False),
        reassign=raw.get("reassign", False),
        by=raw.get("by", ""),
        start=tuple(raw.get("from", ())),
        part=raw.get("part", ""),
        interrupt=raw.get("interrupt", False),
        waits=raw.get("waits", False),
        once=raw.get("once", False),
        status=raw.get("status", ""),
        name=raw.get("name", ""),
        name_en=raw.get("name_en", ""),
        fields=tuple(FormField(**each) for each in raw.get("fields", ())),
    )


def _ways(to: Any, shared: Mapping[str, Any]) -> tuple[Way, ...]:
    ways = ({"to": to} | dict(shared),) if isinstance(to, str) else tuple(to)
    return tuple(Way(way["to"], way.get("when"), way.get("status", ""), way.get("round", False)) for way in ways)


def checksum(raw: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the definition, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def shipped(key: str) -> dict[str, Any]:
    """Return the definition that comes with the software."""
    found: dict[str, Any] = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return found


__all__ = ["OPERATORS", "Act", "Definition", "Node", "Way", "checksum", "holds", "read", "shipped"]
