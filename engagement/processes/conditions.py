"""Conditions as data: compared with facts, never run as code; written and read as a short line of text."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from ..rules import BadInput

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# A condition is read by people; nobody reads brackets in brackets in brackets.
DEEPEST = 5
LONGEST = 2_000
TOKEN = re.compile(r'\s*(?:(?P<sign>==|!=|<=|>=|<|>|[()])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[^\s()<>=!"]+))')
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def holds(condition: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> bool:
    """Return whether `{"if": [name, op, value]}`, `{"all": […]}` or `{"any": […]}` is true of the facts.

    A fact that is missing, or of another type, makes its comparison false; nothing is ever evaluated as code.
    """
    if condition is None:
        return True
    if "if" in condition:
        name, sign, value = condition["if"]
        return _compares(facts.get(name), sign, value)
    parts = condition.get("all", condition.get("any", ()))
    results = (holds(part if isinstance(part, Mapping) else {"if": part}, facts) for part in parts)
    return all(results) if "all" in condition else any(results)


def _compares(fact: Any, sign: str, value: Any) -> bool:
    if fact is None:
        return False
    try:
        return OPERATORS[sign](fact, value)
    except TypeError:
        return False


def is_condition(condition: Any, depth: int = 0) -> bool:
    """Return whether it can be read by `holds`."""
    if condition is None:
        return True
    if not isinstance(condition, Mapping) or len(condition) != 1 or depth > DEEPEST:
        return False
    word, body = next(iter(condition.items()))
    if word == "if":
        return _is_comparison(body)
    if word not in ("all", "any") or not isinstance(body, list) or not body:
        return False
    return all(is_condition(part if isinstance(part, Mapping) else {"if": part}, depth + 1) for part in body)


def _is_comparison(body: Any) -> bool:
    if not isinstance(body, list) or len(body) != 3:
        return False
    name, sign, value = body
    known = isinstance(name, str) and NAME.fullmatch(name) is not None and sign in OPERATORS
    return known and isinstance(value, str | int | float | bool)


def names_in(condition: Mapping[str, Any] | None) -> set[str]:
    """Return the facts that the condition asks for."""
    if condition is None:
        return set()
    if "if" in condition:
        return {str(condition["if"][0])}
    parts = next(iter(condition.values()))
    return set().union(*(names_in(part if isinstance(part, Mapping) else {"if": part}) for part in parts))


def written(condition: Mapping[str, Any] | None) -> str:
    """Return the condition as a line such as `score <= 2 and (round < 3 or kind == "report")`."""
    return _written(condition, outer=True) if condition is not None else ""


def _written(condition: Any, *, outer: bool = False) -> str:
    if not isinstance(condition, Mapping):
        condition = {"if": condition}
    if "if" in condition:
        name, sign, value = condition["if"]
        return f"{name} {sign} {json.dumps(value, ensure_ascii=False)}"
    word = "all" if "all" in condition else "any"
    line = (" and " if word == "all" else " or ").join(_written(part) for part in condition[word])
    return line if outer and len(condition[word]) > 1 else f"{word}({line})" if len(condition[word]) == 1 else f"({line})"


def parsed(line: str) -> dict[str, Any] | None:
    """Return the condition that a line says, None for an empty one. Raises BadInput in plain words."""
    if not line.strip():
        return None
    if len(line) > LONGEST:
        raise BadInput(_("This condition is too long."), field="when")
    reader = _Reader(_tokens(line))
    found = reader.choice(0)
    if reader.rest:
        raise _unread(line)
    return found


def _unread(line: str) -> BadInput:
    said = _("The condition “%(line)s” cannot be read. Write for example: score <= 2 and round < 3")
    return BadInput(said % {"line": line.strip()[:80]}, field="when", code="bad_condition")


def _tokens(line: str) -> list[str]:
    found, place = [], 0
    while place < len(line.rstrip()):
        matched = TOKEN.match(line, place)
        if matched is None:
            raise _unread(line)
        found.append(matched.group("sign") or matched.group("text") or matched.group("word"))
        place = matched.end()
    return found


class _Reader:
    """Reads `a and b`, `a or b` (not both at one level), brackets, and `name sign value`."""

    def __init__(self, tokens: list[str]) -> None:
        self.rest, self._line = tokens, " ".join(tokens)

    def choice(self, depth: int) -> dict[str, Any]:
        if depth > 2 * DEEPEST + 2:
            raise _unread(self._line)
        parts, words = [self._part(depth)], set()
        while self.rest and self.rest[0] in ("and", "or"):
            words.add(self.rest.pop(0))
            parts.append(self._part(depth))
        if len(words) > 1:
            raise _unread(self._line)
        if not words:
            return parts[0]
        # Plain comparisons stand in the list as they are; only what is nested keeps its word.
        plain = [part["if"] if "if" in part else part for part in parts]
        return {"all" if words == {"and"} else "any": plain}

    def _part(self, depth: int) -> dict[str, Any]:
        if self.rest and self.rest[0] in ("all", "any") and self.rest[1:2] == ["("]:
            word = self.rest.pop(0)
            inner = self._bracket(depth)
            return {word: [inner["if"] if "if" in inner else inner]}
        if self.rest and self.rest[0] == "(":
            return self._bracket(depth)
        if len(self.rest) < 3:
            raise _unread(self._line)
        name, sign, value = self.rest[:3]
        del self.rest[:3]
        if NAME.fullmatch(name) is None or sign not in OPERATORS:
            raise _unread(self._line)
        return {"if": [name, sign, _value(value, self._line)]}

    def _bracket(self, depth: int) -> dict[str, Any]:
        self.rest.pop(0)
        inner = self.choice(depth + 1)
        if not self.rest or self.rest.pop(0) != ")":
            raise _unread(self._line)
        return inner


def _value(word: str, line: str) -> Any:
    try:
        found = json.loads(word)
    except ValueError:
        # A bare word is a text: nobody in an office types inverted commas.
        found = word
    if isinstance(found, str | int | float | bool) and word not in ("NaN", "Infinity", "-Infinity"):
        return found
    raise _unread(line)


def same(condition: Any) -> Any:
    """Return the condition with comparisons written one way, so that equal meanings look equal."""
    if condition is None or "if" in condition:
        return condition
    word = "all" if "all" in condition else "any"
    parts = [same(part) if isinstance(part, Mapping) else part for part in condition[word]]
    return {word: [part["if"] if isinstance(part, Mapping) and "if" in part else part for part in parts]}
