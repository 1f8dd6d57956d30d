"""Topics from a folder of Markdown files: what stands at the head of each, and a report of what became of them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.files.base import ContentFile
from django.db import DatabaseError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.rules import BadInput, RuleBroken
from accounts.wording import listed

from .actions import import_topic

# No post is so long; a larger file is something else.
MOST_BYTES = 1_000_000
HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)(.*)\Z", re.DOTALL)
# ![words](where "title")
PICTURE = re.compile(r"!\[([^\]\n]*)\]\(([^)\s]+)(?:\s[^)\n]*)?\)")
FIELDS = ("board", "title", "author", "nickname", "tags", "date", "language", "closed")
# Office programs run cells that begin so as formulas.
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Line:
    """What became of one file: "new", "known" or "refused", and why."""

    path: str
    outcome: str
    topic: str
    reason: str


def import_folder(folder: Path, *, board: str = "", source: str = "markdown") -> Iterator[Line]:
    """Import every *.md file below the folder, in order; one that cannot be used never stops the others.

    `board` is for files that name none. The file's path within the folder, after `source`, is what a second run knows
    it by.
    """
    inside, seen = folder.resolve(), dict[tuple[str, str], str]()
    for path in sorted(one for one in inside.rglob("*") if one.suffix.lower() == ".md" and one.is_file()):
        name = path.relative_to(inside).as_posix()
        try:
            given = read(path, inside)
            given["board"] = given["board"] or board
            missing, copy_of = given.pop("missing"), seen.setdefault((given["title"], given["text"]), name)
            if copy_of != name:
                raise BadInput(_("It says the same as %(file)s.") % {"file": copy_of}, field="file")
            topic, is_new = import_topic(source=f"{source}:{name}", **given)
            yield Line(name, "new" if is_new else "known", topic.get_absolute_url(), missing if is_new else "")
        except RuleBroken as broken:
            field = getattr(broken, "field", "")
            yield Line(name, "refused", "", f"{field}: {broken}" if field else str(broken))
        except (OSError, DatabaseError) as error:
            yield Line(name, "refused", "", f"{type(error).__name__}: {error}"[:300])


def read(path: Path, folder: Path) -> dict[str, Any]:
    """Return what import_topic takes from a file, and which pictures are "missing". Raises BadInput, OSError."""
    if not path.resolve().is_relative_to(folder):
        raise BadInput(_("It is a link to a file outside of the folder."), field="file")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(_("The file is larger than 1 MB."), field="file")
    try:
        whole = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(_("The file is not UTF-8 text."), field="file") from None
    head, text = _parts(whole)
    title, text = (head["title"], text) if head["title"] else _title_of(text)
    text, pictures, missing = _pictures_of(text, path, folder)
    return {
        "board": head["board"], "title": title, "text": text, "author": head["author"], "nickname": head["nickname"],
        "tags": _tags(head["tags"]), "language": head["language"] or "zh-hans", "at": _moment(head["date"], path),
        "closed": head["closed"].casefold() in ("1", "true", "yes", "是"), "pictures": pictures, "missing": missing,
    }  # fmt: skip


def _pictures_of(text: str, path: Path, folder: Path) -> tuple[str, list[ContentFile[bytes]], str]:
    """Return the text without its pictures, those that lie in the folder, and a word about those that do not."""
    found: list[ContentFile[bytes]] = []
    missing: list[str] = []

    def taken(match: re.Match[str]) -> str:
        where = (path.parent / unquote(match[2])).resolve()
        if not (where.is_relative_to(folder) and where.is_file()):
            missing.append(match[2])
            return match[1]
        found.append(ContentFile(where.read_bytes(), name=where.name))
        return ""

    text = PICTURE.sub(taken, text).strip()
    return text, found, _("Pictures that are not there: %(names)s") % {"names": listed(missing)} if missing else ""


def _parts(whole: str) -> tuple[dict[str, str], str]:
    found = HEAD.match(whole)
    if found is None:
        raise BadInput(_("The file does not begin with a head between two lines of “---”."), field="file")
    head = dict.fromkeys(FIELDS, "")
    last = ""
    for line in found[1].splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().casefold() in head and not line.startswith((" ", "\t")):
            last = name.strip().casefold()
            head[last] = value.strip().strip("\"'")
        elif last == "tags" and line.strip().startswith("- "):
            # A list, one item a line.
            head["tags"] += f",{line.strip()[2:].strip()}"
    return head, found[2].strip()


def _title_of(text: str) -> tuple[str, str]:
    """Return the first heading as the title, and the rest."""
    found = re.match(r"#\s+(.+?)\s*(?:\n|\Z)", text)
    return (found[1], text[found.end() :].strip()) if found else ("", text)


def _tags(value: str) -> list[str]:
    found = re.split(r"[,，、]", value.strip("[] "))
    return [tag.strip().strip("\"'") for tag in found if tag.strip()]


def _moment(value: str, path: Path) -> datetime:
    if not value:
        return datetime.fromtimestamp(path.stat().st_mtime, timezone.get_default_timezone())
    try:
        found = parse_datetime(value) or parse_date(value)
    except ValueError:
        found = None
    if found is None:
        raise BadInput(_("“%(value)s” is no date.") % {"value": value[:40]}, field="date")
    moment = found if isinstance(found, datetime) else datetime.combine(found, time())
    moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    if moment > timezone.now():
        raise BadInput(_("The date lies in the future."), field="date")
    return moment


def write_report(path: Path, lines: list[Line]) -> None:
    """Write what became of each file as a csv file."""
    # With a byte-order mark, so that office programs read the Chinese in it.
    with path.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
        writer = csv.writer(file)
        writer.writerow([_("file"), _("outcome"), _("topic"), _("reason")])
        for line in lines:
            cells = (line.path, line.outcome, line.topic, line.reason)
            writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
