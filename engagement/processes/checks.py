"""What must be true of a process before it is published, and every problem in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role

from ..models import Case
from ..rules import BadInput
from .conditions import is_condition
from .definition import (
    ASSIST,
    BACK,
    CHOSEN,
    CITIZEN,
    CLOCK,
    FIELD_KINDS,
    LEAD,
    MODES,
    OFFICES,
    Act,
    Definition,
    Node,
    Way,
    read,
)
from .naming import act_label

NORMS = ("yellow_percent", "reopen_days", "most_rounds", "extension_days", "urge_hours")
# A definition is written by people for people.
MOST_STEPS, MOST_ACTIONS = 60, 40
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
LIMITS = ("minutes", "days", "case", "calendar_days")
# What the software itself does at a citizen's step; everything else belongs to an office.
CITIZENS = ("answer", "rate")
# What must be possible after each act on a reply, unless it is the one that sends it.
LETS_ON = {"submit": ("approve", "sign_off"), "approve": ("approve", "sign_off"), "sign_off": (), "reply_now": ()}


@dataclass(frozen=True)
class Problem:
    """One sentence for the reader, and the step it is about ("" for the whole process)."""

    step: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def check(raw: Mapping[str, Any]) -> Definition:
    """Return the definition if it can be published. Raises BadInput with every problem, one a line."""
    found = problems(raw)
    if found:
        said = "\n".join(dict.fromkeys(problem.sentence for problem in found))
        raise BadInput(said, field="definition", code="bad_process")
    return read(raw)


def problems(raw: Mapping[str, Any]) -> list[Problem]:
    """Return every problem of a definition, whatever its shape; [] means that it can be published."""
    try:
        definition = read(raw)
        return list(dict.fromkeys([*_shape(definition), *_whole(definition)]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [Problem("", _("This is not a process definition: %(error)s") % {"error": error})]


def _shape(definition: Definition) -> Iterator[Problem]:
    if not CODE.fullmatch(definition.key):
        yield Problem("", _("The process has no name for its files: small letters and digits."))
    if len(definition.nodes) > MOST_STEPS or any(
        len(node.actions) > MOST_ACTIONS for node in definition.nodes.values()
    ):
        yield Problem("", _("This process is too large: nobody could follow it."))
    for code, node in definition.nodes.items():
        if not CODE.fullmatch(code) or not all(CODE.fullmatch(each) for each in node.actions):
            yield Problem(code, _("“%(name)s” is no name for a step: small letters, digits and _.") % {"name": code})


def _whole(definition: Definition) -> Iterator[Problem]:
    nodes = definition.nodes
    if definition.start not in nodes:
        yield Problem("", _("The start “%(name)s” is no step.") % {"name": definition.start})
        return
    if not _is_whole(definition.promise_days.get("default")):
        yield Problem("", _("The working days promised lack a default."))
    elif not all(_is_whole(days) for days in definition.promise_days.values()):
        yield Problem("", _("Promised working days are whole numbers from 1 to 400."))
    for norm in NORMS:
        if not _is_whole(definition.norms.get(norm), 0):
            yield Problem("", _("The norm “%(name)s” is missing.") % {"name": norm})
    if not all(isinstance(each, str) and each.isprintable() and len(each) <= 40 for each in definition.subjects):
        yield Problem("", _("The subjects that take the process cannot be read."))
    for node in nodes.values():
        yield from _of_node(definition, node)
    for act in definition.acts.values():
        yield from _of_ways(definition, "", f"“{act_label(act.code, act)}”", act.ways)
        for code in act.start:
            if code not in nodes:
                yield Problem(
                    "",
                    _("“%(name)s” begins at “%(to)s”, which is no step.")
                    % {"name": act_label(act.code, act), "to": code},
                )
    yield from _of_paths(definition)


def _is_whole(value: Any, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 100_000


def _of_node(definition: Definition, node: Node) -> Iterator[Problem]:
    named = {"name": node.label or node.code}
    if node.status not in Case.Status.values:
        yield Problem(node.code, _("The step “%(name)s” has no known status.") % named)
    if node.end:
        if node.actions or node.join:
            yield Problem(node.code, _("The end “%(name)s” cannot lead anywhere.") % named)
        return
    yield from _of_doer(node, named)
    if not node.actions:
        yield Problem(node.code, _("Nothing can be done at the step “%(name)s”.") % named)
    for part in (LEAD, ASSIST):
        code = node.timeout_act(part)
        if (node.timeout if part == LEAD else code) and code not in node.actions:
            yield Problem(node.code, _("The time limit of the step “%(name)s” leads nowhere.") % named)
    for limit in (node.sla, node.assist.get("sla", {}), {k: v for k, v in node.timeout.items() if k != "action"}):
        if not _is_limit(limit):
            yield Problem(node.code, _("The time limit of the step “%(name)s” cannot be read.") % named)
    yield from _of_several(definition, node, named)
    for act in node.actions.values():
        yield from _of_act(definition, node, act)


def _of_doer(node: Node, named: Mapping[str, str]) -> Iterator[Problem]:
    if any(role not in Role.values for role in node.roles if role != CITIZEN):
        yield Problem(node.code, _("The step “%(name)s” has no known role.") % named)
    if node.role != CITIZEN and node.at not in OFFICES:
        yield Problem(node.code, _("The step “%(name)s” does not say which office does it.") % named)
    human = [act.code for act in node.actions.values() if act.by != CLOCK]
    if node.role == CITIZEN and (node.mode or any(code not in CITIZENS for code in human)):
        yield Problem(node.code, _("At the step “%(name)s” the citizen can only answer or rate.") % named)


def _is_limit(limit: Any) -> bool:
    if not isinstance(limit, Mapping) or len(limit) > 1 or any(name not in LIMITS for name in limit):
        return False
    return all(value is True if name == "case" else _is_whole(value) for name, value in limit.items())


def _of_several(definition: Definition, node: Node, named: Mapping[str, str]) -> Iterator[Problem]:
    if not node.mode:
        if node.join:
            yield Problem(node.code, _("The step “%(name)s” joins several units, but only one does it.") % named)
        return
    if node.mode not in MODES:
        yield Problem(node.code, _("The step “%(name)s” does not say how many of its units must be done.") % named)
    if isinstance(node.over, str) and node.over != CHOSEN:
        yield Problem(node.code, _("The step “%(name)s” does not say which units do it.") % named)
    yield from _of_ways(definition, node.code, _("What follows “%(name)s”") % named, node.join)
    acts = [act for act in node.actions.values() if not act.ways and not act.claim and not act.reassign]
    for part, who in ((LEAD, _("the lead unit")), (ASSIST, _("an assisting unit"))):
        if not any(act.part in ("", part) for act in acts):
            said = _("At the step “%(name)s” %(who)s cannot finish its part.")
            yield Problem(node.code, said % {**named, "who": who})


def _of_act(definition: Definition, node: Node, act: Act) -> Iterator[Problem]:
    named = {"name": act_label(act.code, act), "step": node.label or node.code}
    if act.part not in ("", LEAD, ASSIST) or (act.part and not node.mode):
        yield Problem(node.code, _("“%(name)s” at “%(step)s” is for a unit that is not there.") % named)
    if any(field.kind not in FIELD_KINDS or not CODE.fullmatch(field.code) for field in act.fields):
        yield Problem(node.code, _("A form field of “%(name)s” at “%(step)s” cannot be read.") % named)
    finishes = bool(node.mode) and not act.ways
    if act.reassign or finishes:
        return
    if node.mode and not act.interrupt:
        yield Problem(
            node.code, _("“%(name)s” leaves “%(step)s” while others work on it: it must be an interruption.") % named
        )
    yield from _of_ways(definition, node.code, _("“%(name)s” at “%(step)s”") % named, act.ways)


def _of_ways(definition: Definition, step: str, what: str, ways: tuple[Way, ...]) -> Iterator[Problem]:
    if not ways or ways[-1].when is not None:
        yield Problem(step, _("%(what)s lacks a last way, one without a condition.") % {"what": what})
    for way in ways[:-1]:
        if way.when is None:
            yield Problem(step, _("%(what)s has ways that can never be taken.") % {"what": what})
    for way in ways:
        if way.to != BACK and way.to not in definition.nodes:
            yield Problem(step, _("%(what)s leads to “%(to)s”, which is no step.") % {"what": what, "to": way.to})
        if way.status and way.status not in Case.Status.values:
            yield Problem(step, _("%(what)s has no known status.") % {"what": what})
        if not is_condition(way.when):
            yield Problem(step, _("%(what)s has a condition that cannot be read.") % {"what": what})


def _of_paths(definition: Definition) -> Iterator[Problem]:
    nodes = definition.nodes
    reached = reach(definition, [definition.start, *(way.to for act in definition.acts.values() for way in act.ways)])
    for code in nodes:
        named = {"name": nodes[code].label or code}
        if code not in reached:
            yield Problem(code, _("Nothing leads to the step “%(name)s”.") % named)
        if not any(nodes[each].end for each in reach(definition, [code]) if each in nodes):
            yield Problem(code, _("The step “%(name)s” cannot reach an end.") % named)
    yield from _of_replies(definition)


def _of_replies(definition: Definition) -> Iterator[Problem]:
    """A reply that is handed in must come to somebody who lets it out, or reach the citizen by that very act."""
    nodes = definition.nodes
    for node in nodes.values():
        for code, onward in LETS_ON.items():
            act = node.actions.get(code)
            for way in (act.ways or node.join) if act else ():
                target = nodes.get(way.to)
                if target is None:
                    continue
                # What follows several units is their last one's doing, and that need not be who wrote the reply.
                own = act is not None and (bool(act.ways) or act.waits)
                sent = own and (way.status or target.status) == Case.Status.ANSWERED
                if not sent and not {*onward} & {*target.actions}:
                    said = _("After “%(name)s” at “%(step)s” nobody sends the reply to the citizen.")
                    yield Problem(node.code, said % {"name": act_label(code, act), "step": node.label or node.code})


def reach(definition: Definition, codes: Iterable[str]) -> set[str]:
    """Return the steps that can come to pass from `codes` on; "back" leads where the question was asked."""
    seen: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code in seen or code not in definition.nodes:
            continue
        seen.add(code)
        targets = [way.to for _act, way in definition.nodes[code].ways()]
        waiting += [to for to in targets if to != BACK]
        if BACK in targets:
            waiting += [
                node.code for node in definition.nodes.values() if any(way.to == code for _act, way in node.ways())
            ]
    return seen
