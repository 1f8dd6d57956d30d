"""What tests/matrix.toml says: which line stands for a route of the house, and whom it names."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

MATRIX = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Route:
    """One pattern of the URL resolver."""

    pattern: str

    @property
    def names(self) -> set[str]:
        """The names of its parameters."""
        return set(re.findall(r"<(?:\w+:)?(\w+)>", self.pattern))

    def path(self, values: dict[str, Any]) -> str:
        """Return the address with the parameters filled in."""
        plain = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", self.pattern)
        plain = re.sub(r"[\^$]|\\Z", "", plain).replace("/?", "/")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found.group(1)]), plain)


@cache
def routes() -> list[Route]:
    """Return every route of the house, however it came to be there."""
    return [Route(pattern) for pattern in sorted(set(_walk()))]


def _walk(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, here)
        elif isinstance(entry, URLPattern):
            yield here


@cache
def lines() -> dict[str, dict[str, str]]:
    """Return every line of the matrix: "GET cases/<slug:number>/" to {"case": "citizen handler"}."""
    return {key: line for table in MATRIX["routes"].values() for key, line in table.items()}


@cache
def line_of(method: str, route: Route) -> dict[str, str] | None:
    """Return the line of the route, an exact one or else the first whose pattern with `*` fits."""
    known = lines()
    exact = known.get(f"{method} {route.pattern}")
    if exact is not None:
        return exact
    return next((known[key] for key in known if "*" in key and fnmatchcase(f"{method} {route.pattern}", key)), None)


def roles(words: str) -> set[str]:
    """Return the roles that a line names; groups stand for their members, "-x" takes one out again."""
    found: set[str] = set()
    for word in words.split():
        if word.startswith("-"):
            found -= roles(word[1:])
        else:
            found |= roles(MATRIX["groups"][word]) if word in MATRIX["groups"] else {word}
    return found
