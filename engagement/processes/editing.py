"""Changing a definition, and what two versions differ in; pure functions on plain data."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Role
from accounts.wording import listed

from ..models import Case
from ..rules import BadInput
from .conditions import same, written
from .definition import BACK, CHOSEN, CITIZEN, Act, Definition, Node, Way, read
from .naming import FIELD_KINDS, FLAGS, MODES, NEEDS, NORMS, OFFICES, act_label, limit_said, part_said

# What an empty value of a key looks like; such keys are left out of what is kept.
EMPTY: tuple[Any, ...] = ("", (), [], {}, False, None)
ENDED = "withdraw"


def plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition written the one way that says everything and nothing twice."""
    definition = read(raw)
    return {
        **({"subjects": list(definition.subjects)} if definition.subjects else {}),
        "key": definition.key,
        "name": raw.get("name", definition.key),
        "name_en": raw.get("name_en", ""),
        "promise_days": dict(definition.promise_days),
        "norms": dict(definition.norms),
        "start": definition.start,
        "nodes": {code: plain_node(node) for code, node in definition.nodes.items()},
        "acts": {code: plain_act(act) for code, act in definition.acts.items()},
    }


def plain_node(node: Node) -> dict[str, Any]:
    """Return a step as plain data."""
    found = {name: value for name, value in vars(node).items() if name not in ("code", "actions", "join", "over")}
    found |= {
        "also": list(node.also),
        "sla": dict(node.sla),
        "timeout": dict(node.timeout),
        "assist": dict(node.assist),
    }
    found["join"] = [_plain_way(way) for way in node.join]
    if node.mode:
        found["over"] = node.over if isinstance(node.over, str) else list(node.over)
    found["actions"] = {code: plain_act(act) for code, act in node.actions.items()}
    return _filled(found)


def plain_act(act: Act) -> dict[str, Any]:
    """Return an action as plain data; a single way stands in its own keys."""
    found = {name: value for name, value in vars(act).items() if name not in ("code", "ways", "start")}
    found |= {"require": list(act.require), "from": list(act.start)}
    found["fields"] = [_filled(asdict(each)) for each in act.fields]
    if len(act.ways) == 1 and act.ways[0].when is None:
        way = act.ways[0]
        found |= {"to": way.to, "status": way.status or act.status, "round": way.round}
    elif act.ways:
        found |= {"to": [_plain_way(way) for way in act.ways], "status": ""}
    return _filled(found)


def _plain_way(way: Way) -> dict[str, Any]:
    return _filled({"to": way.to, "when": same(way.when), "status": way.status, "round": way.round})


def _filled(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if not any(value is e or value == e for e in EMPTY)}


def with_step(raw: Mapping[str, Any], code: str, step: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition with the step changed. Raises BadInput for a step that is not there."""
    if code not in raw["nodes"]:
        raise BadInput(_("There is no such step."), field="step")
    changed = copy.deepcopy(dict(raw))
    changed["nodes"][code] = dict(step)
    return changed


def with_new_step(raw: Mapping[str, Any], code: str, name: str, name_en: str) -> dict[str, Any]:
    """Return the definition with another step, from which nothing leads anywhere yet. Raises BadInput."""
    if code in raw["nodes"] or code in ("back", "join"):
        raise BadInput(_("There is a step of this name already."), field="code", code="taken")
    changed = copy.deepcopy(dict(raw))
    new = {"name": name, "name_en": name_en, "status": "in_progress", "role": "handler", "at": "unit"}
    ends = [each for each, node in changed["nodes"].items() if node.get("end")]
    before = min((list(changed["nodes"]).index(each) for each in ends), default=len(changed["nodes"]))
    items = list(changed["nodes"].items())
    changed["nodes"] = dict([*items[:before], (code, new), *items[before:]])
    if ENDED in changed.get("acts", {}):
        changed["acts"][ENDED]["from"] = [*changed["acts"][ENDED].get("from", []), code]
    return changed


def without_step(raw: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Return the definition without the step; what led there is shown as a problem until it leads elsewhere."""
    if code not in raw["nodes"]:
        raise BadInput(_("There is no such step."), field="step")
    changed = copy.deepcopy(dict(raw))
    del changed["nodes"][code]
    for act in changed.get("acts", {}).values():
        act["from"] = [each for each in act.get("from", []) if each != code]
    return changed


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in two versions: at which step, what, before and after ("" for not there)."""

    step: str
    what: str
    before: str
    after: str


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two definitions, step by step, in plain words."""
    before, after = read(plain(old)), read(plain(new))
    return [*_of_whole(old, new, before, after), *_of_steps(before, after)]


def _of_whole(
    old: Mapping[str, Any], new: Mapping[str, Any], before: Definition, after: Definition
) -> Iterator[Difference]:
    pairs: list[tuple[str, Any, Any]] = [
        (pgettext("process", "Name"), old.get("name", ""), new.get("name", "")),
        (_("Name in English"), old.get("name_en", ""), new.get("name_en", "")),
        (_("Subjects that take it"), listed(before.subjects), listed(after.subjects)),
    ]
    kinds = {"default": _("any other kind"), **dict(Case.Kind.choices)}
    promised = {kind: _("Promised working days: %(kind)s") % {"kind": label} for kind, label in kinds.items()}
    for names, labels in (("promise_days", promised), ("norms", NORMS)):
        left, right = getattr(before, names), getattr(after, names)
        both = dict.fromkeys([*left, *right])
        pairs += [(labels.get(key, key), left.get(key, ""), right.get(key, "")) for key in both]
    yield from (Difference("", str(what), str(a), str(b)) for what, a, b in pairs if a != b)
    if before.start != after.start:
        yield Difference("", _("First step"), _step(before, before.start), _step(after, after.start))
    yield from _of_acts("", before, after, before.acts, after.acts)


def _of_steps(before: Definition, after: Definition) -> Iterator[Difference]:
    for code in dict.fromkeys([*before.nodes, *after.nodes]):
        left, right = before.nodes.get(code), after.nodes.get(code)
        label = (right or left).label or code  # type: ignore[union-attr]  # one of the two is there
        if left is None or right is None:
            yield Difference(label, _("Step"), _said_step(before, left), _said_step(after, right))
            continue
        for name, what in _labels().items():
            a, b = getattr(left, name), getattr(right, name)
            if a != b and not (name == "over" and CHOSEN in (a, b) and not (left.mode and right.mode)):
                yield Difference(label, what, _called(name, a), _called(name, b))
        if left.assist != right.assist:
            limits = _assist_said(left.assist), _assist_said(right.assist)
            yield Difference(label, _("Limit of assisting units"), *limits)
        if left.join != right.join:
            yield Difference(
                label, _("After all are done"), _said_ways(before, left.join), _said_ways(after, right.join)
            )
        yield from _of_acts(label, before, after, left.actions, right.actions)


def _of_acts(
    label: str, before: Definition, after: Definition, old: Mapping[str, Act], new: Mapping[str, Act]
) -> Iterator[Difference]:
    """Compare by codes and say it by names: a step called otherwise changes nothing in what leads there."""
    for code in dict.fromkeys([*old, *new]):
        a, b = old.get(code), new.get(code)
        if a != b:
            yield Difference(label, act_label(code, b or a), _said_act(before, a), _said_act(after, b))


def _labels() -> dict[str, str]:
    return {
        "name": pgettext("process", "Name"), "name_en": _("Name in English"), "status": _("Status"), "role": _("Who"),
        "also": _("Also"), "at": _("Office"), "keeps": _("Goes back to the handler who had it"), "sla": _("Time limit"),
        "timeout": _("When time is over"), "pauses": _("The unit's clock stands still"), "end": _("An end"),
        "mode": _("Several units"), "over": _("Which units"),
    }  # fmt: skip


def _called(name: str, value: Any) -> str:
    """Return what stands in a step's field as the editor calls it, anything else as it stands."""
    if name in ("pauses", "end", "keeps"):
        return _("yes") if value else _("no")
    if name in ("sla", "timeout"):
        return _limit_said(value)
    roles = {CITIZEN: _("citizen"), **dict(Role.choices)}
    statuses = dict(Case.Status.choices)
    words: dict[str, Mapping[str, Any]] = {
        "role": roles, "also": roles, "status": statuses, "at": OFFICES, "mode": MODES,
    }  # fmt: skip
    known = words.get(name, {})
    if name == "over" and value == CHOSEN:
        return _("those the dispatcher chooses")
    return listed(known.get(each, each) for each in ([value] if isinstance(value, str) else value) if each)


def _limit_said(limit: Mapping[str, Any]) -> str:
    act = str(limit.get("action", ""))
    return " → ".join(filter(None, (limit_said(limit), act and act_label(act))))


def _assist_said(limit: Mapping[str, Any]) -> str:
    return _limit_said({**limit.get("sla", {}), "action": limit.get("timeout", "")})


def _said_step(definition: Definition, node: Node | None) -> str:
    if node is None:
        return ""
    acts = [f"{act_label(code, act)} {_said_ways(definition, act.ways)}".strip() for code, act in node.actions.items()]
    return " · ".join(part for part in (_called("role", node.role), limit_said(node.sla), *acts) if part) or _("there")


def _step(definition: Definition, code: str) -> str:
    """A step's name, or the code of one that is not there."""
    node = definition.nodes.get(code)
    return _("back to who asked") if code == BACK else node.label or code if node else code


def _said_act(definition: Definition, act: Act | None) -> str:
    if act is None:
        return ""
    marks = [label for name, label in FLAGS.items() if getattr(act, name)]
    needs = [NEEDS.get(each, each) for each in act.require]
    fields = [f"{each.label or each.code} ({FIELD_KINDS.get(each.kind, each.kind)})" for each in act.fields]
    start = [_step(definition, code) for code in act.start]
    words = [act.label, part_said(act.part), part_said(act.by), *marks, *needs, *start, *fields]
    said = [*(str(word) for word in words if word), _said_ways(definition, act.ways)]
    return " · ".join(filter(None, said)) or _("there")


def _said_ways(definition: Definition, ways: tuple[Way, ...]) -> str:
    parts = []
    for way in ways:
        extra = "".join([f" [{_called('status', way.status)}]" if way.status else "", " ↻" if way.round else ""])
        parts.append((f"{written(way.when)}: " if way.when else "") + f"→ {_step(definition, way.to)}{extra}")
    return "; ".join(parts)
