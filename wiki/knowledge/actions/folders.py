"""Pages from a folder of Markdown files: the tree of the folder becomes a tree of pages, any number of times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.rules import RuleBroken
from accounts.viewers import Viewer
from wiki.models import URLPath

from .. import queries, rules
from ..models import Page
from .pages import change_page, create_page
from .tree import place_at

INDEX = ("index.md", "README.md", "_index.md")
MOST_BYTES = 1_000_000
HEAD = re.compile(r"\A---\s*\n(.*?)\n---\s*\n?", re.DOTALL)
_ORDER = re.compile(r"^\d{1,4}[-_. ]+")


@dataclass
class Report:
    """What became of the files, by their paths within the folder."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Say it in a few lines."""
        for word in ("created", "changed", "unchanged"):
            yield f"{word}: {len(getattr(self, word))}"
        yield f"refused: {len(self.refused)}"
        yield from (f"  {name}: {why}" for name, why in self.refused)


def import_pages(
    *, folder: Path, below: str, by: Viewer, language: str, audience: str = Page.Audience.PUBLIC, dry: bool = False,
    at: datetime | None = None,
) -> Report:  # fmt: skip
    """Lay or change a page for each Markdown file below the page at the path `below` ("zh/"); return a report.

    A folder's own page is its index.md or README.md. A title is the head's `title`, the first heading, or the name of
    the file. A second run changes only what differs; nothing is taken away. Each file is a transaction of its own.
    Raises NotFound when there is no page at `below`.
    """
    report = Report()
    root = queries.page_at(by, below).place
    for file in sorted(_files(folder)):
        name = str(file.relative_to(folder))
        try:
            with transaction.atomic():
                getattr(report, _imported(root.pk, folder, file, by, language, audience, at)).append(name)
                transaction.set_rollback(dry)
        except (RuleBroken, UnicodeDecodeError, OSError) as refused:
            report.refused.append((name, str(refused)))
    return report


def _files(folder: Path) -> Iterator[Path]:
    """Return Markdown files; a folder's own page before what stands in it. Links out of the folder are not followed."""
    inside = folder.resolve()
    for file in folder.rglob("*.md"):
        if file.is_file() and file.resolve().is_relative_to(inside) and file.stat().st_size <= MOST_BYTES:
            yield file


def _imported(
    root_id: int, folder: Path, file: Path, by: Viewer, language: str, audience: str, at: datetime | None
) -> str:
    title, text = read_page(file.read_text(encoding="utf-8-sig"), file.stem)
    parts = list(file.relative_to(folder).parts)
    steps = parts[:-1] if file.name in INDEX else [*parts[:-1], file.stem]
    parent = root_id
    for step in steps[:-1]:
        parent = _found_or_laid(parent, step, by, language, audience, at)
    if not steps:
        return _written(root_id, title, text, by, at)
    known = URLPath.objects.filter(parent_id=parent, slug=slug_of(steps[-1])).values_list("pk", flat=True).first()
    if known:
        return _written(known, title, text, by, at)
    create_page(
        by=by, parent_id=parent, slug=slug_of(steps[-1]), title=title, text=text, audience=audience, language=language,
        at=at,
    )  # fmt: skip
    return "created"


def _found_or_laid(parent: int, step: str, by: Viewer, language: str, audience: str, at: datetime | None) -> int:
    """Return the place of a folder, laid with its name as title when it has no page of its own."""
    slug = slug_of(step)
    known = URLPath.objects.filter(parent_id=parent, slug=slug).values_list("pk", flat=True).first()
    if known:
        return int(known)
    title = _ORDER.sub("", step).replace("-", " ").replace("_", " ").strip() or step
    made: Any = create_page(
        by=by, parent_id=parent, slug=slug, title=title, text=title, audience=audience, language=language, at=at
    )
    return int(made.pk)


def _written(place_id: int, title: str, text: str, by: Viewer, at: datetime | None) -> str:
    revision = place_at(place_id).article.current_revision
    if (revision.title, revision.content) == (title, text):
        return "unchanged"
    change_page(by=by, place_id=place_id, seen=revision.pk, title=title, text=text, summary="import", at=at)
    return "changed"


def read_page(text: str, stem: str) -> tuple[str, str]:
    """Return title and words of a Markdown file: the head is cut off, and the heading that serves as title too."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head = HEAD.match(text)
    title = ""
    if head:
        text = text[head.end() :]
        found = re.search(r"^title:\s*(.+?)\s*$", head.group(1), re.MULTILINE)
        title = found.group(1).strip("'\"") if found else ""
    first = re.match(r"\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)", text)
    if first and title in ("", first.group(1)):
        title, text = first.group(1), text[first.end() :]
    title = title or _ORDER.sub("", stem).replace("-", " ").replace("_", " ")
    return title[: rules.MOST_TITLE].strip(), text.strip() or title


def slug_of(name: str) -> str:
    """Return the part of the address that a file's or folder's name gives. Raises BadInput when nothing is left."""
    plain = unicodedata.normalize("NFKD", _ORDER.sub("", name)).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: rules.MOST_SLUG].strip("-")
    if not slug:
        # A name in Chinese has no letters for an address: its characters' numbers are stable and fit.
        slug = "-".join(f"{ord(sign):x}" for sign in _ORDER.sub("", name)[:9])
    return rules.clean_slug(slug)
