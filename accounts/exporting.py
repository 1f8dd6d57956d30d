"""All that the house holds of one person, as a ZIP: a page to read, the same as JSON, and the files."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Person
from .rules import NotFound

STYLE = Path(__file__).parent / "static" / "accounts" / "export.css"


@dataclass(frozen=True)
class Line:
    """Something that was said or happened: when, by whom as the person may know it, and the words."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True)
class Item:
    """One thing of the person: a case, a talk, a topic. `facts` are (key for machines, label, value)."""

    kind: str
    ref: str
    title: str
    facts: list[tuple[str, str, Any]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    # Name and a function that opens the content, called one after the other.
    files: Sequence[tuple[str, Callable[[], bytes]]] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the item for machines."""
        return {
            "kind": self.kind,
            "ref": self.ref,
            "title": self.title,
            "facts": {key: _plain(value) for key, _label, value in self.facts},
            "lines": [{"at": line.at.isoformat(), "who": line.who, "text": line.text} for line in self.lines],
            "files": [name for name, _open in self.files],
        }


@dataclass(frozen=True)
class Chapter:
    """All items of one kind, with the heading that the person reads."""

    title: str
    items: Iterable[Item]


def about(person: Person) -> Chapter:
    """Return the chapter about the account itself."""
    facts = [
        ("username", _("User name"), person.username), ("name", _("Name"), person.name),
        ("nickname", _("Nickname"), person.nickname), ("phone", _("Mobile number"), person.phone),
        ("email", _("E-mail"), person.email), ("language", _("Language"), person.language),
        ("since", _("Account since"), person.date_joined), ("last_sign_in", _("Last signed in"), person.last_login),
    ]  # fmt: skip
    for post in person.posts.select_related("unit"):
        facts.append(("post", _("Post"), f"{post.get_role_display()} · {post.unit} · {post.since:%Y-%m-%d}"))
    return Chapter(_("My account"), [Item("account", str(person.pk), person.name, facts)])


def write_export(person: Person, out: IO[bytes], at: datetime | None = None) -> int:
    """Write the ZIP of all that is the person's into `out`; return how many things are in it."""
    told: list[tuple[str, list[Item]]] = []
    count = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for chapter in chapters(person):
            items = []
            for item in chapter.items:
                items.append(_with_files(archive, item))
                count += 1
            told.append((chapter.title, items))
        data = [{"chapter": title, "items": [item.as_json() for item in items]} for title, items in told]
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1))
        page = {"person": person, "chapters": told, "at": at or timezone.now(), "language": get_language()}
        archive.writestr("style.css", STYLE.read_text(encoding="utf-8"))
        archive.writestr("index.html", render_to_string("accounts/export.html", page))
    return count


def chapters(person: Person) -> Iterator[Chapter]:
    """Yield what each room has of the person, in the order of settings.EXPORTS."""
    yield about(person)
    for path in settings.EXPORTS:
        yield import_string(path)(person)


def _with_files(archive: zipfile.ZipFile, item: Item) -> Item:
    """Write the item's files and return it with the names under which they lie."""
    kept: list[tuple[str, Callable[[], bytes]]] = []
    for number, (name, read) in enumerate(item.files, 1):
        try:
            content = read()
        # Gone from the disk: the rest of what is the person's is there all the same.
        except (OSError, NotFound):
            continue
        safe = re.sub(r"[^\w.-]+", "_", name)[-80:] or "file"
        path = f"files/{item.kind}-{item.ref}/{number:03d}-{safe}"
        archive.writestr(path, content)
        kept.append((path, read))
    return Item(item.kind, item.ref, item.title, item.facts, item.lines, kept)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
