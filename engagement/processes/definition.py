"""Reading a process definition: typed, checked before it is published, its conditions as data."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role

from ..models import Case
from ..rules import BadInput

FOLDER = Path(__file__).parent
KEYS = ("letter", "complaint", "enquiry", "report")
CITIZEN = "citizen"
CLOCK = "clock"
# The target "the step that asked", of answers to a question.
BACK = "back"
OFFICES = ("home", "unit", "mailbox", "integrity")
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Way:
    """Where an action leads, and what changes on the way."""

    to: str
    when: Mapping[str, Any] | None = None
    status: str = ""
    round: bool = False


@dataclass(frozen=True)
class Act:
    """Something that can be done at a step: what it needs, and its ways in order; the first that fits is taken."""

    code: str
    require: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    claim: bool = False
    reassign: bool = False
    by: str = ""
    start: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """One step: who does it where, by when, and what can be done."""

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

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that may do this step."""
        return (self.role, *self.also)


@dataclass(frozen=True)
class Definition:
    """A whole process."""

    key: str
    start: str
    nodes: Mapping[str, Node]
    acts: Mapping[str, Act]
    promise_days: Mapping[str, int]
    norms: Mapping[str, int]

    def days_for(self, kind: str) -> int:
        """Return the working days promised for a case of the kind."""
        return self.promise_days.get(kind, self.promise_days["default"])


def read(raw: Mapping[str, Any]) -> Definition:
    """Return the typed definition of published JSON."""
    return Definition(
        key=raw["key"],
        start=raw["start"],
        nodes={code: _node(code, node) for code, node in raw["nodes"].items()},
        acts={code: _act(code, act) for code, act in raw.get("acts", {}).items()},
        promise_days=raw["promise_days"],
        norms=raw["norms"],
    )


def _node(code: str, raw: Mapping[str, Any]) -> Node:
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
    )


def _act(code: str, raw: Mapping[str, Any]) -> Act:
    to = raw.get("to", ())
    shared = {"status": raw.get("status", ""), "round": raw.get("round", False)}
    ways = ({"to": to} | shared,) if isinstance(to, str) else tuple(to)
    return Act(
        code=code,
        require=tuple(raw.get("require", ())),
        ways=tuple(Way(way["to"], way.get("when"), way.get("status", ""), way.get("round", False)) for way in ways),
        claim=raw.get("claim", False),
        reassign=raw.get("reassign", False),
        by=raw.get("by", ""),
        start=tuple(raw.get("from", ())),
    )


def holds(condition: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> bool:
    """Return whether `{"if": [name, op, value]}`, `{"all": […]}` or `{"any": […]}` is true of the facts.

    A fact that is missing makes its comparison false; nothing is ever evaluated as code.
    """
    if condition is None:
        return True
    if "if" in condition:
        name, sign, value = condition["if"]
        return facts.get(name) is not None and OPERATORS[sign](facts[name], value)
    parts = condition.get("all", condition.get("any", ()))
    results = (holds(part if isinstance(part, Mapping) else {"if": part}, facts) for part in parts)
    return all(results) if "all" in condition else any(results)


def checksum(raw: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the definition, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def shipped(key: str) -> dict[str, Any]:
    """Return the definition that comes with the software."""
    found: dict[str, Any] = json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return found


def check(raw: Mapping[str, Any]) -> Definition:
    """Return the definition if it can be published. Raises BadInput with every problem, one a line."""
    try:
        definition = read(raw)
        problems = [*_problems(definition)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput(
            _("This is not a process definition: %(error)s") % {"error": error}, field="definition"
        ) from error
    if problems:
        raise BadInput("\n".join(problems), field="definition", code="bad_process")
    return definition


def _problems(definition: Definition) -> Iterator[str]:
    nodes = definition.nodes
    if definition.start not in nodes:
        yield _("The start “%(name)s” is no step.") % {"name": definition.start}
        return
    if "default" not in definition.promise_days:
        yield _("The working days promised lack a default.")
    for norm in ("yellow_percent", "reopen_days", "most_rounds", "extension_days", "urge_hours"):
        if not isinstance(definition.norms.get(norm), int):
            yield _("The norm “%(name)s” is missing.") % {"name": norm}
    for node in nodes.values():
        yield from _problems_of(definition, node)
    for act in definition.acts.values():
        yield from _problems_of_ways(definition, act)
    reached = _reach(definition, [definition.start, *(way.to for act in definition.acts.values() for way in act.ways)])
    for code in nodes.keys() - reached:
        yield _("Nothing leads to the step “%(name)s”.") % {"name": code}
    for code in nodes:
        if not any(nodes[each].end for each in _reach(definition, [code]) if each in nodes):
            yield _("The step “%(name)s” cannot reach an end.") % {"name": code}


def _problems_of(definition: Definition, node: Node) -> Iterator[str]:
    named = {"name": node.code}
    if node.status not in Case.Status.values:
        yield _("The step “%(name)s” has no known status.") % named
    if node.end:
        return
    if any(role not in Role.values for role in node.roles if role != CITIZEN):
        yield _("The step “%(name)s” has no known role.") % named
    if node.role != CITIZEN and node.at not in OFFICES:
        yield _("The step “%(name)s” does not say which office does it.") % named
    if not node.actions:
        yield _("Nothing can be done at the step “%(name)s”.") % named
    if node.timeout and node.timeout.get("action") not in node.actions:
        yield _("The time limit of the step “%(name)s” leads nowhere.") % named
    for act in node.actions.values():
        yield from _problems_of_ways(definition, act)


def _problems_of_ways(definition: Definition, act: Act) -> Iterator[str]:
    if act.reassign:
        return
    if not act.ways or act.ways[-1].when is not None:
        yield _("The choice “%(name)s” lacks a last way for everything else.") % {"name": act.code}
    for way in act.ways:
        if way.to != BACK and way.to not in definition.nodes:
            yield _("“%(name)s” leads to “%(to)s”, which is no step.") % {"name": act.code, "to": way.to}
        if way.status and way.status not in Case.Status.values:
            yield _("“%(name)s” has no known status.") % {"name": act.code}
        if not _is_condition(way.when):
            yield _("The condition of “%(name)s” cannot be read.") % {"name": act.code}


def _is_condition(condition: Any) -> bool:
    if condition is None:
        return True
    if not isinstance(condition, Mapping) or len(condition) != 1:
        return False
    word, body = next(iter(condition.items()))
    if word == "if":
        return isinstance(body, list) and len(body) == 3 and isinstance(body[0], str) and body[1] in OPERATORS
    if word not in ("all", "any") or not isinstance(body, list) or not body:
        return False
    return all(_is_condition(part if isinstance(part, Mapping) else {"if": part}) for part in body)


def _reach(definition: Definition, codes: list[str]) -> set[str]:
    """Return the steps that can come to pass from `codes` on; "back" leads where the question was asked."""
    seen: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code in seen or code not in definition.nodes:
            continue
        seen.add(code)
        for act in definition.nodes[code].actions.values():
            waiting += [way.to for way in act.ways if way.to != BACK]
            if any(way.to == BACK for way in act.ways):
                waiting += [
                    node.code
                    for node in definition.nodes.values()
                    if any(way.to == code for each in node.actions.values() for way in each.ways)
                ]
    return seen
