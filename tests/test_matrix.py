"""The rights matrix: every role at every route, stream and command, and a sweep for words that must not be seen.

tests/matrix.toml holds the lines. `python -m tests.test_matrix` prints what is not covered yet.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from tests.world import CANARIES, World, build

MATRIX = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8"))
PAGE = "page"
pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What differs between two answers without telling anything: form tokens, request ids, and what was asked for.
VOLATILE = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]+"|data-token="[^"]*"|name="token" value="[^"]+"|"id": ?"[0-9a-f-]+"'
    r"|<code[^>]*>[0-9a-f-]{8,}</code>"
)


@dataclass(frozen=True)
class Route:
    """One pattern of the URL resolver."""

    pattern: str

    def path(self, values: dict[str, Any]) -> str:
        """Return the address with the parameters filled in."""
        plain = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", self.pattern)
        plain = re.sub(r"[\^$]|\\Z", "", plain).replace("/?", "/")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found.group(1)]), plain)


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


def lines() -> dict[str, dict[str, str]]:
    """Return every line of the matrix: "GET cases/<slug:number>/" to {"case": "citizen handler"}."""
    return {key: line for table in MATRIX["routes"].values() for key, line in table.items()}


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


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The city, built once for all of this module and rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def ask(world: World, role: str, method: str, path: str) -> HttpResponse:
    """Return what the role is answered; whatever it changed is taken back."""
    from django.core.cache import cache

    cache.clear()
    with transaction.atomic():
        client = world.client(role)
        response = getattr(client, method.lower())(path)
        if getattr(response, "streaming", False):
            response.content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return response


def told(response: HttpResponse, *values: Any) -> str:
    """Return the answer's status and body without what names the thing asked for."""
    body = response.content.decode(errors="replace")
    if 300 <= response.status_code < 400:
        body = response["Location"]
    for value in sorted(map(str, values), key=len, reverse=True):
        body = body.replace(value, "•")
    return f"{response.status_code} {VOLATILE.sub('', body)}"


def is_let_in(response: HttpResponse) -> bool:
    """Return whether the answer is more than "no such thing" or "sign in first"."""
    if 300 <= response.status_code < 400:
        return "/sign-in/" not in response["Location"] and "/login/" not in response["Location"]
    return response.status_code not in (401, 403, 404, 405) and response.status_code < 500


def objects_of(
    route: Route, line: dict[str, str], world: World
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return (object, its parameters, those of nothing) for each object of a line that the world has."""
    for kind in line:
        if kind == PAGE:
            yield kind, {}, {}
        else:
            yield kind, world.objects[kind], world.missing[kind]


def cells() -> list[tuple[str, Route]]:
    """Return (method, route) for every line that stands for a route."""
    return [(method, route) for route in routes() for method in METHODS if line_of(method, route) is not None]


def test_every_route_has_a_line():
    bare = [route.pattern for route in routes() if not any(line_of(method, route) is not None for method in METHODS)]
    assert not bare, "no line in tests/matrix.toml:\n" + "\n".join(bare)


def test_every_line_has_a_route():
    known = {f"{method} {route.pattern}" for method in METHODS for route in routes()}
    stale = [key for key in lines() if not any(fnmatchcase(each, key) if "*" in key else each == key for each in known)]
    assert not stale, "lines of tests/matrix.toml without a route:\n" + "\n".join(stale)


def test_every_role_of_the_matrix_exists(world):
    named = set().union(*(roles(words) for line in lines().values() for words in line.values()))
    assert named <= set(world.people)


@pytest.mark.parametrize(("method", "route"), cells(), ids=lambda value: getattr(value, "pattern", value))
def test_a_route_lets_in_whom_its_line_names_and_shows_others_nothing(world, method, route):
    faults = []
    for kind, values, missing in objects_of(line_of(method, route) or {}, world):
        may = roles((line_of(method, route) or {})[kind])
        nowhere = "/there-is-no-such-page/" if kind == PAGE else route.path(missing)
        for role in world.people:
            answer = ask(world, role, method, route.path(values))
            if answer.status_code >= 500:
                faults.append(f"{kind}: {role} got {answer.status_code}")
            elif role in may and not is_let_in(answer):
                faults.append(f"{kind}: {role} may, but got {answer.status_code} {answer.get('Location', '')}")
            elif role not in may and is_let_in(answer):
                faults.append(f"{kind}: {role} may not, but got {answer.status_code}")
            elif role not in may and not _looks_absent(world, role, method, answer, (kind, values, missing), nowhere):
                faults.append(f"{kind}: {role} is told apart from absence: {answer.status_code}")
    assert not faults, "\n" + "\n".join(faults)


def _looks_absent(world: World, role: str, method: str, answer: HttpResponse, thing: Any, nowhere: str) -> bool:
    """Return whether the answer is the one for something that does not exist, or the way to sign in."""
    kind, values, missing = thing
    if kind == PAGE and 300 <= answer.status_code < 400:
        return True
    absent = ask(world, role, method, nowhere)
    return told(answer, *values.values()) == told(absent, *missing.values(), "there-is-no-such-page")


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.pattern)
def test_a_route_answers_no_method_that_has_no_line(world, route):
    patterns = [line_of(method, route) for method in METHODS]
    if not any(line is not None for line in patterns):
        pytest.skip("no line at all: another test says so")
    values = _some_values(route, world)
    answered = [
        method
        for method, line in zip(METHODS, patterns, strict=True)
        if line is None and is_let_in(ask(world, "root", method, route.path(values)))
    ]
    assert not answered, f"{route.pattern} answers {answered} without a line"


def _some_values(route: Route, world: World) -> dict[str, Any]:
    for method in METHODS:
        for _kind, values, _missing in objects_of(line_of(method, route) or {}, world):
            return values
    return {}


def test_every_stream_prefix_has_a_line():
    assert set(settings.JOURNAL_STREAMS) == set(MATRIX["streams"])


@pytest.mark.parametrize("prefix", sorted(MATRIX["streams"]))
def test_a_stream_is_followed_by_whom_its_line_names(world, prefix):
    from journal.queries import may_follow

    faults = []
    for name, words in MATRIX["streams"][prefix].items():
        may = {role for role in world.people if may_follow(world.viewer(role), world.streams[name])}
        faults += [f"{name}: {role} may, but is refused" for role in sorted(roles(words) - may)]
        faults += [f"{name}: {role} may not, but follows" for role in sorted(may - roles(words))]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize("prefix", sorted(MATRIX["voices"]))
def test_a_stream_hears_whom_its_line_names(world, prefix):
    from django.utils.module_loading import import_string

    from accounts.rules import RuleBroken

    say, faults = import_string(settings.JOURNAL_VOICES[prefix]), []
    for name, words in MATRIX["voices"][prefix].items():
        key = world.streams[name].partition("-")[2]
        for role in world.people:
            with transaction.atomic():
                try:
                    say(viewer=world.viewer(role), key=key, client_key=f"matrix-{role}"[:64], text="hello", files=None)
                    heard = True
                except RuleBroken as broken:
                    heard = broken.status != 404
                transaction.set_rollback(True)
            if heard != (role in roles(words)):
                faults.append(f"{name}: {role} {'may not speak, but is heard' if heard else 'may speak, but is not'}")
    assert not faults, "\n" + "\n".join(faults)


def test_every_voice_and_every_socket_command_has_a_line():
    from journal.consumer import COMMANDS

    assert set(settings.JOURNAL_VOICES) == set(MATRIX["voices"])
    assert set(COMMANDS) == set(MATRIX["commands"])


def sweep(world: World, role: str) -> Iterator[tuple[str, str]]:
    """Return (where, text) of everything the role is ever answered: pages, files, streams, searches."""
    for route in routes():
        line = line_of("GET", route)
        for _kind, values, _missing in objects_of(line or {}, world):
            path = route.path(values)
            yield path, ask(world, role, "GET", path).content.decode(errors="replace")
    for stream in world.streams.values():
        path = f"/api/v1/streams/{stream}/entries?after=0"
        yield path, ask(world, role, "GET", path).content.decode(errors="replace")
    for page in MATRIX["searches"]["pages"]:
        for words in CANARIES.values():
            # The page repeats the word that was looked for; the mark beside it is what must not come back.
            path = f"{page}{words.split()[-1]}"
            yield path, ask(world, role, "GET", path).content.decode(errors="replace")


@pytest.mark.parametrize("role", sorted(roles("everybody")))
def test_no_canary_reaches_a_role_that_may_not_see_it(world, role):
    faults = []
    hidden = {name: words.split()[0] for name, words in CANARIES.items() if role not in roles(MATRIX["canaries"][name])}
    for where, text in sweep(world, role):
        faults += [f"{where} shows {name}" for name, mark in hidden.items() if mark in text and mark not in where]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize("name", sorted(CANARIES))
def test_a_canary_is_seen_by_one_who_may(world, name):
    """Without this, a sweep that reads nothing would find nothing."""
    role = sorted(roles(MATRIX["canaries"][name]))[0]
    mark = CANARIES[name].split()[0]
    assert any(mark in text for _where, text in sweep(world, role)), f"{role} never sees {name}"
