"""The rules of the house, as docs/architecture.md states them, checked on the source itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = [
    "accounts", "audit", "journal", "notices", "sms", "search", "engagement", "messaging", "forums", "wiki", "portal",
    "project",
]  # fmt: skip
MODULE_LINES, FUNCTION_LINES, FOLDERS = 400, 60, 3
BANNED_NAMES = {"utils", "helpers", "common", "core", "services", "managers", "util", "misc"}
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# Modules of actions may have functions so named, and headers and caches have a delete() of their own.
NOT_ROWS = {"actions", "response", "cache", "session"}
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def modules(*parts: str) -> list[Path]:
    """Return our Python modules without migrations; with `parts`, only those below a folder or in a file so named."""
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]
    found.append(ROOT / "asgi.py")
    return [path for path in found if not parts or any(part in (*path.parts, path.stem) for part in parts)]


def templates() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("templates/**/*.html"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def report(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)


def test_rooms_import_downwards_only():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_sms_enters_engagement_by_its_actions_and_queries_only():
    faults = [
        f"{name(path)}:{node.lineno} imports {node.module}"
        for path in modules()
        if path.is_relative_to(ROOT / "sms")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("engagement")
        if not re.match(r"engagement\.(actions|queries|rules)\b", node.module or "")
        if {alias.name for alias in node.names} - {"actions", "queries", "rules"}
    ]
    report(faults)


def _touches_rows(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "objects":
        return ".objects"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
        owner = node.func.value
        called = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
        # A set or a dict is updated with something in the brackets, rows with keywords only.
        plain = node.func.attr == "update" and bool(node.args)
        return "" if plain or called in NOT_ROWS else f".{node.func.attr}("
    return ""


@pytest.mark.parametrize("path", modules("views", "sockets", "consumers", "hub", "api"), ids=name)
def test_views_and_consumers_leave_rows_to_actions_and_queries(path):
    found = [(node, _touches_rows(node)) for node in ast.walk(tree(path))]
    report([f"{name(path)}:{getattr(node, 'lineno', 0)} {told}" for node, told in found if told])


def test_the_journal_is_appended_to_by_actions_only():
    faults = []
    for path in modules():
        if "actions" in (*path.parts, path.stem):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module in ("journal.actions", "journal"):
                taken = {alias.name for alias in node.names} & {"append", "append_many", "actions"}
                faults += [f"{name(path)}:{node.lineno} imports {word} of the journal" for word in sorted(taken)]
    report(faults)


def test_modules_and_functions_stay_short():
    faults = []
    for path in modules():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MODULE_LINES:
            faults.append(f"{name(path)}: {lines} lines, {MODULE_LINES} allowed")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    faults.append(f"{name(path)}:{node.lineno} {node.name}: {length} lines, {FUNCTION_LINES} allowed")
    report(faults)


def test_modules_say_what_they_are_for():
    report(
        [
            name(path)
            for path in modules()
            if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
        ]
    )


def test_a_browser_gets_dates_as_it_wants_them_in_every_language():
    """A date field of a browser stays empty when its value is written as the reader's language writes dates."""
    dated = re.compile(r'"type": "(?:date|datetime-local)"')
    lines = [(path, line) for path in modules("forms") for line in path.read_text(encoding="utf-8").splitlines()]
    report([f"{name(path)}: {line.strip()}" for path, line in lines if dated.search(line) and 'format="%Y' not in line])


def test_files_have_the_names_of_the_house():
    faults = [name(path) for path in modules() if {*path.relative_to(ROOT).parts[:-1], path.stem} & BANNED_NAMES]
    # wiki/knowledge is one room in two folders, and Django dictates management/commands.
    deep = [
        path for path in modules()
        if len([part for part in path.relative_to(ROOT).parts[:-1] if part not in ("wiki", "management")]) > FOLDERS
    ]  # fmt: skip
    report(faults + [f"{name(path)} lies too deep" for path in deep])


def test_nothing_is_left_for_later():
    places = [*modules(), *templates(), *sorted(ROOT.glob("*/static/**/*.js")), *sorted(ROOT.glob("scripts/*"))]
    # Made by setup and by running: not ours.
    own = {ROOT / "static", ROOT / "data"}
    faults = [
        f"{name(path)}:{number}"
        for path in places
        if path.is_file() and not any(path.is_relative_to(folder) for folder in own)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if LATER.search(line)
    ]
    report(faults)


def test_every_event_is_listed_where_its_room_says_so():
    events = _load("scripts/events.py").events()
    known = {kind for kinds in events.values() for kind in kinds}
    faults = []
    for path in modules("actions"):
        for call in calls(path):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            kind = call.args[1] if called == "append" and len(call.args) > 1 else None
            if isinstance(kind, ast.Constant) and isinstance(kind.value, str) and kind.value not in known:
                faults.append(f"{name(path)}:{call.lineno} {kind.value} is in no events.EVENTS")
    report(faults)


def test_the_list_of_events_is_up_to_date():
    written = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert written == _load("scripts/events.py").render(), "run: .venv/bin/python scripts/events.py"


def test_every_setting_is_explained():
    explained = set(re.findall(r"`(OPENHALL_[A-Z0-9_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    used = set()
    for path in modules():
        used |= set(re.findall(r"[\"'](OPENHALL_[A-Z0-9_]+)[\"']", path.read_text(encoding="utf-8")))
    assert used - explained == set(), "not explained in docs/settings.md"
    scripts = {f"OPENHALL_{word}" for word in ("PYTHON", "CHROMIUM")}
    scripts |= {f"OPENHALL_TEST_{word}" for word in ("ON", "HALF", "PART", "GROUND", "LAYER")}
    assert explained - used - scripts == set(), "explained, unused"


def test_the_wiki_folder_holds_the_overlay_and_knowledge_only():
    found = {path.name for path in (ROOT / "wiki").iterdir()} - {"__pycache__"}
    assert found == {"__init__.py", "knowledge"}


def test_our_room_and_django_wiki_share_the_import_name():
    ours, theirs = import_module("wiki.knowledge"), import_module("wiki.models")
    assert Path(ours.__file__ or "").is_relative_to(ROOT / "wiki")
    assert not Path(theirs.__file__ or "").is_relative_to(ROOT / "wiki")


INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.I),
    "an inline style sheet": re.compile(r"<style\b", re.I),
    "an inline style": re.compile(r"\sstyle=", re.I),
    "an inline handler": re.compile(r"\son[a-z]+=[\"']", re.I),
    "a foreign address": re.compile(r"(?:src|href|action)=\"(?:https?:)?//", re.I),
}


@pytest.mark.parametrize("path", templates(), ids=name)
def test_templates_hold_nothing_the_content_policy_would_block(path):
    words = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.S)
    report(
        [f"{name(path)}: {what}: {found.group(0)}" for what, mark in INLINE.items() for found in mark.finditer(words)]
    )


def test_every_static_file_that_a_template_names_exists():
    from django.contrib.staticfiles import finders

    faults = []
    for path in templates():
        for named in re.findall(r"{%\s*static\s+[\"']([^\"']+)[\"']", path.read_text(encoding="utf-8")):
            if not named.endswith("/") and finders.find(named) is None:
                faults.append(f"{name(path)}: {named}")
    report(faults)


@pytest.mark.parametrize("path", [*(ROOT / "requirements").iterdir(), ROOT / "package-lock.json"], ids=name)
def test_no_lock_file_names_a_host(path):
    assert not re.findall(r"https?://\S+", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=name)
def test_every_python_package_is_pinned_with_a_digest(path):
    entries = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8")).splitlines()
    report([entry[:80] for entry in entries if entry.strip() and not ("==" in entry and "--hash=sha256:" in entry)])


def _load(path: str):
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(Path(path).stem, ROOT / path)
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
