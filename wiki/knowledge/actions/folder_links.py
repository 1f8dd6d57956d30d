"""Links and pictures in Markdown files of a folder: from file to file becomes from page to page."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from accounts.rules import RuleBroken
from accounts.viewers import Viewer
from wiki.plugins.attachments.models import Attachment

from .. import rules
from .files import keep_file
from .tree import path_of, place_at

# A folder's own page; a number before a name that only sorts.
INDEX = ("index.md", "readme.md", "_index.md")
ORDER = re.compile(r"^\d{1,4}[-_. ]+")
# [words](where) and ![words](where "title") whose address names neither a host nor a place from the root.
WHERE = r"(?![a-z][a-z0-9+.-]*:|/|#)([^)\s#]+)(#[^)\s]*)?((?:\s[^)\n]*)?)"
LINK = re.compile(rf"(!?)\[([^\]\n]*)\]\({WHERE}\)", re.IGNORECASE)


def steps_of(file: Path) -> list[str]:
    """Return the names from which a page's address is made, of a file within the folder; [] for the folder's own."""
    parts = list(file.parts[:-1])
    return parts if file.name.lower() in INDEX else [*parts, file.stem]


def with_links(text: str, file: Path, folder: Path, base: str) -> tuple[str, list[str]]:
    """Return the words with links to Markdown files of the folder as addresses below `base`, and what leads nowhere."""
    missing: list[str] = []

    def address(found: re.Match[str]) -> str:
        is_picture, words, where, part, title = found[1], found[2], found[3], found[4] or "", found[5]
        if is_picture or not where.lower().endswith(".md"):
            return found[0]
        target = _target(file, folder, where)
        if target is None:
            missing.append(_("The link to %(file)s leads nowhere.") % {"file": where})
            return found[0]
        steps = "".join(f"{slug_of(step)}/" for step in steps_of(target.relative_to(folder)))
        return f"[{words}]({base}{steps}{part}{title})"

    return LINK.sub(address, text), missing


def with_pictures(
    text: str, file: Path, folder: Path, place_id: int, *, by: Viewer, at: datetime | None
) -> tuple[str, list[str]]:
    """Keep the folder's pictures that the words show beside the page; return the words with them, and what is missing.

    A picture that the page has under the same name is not kept again.
    """
    missing: list[str] = []
    place = place_at(place_id)

    def shown(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        target = _target(file, folder, found[3])
        try:
            number = _kept(place, target, by, at) if target else 0
        except RuleBroken as refused:
            missing.append(str(refused))
            return found[0]
        if not number:
            missing.append(_("The picture %(file)s is not there.") % {"file": found[3]})
            return found[0]
        return f"![{found[2]}](/wiki/{path_of(place)}_files/{number}/{found[5]})"

    return LINK.sub(shown, text), missing


def _target(file: Path, folder: Path, where: str) -> Path | None:
    found = (file.parent / unquote(where)).resolve()
    return found if found.is_relative_to(folder) and found.is_file() else None


def _kept(place: object, target: Path, by: Viewer, at: datetime | None) -> int:
    there = Attachment.objects.filter(articles=place.article, current_revision__deleted=False)  # type: ignore[attr-defined]
    known = there.filter(original_filename=target.name).values_list("pk", flat=True).first()
    if known:
        return int(known)
    upload = ContentFile(target.read_bytes(), name=target.name)
    return int(keep_file(by=by, place_id=place.pk, upload=upload, at=at).pk)  # type: ignore[attr-defined]


def slug_of(name: str) -> str:
    """Return the part of the address that a file's or folder's name gives. Raises BadInput when nothing is left."""
    plain = unicodedata.normalize("NFKD", ORDER.sub("", name)).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: rules.MOST_SLUG].strip("-")
    if not slug:
        # A name in Chinese has no letters for an address: its characters' numbers are stable and fit.
        slug = "-".join(f"{ord(sign):x}" for sign in ORDER.sub("", name)[:9])
    return rules.clean_slug(slug)
