"""The rights matrix: every role at every route, stream and command, and a sweep for words that must not be seen.

tests/matrix.toml holds the lines, tests/world/ the city in which they are tried. SQLite walks all of it; the second
store, where only the SQL is another one, asks each route as a few of the roles and one of those whom its line names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.rates import local
from engagement.models import Case
from engagement.queries import allowed_actions
from engagement.views.verbs import VERBS
from tests.matrix import MATRIX, Route, line_of, lines, roles, routes
from tests.nonsense import Form, asked_for, unread
from tests.world import CANARIES, World, build

PAGE = "page"
pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
IS_FIRST_STORE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
# Who is asked for more than the roles that a line names.
SAMPLE = "sample" if IS_FIRST_STORE else "few"
# A parameter as short as this also stands in a page by chance.
SHORT = 7
# What differs between two answers without telling anything: form tokens, request ids, and what was asked for.
VOLATILE = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]+"|data-token="[^"]*"|name="token" value="[^"]+"|"id": ?"[0-9a-f-]+"'
    r"|<code[^>]*>[0-9a-f-]{8,}</code>"
)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The city, built once for all of this module and rolled back at its end."""
    ANSWERS.clear()
    OFFERED.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        built = build()
        # What waits for a commit that never comes would be looked through whenever a question is taken back.
        connection.run_on_commit.clear()
        yield built
        transaction.set_rollback(True)


@dataclass
class Answer:
    """What somebody was told."""

    status: int
    text: str
    to: str = ""

    @property
    def lets_in(self) -> bool:
        """Whether it is more than "no such thing" or "sign in first"."""
        if 300 <= self.status < 400:
            return "/sign-in/" not in self.to and "/login/" not in self.to
        return self.status not in (401, 403, 404, 405) and self.status < 500

    def without(self, path: str, values: dict[str, Any]) -> str:
        """Return status and body without what names the thing asked for: its address and its longer parameters."""
        body = self.to or self.text
        for named in (path, quote(path, safe="/"), quote(path, safe=""), *map(str, values.values())):
            body = body.replace(named, "•") if len(named) > SHORT else body
        return f"{self.status} {VOLATILE.sub('', body)}"


@dataclass(frozen=True)
class Thing:
    """An object, as a route is asked for it, and the address at which there is nothing."""

    kind: str
    values: dict[str, Any]
    path: str
    nowhere: str
    missing: dict[str, Any]


# Whatever a question changes is taken back, so the same question has the same answer for the whole module.
ANSWERS: dict[tuple[str, str, str], Answer] = {}
# What each role is offered on a case of the kind.
OFFERED: dict[str, dict[str, set[str]]] = {}


def ask(world: World, role: str, method: str, path: str) -> Answer:
    """Return what the role is answered; whatever it changed is taken back."""
    key = (role, method, path)
    if key not in ANSWERS:
        ANSWERS[key] = _ask(world, role, method, path)
    return ANSWERS[key]


def _ask(world: World, role: str, method: str, path: str) -> Answer:
    cache.clear()
    local.clear()
    with transaction.atomic():
        response = getattr(world.client(role), method.lower())(path)
        whole = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return Answer(response.status_code, whole.decode(errors="replace"), response.get("Location", ""))


def things(route: Route, line: dict[str, str], world: World) -> Iterator[Thing]:
    """Return each object of a line that the route can be asked for."""
    for kind in line:
        if kind == PAGE and not route.names:
            yield Thing(kind, {}, route.path({}), "/there-is-no-such-page/", {})
        elif kind != PAGE and route.names and route.names <= set(world.objects[kind]):
            values, missing = world.objects[kind], world.missing[kind]
            yield Thing(kind, values, route.path(values), route.path(missing), missing)


def cells() -> list[tuple[str, Route]]:
    """Return (method, route) for every line that stands for a route."""
    return [(method, route) for route in routes() for method in METHODS if line_of(method, route)]


def label(value: Any) -> str:
    """Name a case of a parametrised test."""
    return value.pattern or "front" if isinstance(value, Route) else str(value)


def test_every_route_has_a_line():
    bare = [route.pattern for route in routes() if not any(line_of(method, route) for method in METHODS)]
    assert not bare, "no line in tests/matrix.toml:\n" + "\n".join(bare)


def test_every_line_has_a_route():
    known = {f"{method} {route.pattern}" for method in METHODS for route in routes()}
    stale = [
        key for key in lines() if key not in known and not ("*" in key and any(fnmatchcase(k, key) for k in known))
    ]
    assert not stale, "lines of tests/matrix.toml without a route:\n" + "\n".join(stale)


def test_every_role_of_the_matrix_exists(world):
    named = set().union(*(roles(words) for line in lines().values() for words in line.values()))
    assert named <= set(world.people)
    assert roles("everybody") == set(world.people)


@pytest.mark.parametrize(("method", "route"), cells(), ids=label)
def test_a_route_lets_in_whom_its_line_names_and_shows_others_nothing(world, method, route):
    line, shared = line_of(method, route) or {}, f"{method} {route.pattern}" not in lines()
    # Reading is asked by everybody; writing, which costs more, by those who may and by one of each kind who may not.
    named = set().union(*(roles(words) for words in line.values()))
    if not IS_FIRST_STORE:
        named = set(sorted(named)[:1])
    everybody = method == "GET" and IS_FIRST_STORE
    asked = roles(SAMPLE) if shared else roles("everybody") if everybody else roles(SAMPLE) | named
    found = list(things(route, line, world))
    assert found or shared, "the line names no object that this route can be asked for"
    faults = []
    for thing in found:
        may = roles(line[thing.kind])
        for role in sorted(asked):
            answer = ask(world, role, method, thing.path)
            fault = _fault(world, role, method, thing, answer, may, shared)
            faults += [f"{thing.kind}: {role} {fault}"] if fault else []
    assert not faults, "\n" + "\n".join(faults)


def _fault(world: World, role: str, method: str, thing: Thing, answer: Answer, may: set[str], shared: bool) -> str:
    if answer.status >= 500:
        return f"got {answer.status}"
    if role in may:
        return "" if shared or answer.lets_in else f"may, but got {answer.status} {answer.to}"
    if thing.kind == PAGE:
        return f"may not, but got {answer.status}" if answer.lets_in else ""
    absent = ask(world, role, method, thing.nowhere)
    if answer.without(thing.path, thing.values) == absent.without(thing.nowhere, thing.missing):
        return ""
    if not answer.lets_in and answer.to and thing.kind.startswith("open-"):
        return ""  # What everybody may read need not hide that it exists: the way to sign in is the better answer.
    return f"may not, and got {answer.status} where nothing would give {absent.status}"


@pytest.mark.parametrize("route", routes(), ids=label)
def test_a_route_answers_no_method_that_has_no_line(world, route):
    kinds = [line_of(method, route) or {} for method in METHODS]
    found = next((thing for line in kinds for thing in things(route, line, world)), None)
    if found is None:
        pytest.skip("another test says that there is no line")
    bare = [method for method, line in zip(METHODS, kinds, strict=True) if not line]
    answered = {
        (role, method): ask(world, role, method, found.path).status
        for role in ("stranger", "handler", "administrator")
        for method in bare
        if ask(world, role, method, found.path).lets_in
    }
    assert not answered, f"answers without a line: {answered}"


def test_no_route_takes_other_methods(world):
    for method in ("PUT", "PATCH", "DELETE"):
        assert ask(world, "administrator", method, "/").status == 405


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
    from journal.consumer import AT_ONCE, WAITING

    assert set(settings.JOURNAL_VOICES) == set(MATRIX["voices"])
    assert AT_ONCE.keys() | WAITING.keys() == set(MATRIX["commands"])


def sweep(world: World, role: str) -> Iterator[tuple[str, str]]:
    """Return (where, text) of everything the role is ever answered: pages, files, streams, searches."""
    paths = [
        thing.path
        for route in routes()
        if f"GET {route.pattern}" in lines()
        for thing in things(route, line_of("GET", route) or {}, world)
    ]
    # The page repeats the word that was looked for; the mark beside it is what must not come back.
    paths += [page + words.split()[-1] for page in MATRIX["searches"]["pages"] for words in CANARIES.values()]
    return ((path, ask(world, role, "GET", path).text) for path in paths)


@pytest.mark.parametrize("role", sorted(roles("everybody" if IS_FIRST_STORE else SAMPLE)))
def test_no_canary_reaches_a_role_that_may_not_see_it(world, role):
    faults = []
    hidden = {name: words.split()[0] for name, words in CANARIES.items() if role not in roles(MATRIX["canaries"][name])}
    for where, text in sweep(world, role):
        faults += [f"{where} shows {name}" for name, mark in hidden.items() if mark in text and mark not in where]
    assert not faults, "\n" + "\n".join(faults)


def test_every_page_of_the_matrix_that_searches_is_there(world):
    assert {ask(world, "handler", "GET", f"{page}quokka").status for page in MATRIX["searches"]["pages"]} == {200}


@pytest.mark.parametrize("name", sorted(CANARIES)[:: 1 if IS_FIRST_STORE else 4])
def test_a_canary_is_seen_by_one_who_may(world, name):
    """Without this, a sweep that reads nothing would find nothing."""
    may, mark = roles(MATRIX["canaries"][name]), CANARIES[name].split()[0]
    # One of those who are asked for everything anyway, if one of them may.
    role = min(may & roles(SAMPLE) or may)
    assert any(mark in text for _where, text in sweep(world, role)), f"{role} never sees {name}"


def test_every_verb_of_the_workbench_has_a_line():
    assert {verb.action for verb in VERBS} == set(MATRIX["verbs"])


@pytest.mark.parametrize("action", sorted(MATRIX["verbs"]))
def test_a_verb_is_offered_to_whom_its_line_names(world, action):
    faults = []
    for kind, words in MATRIX["verbs"][action].items():
        if kind not in OFFERED:
            case = Case.objects.get(number=world.objects[kind]["number"])
            OFFERED[kind] = {role: set(allowed_actions(case, world.viewer(role))) for role in world.people}
        offered = {role for role, actions in OFFERED[kind].items() if action in actions}
        faults += [f"{kind}: {role} may, but is not offered it" for role in sorted(roles(words) - offered)]
        faults += [f"{kind}: {role} may not, but is offered it" for role in sorted(offered - roles(words))]
    assert not faults, "\n" + "\n".join(faults)


# Between them they see every form; a form is sent once, by the first who has it.
WRITERS = ("visitor", "coded", "citizen", "intake", "dispatcher", "handler", "leader", "officer", "supervisor",
           "moderator", "administrator")  # fmt: skip


def forms(world: World) -> Iterator[tuple[str, Form]]:
    """Return (role, form) of every form on any page; many of one kind, such as those of a list's lines, once."""
    known: set[tuple[str, tuple[str, ...]]] = set()
    read: set[str] = set()
    for role in WRITERS if IS_FIRST_STORE else ("visitor", "handler"):
        for path, page in sweep(world, role):
            for form in unread(page, path, read) if page.startswith("<!doctype") else ():
                key = (re.sub(r"\w*\d\w*", "#", form.action), tuple(sorted({name for name, _kind, _v in form.fields})))
                if key not in known and form.action.startswith("/"):
                    known.add(key)
                    yield role, form


def test_nonsense_in_any_form_is_a_clear_refusal_and_changes_nothing(world):
    faults, sent = [], 0
    for turn, (role, form) in enumerate(forms(world)):
        sent += 1
        status, kept = answer_to(world, role, form, turn, everything=form.method != "post" or turn % 2 == 0)
        if status >= 500 or kept:
            faults.append(f"{role} {form.method} {form.action} {status} {'kept a NUL' if kept else ''}")
    assert sent > (150 if IS_FIRST_STORE else 50)
    assert not faults, "\n" + "\n".join(faults)


def answer_to(world: World, role: str, form: Form, turn: int, *, everything: bool) -> tuple[int, bool]:
    """Return what the form is answered, and whether it put a NUL into the database; all of it is taken back."""
    cache.clear()
    local.clear()
    client = world.client(role)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        if form.method == "post":
            body = form.body(turn, everything=everything)
            response = client.post(form.action, body, content_type="application/x-www-form-urlencoded")
        else:
            response = client.get(asked_for(form, turn))
        transaction.set_rollback(True)
    kept = any(query["sql"].startswith(("INSERT", "UPDATE")) and "\0" in query["sql"] for query in asked)
    return response.status_code, kept
