"""Pages from a folder of Markdown files: the tree of the folder becomes a tree of pages, any number of times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.rules import BadInput, RuleBroken
from accounts.viewers import Viewer
from wiki.models import URLPath

from .. import queries, rules
from ..models import Page
from .folder_links import ORDER, slug_of, steps_of, with_links, with_pictures
from .pages import change_page, create_page
from .tree import place_at

MOST_BYTES = 1_000_000
HEAD = re.compile(r"\A---\s*\n(.*?)\n---\s*\n?", re.DOTALL)


@dataclass
class Report:
    """What became of the files, by their paths within the folder; `remarks` are of files that came in all the same."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Say it in a few lines."""
        for word in ("created", "changed", "unchanged"):
            yield f"{word}: {len(getattr(self, word))}"
        for word in ("refused", "remarks"):
            told = getattr(self, word)
            yield f"{word}: {len(told)}"
            yield from (f"  {name}: {why}" for name, why in told)


def import_pages(
    *, folder: Path, below: str, by: Viewer, language: str, audience: str = Page.Audience.PUBLIC, dry: bool = False,
    at: datetime | None = None,
) -> Report:  # fmt: skip
    """Lay or change a page for each Markdown file below the page at the path `below` ("zh/"); return a report.

    A folder's own page is its index.md or README.md. A title is the head's `title`, the first heading, or the name of
    the file. Links from file to file lead from page to page; pictures of the folder are kept beside their page. A
    second run changes only what differs; nothing is taken away. Each file is a transaction of its own.
    Raises NotFound when there is no page at `below`.
    """
    report = Report()
    root = queries.page_at(by, below).place
    run = _Run(folder.resolve(), below, {"by": by, "at": at}, {"language": language, "audience": audience}, dry)
    for file in sorted(one for one in folder.resolve().rglob("*") if one.suffix.lower() == ".md" and one.is_file()):
        name = file.relative_to(run.folder).as_posix()
        try:
            with transaction.atomic():
                outcome, remarks = run.take(root.pk, name, file)
                transaction.set_rollback(dry)
        except (RuleBroken, OSError) as refused:
            report.refused.append((name, str(refused)))
        else:
            getattr(report, outcome).append(name)
            report.remarks += [(name, remark) for remark in remarks]
    return report


@dataclass
class _Run:
    """One run over a folder: whose pages they become and what they are; `taken` holds the file of each address."""

    folder: Path
    below: str
    who: dict[str, Any]
    kind: dict[str, Any]
    dry: bool
    taken: dict[tuple[str, ...], str] = field(default_factory=dict)

    def take(self, root_id: int, name: str, file: Path) -> tuple[str, list[str]]:
        """Lay or change the page of a file; return what became of it, and what is to be said. Raises BadInput."""
        words = _text_of(file, self.folder)
        steps = steps_of(file.relative_to(self.folder))
        address = tuple(slug_of(step) for step in steps)
        if self.taken.setdefault(address, name) != name:
            raise BadInput(_("It has the same address as %(file)s.") % {"file": self.taken[address]}, field="file")
        title, text = read_page(words, file.stem)
        text, remarks = with_links(text, file, self.folder, f"/wiki/{self.below}")
        place_id, is_new = self._laid(root_id, steps, title, text)
        if not self.dry:
            text, missing = with_pictures(text, file, self.folder, place_id, **self.who)
            remarks += missing
        is_changed = self._written(place_id, title, text)
        return "created" if is_new else "changed" if is_changed else "unchanged", remarks

    def _laid(self, root_id: int, steps: list[str], title: str, text: str) -> tuple[int, bool]:
        """Return the page's place, and whether it is new."""
        parent = root_id
        for step in steps[:-1]:
            # A folder without a page of its own has its name as title.
            plain = ORDER.sub("", step).replace("-", " ").replace("_", " ").strip() or step
            parent, _is_new = self._found_or_laid(parent, step, plain, plain)
        return self._found_or_laid(parent, steps[-1], title, text) if steps else (parent, False)

    def _found_or_laid(self, parent: int, step: str, title: str, text: str) -> tuple[int, bool]:
        slug = slug_of(step)
        known = URLPath.objects.filter(parent_id=parent, slug=slug).values_list("pk", flat=True).first()
        if known:
            return int(known), False
        made = create_page(parent_id=parent, slug=slug, title=title, text=text, **self.who, **self.kind)
        return int(made.pk), True

    def _written(self, place_id: int, title: str, text: str) -> bool:
        """Let the page say this; return whether it said something else before."""
        revision = place_at(place_id).article.current_revision
        # django-wiki ends lines as forms send them.
        if (revision.title, revision.content.replace("\r\n", "\n")) == (title, text):
            return False
        change_page(place_id=place_id, seen=revision.pk, title=title, text=text, summary="import", **self.who)
        return True


def _text_of(file: Path, folder: Path) -> str:
    """Return what stands in the file. Raises BadInput for one that is no text, too large or elsewhere, OSError."""
    if not file.resolve().is_relative_to(folder):
        raise BadInput(_("It is a link to a file outside of the folder."), field="file")
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(_("The file is larger than 1 MB."), field="file")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(_("The file is not UTF-8 text."), field="file") from None


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
    title = title or ORDER.sub("", stem).replace("-", " ").replace("_", " ")
    return title[: rules.MOST_TITLE].strip(), text.strip() or title
