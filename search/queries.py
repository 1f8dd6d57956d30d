"""Finding documents: those with every word in the title first, newer before older, matches marked."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from . import index as full_text
from .actions import first_place
from .models import Document
from .words import HAN_RUN, RUN, Phrase, phrases

PAGE_MOST = 100
# Characters of a text that a hit shows, and how many of them stand before the first match.
SNIPPET = 120
BEFORE = 30
CURSOR = re.compile(r"([01])\.(-?\d{1,19})")


@dataclass(frozen=True)
class Hit:
    """A document that was found. `title` and `snippet` are escaped HTML with the matching words in <mark>.

    `cursor` continues the list after this hit.
    """

    document: Document
    title: SafeString
    snippet: SafeString
    cursor: str


def find(
    words: str,
    *,
    audiences: Collection[str],
    room: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
    after: str | None = None,
) -> list[Hit]:
    """Return what holds every word of `words` and is readable for one of `audiences`, at most `limit` hits.

    Each word between spaces is a phrase; all must occur. `since` (inclusive) and `until` (exclusive) bound the
    document's time; `after` is the cursor of the last hit of the page before. Words without a letter or digit give [].
    """
    wanted = phrases(words)
    limit = max(1, min(limit, PAGE_MOST))
    if not wanted or not audiences:
        return []
    tier, place = _cursor(after)
    found: list[tuple[int, Document]] = []
    for number in range(tier, 2):
        if len(found) < limit:
            bounds = _bounds(since, until, place if number == tier else None)
            rows = _rows(wanted, number, audiences, room, bounds, limit - len(found))
            found += [(number, row) for row in rows]
    return [_hit(row, wanted, number) for number, row in found]


def _cursor(after: str | None) -> tuple[int, int | None]:
    """Return tier and place of a cursor; nonsense counts as no cursor."""
    match = CURSOR.fullmatch(after or "")
    if match is None or abs(int(match.group(2))) >= 2**63:
        return 0, None
    return int(match.group(1)), int(match.group(2))


def _bounds(since: datetime | None, until: datetime | None, place: int | None) -> tuple[list[str], list[int]]:
    """Return conditions on the place, which holds the time, with their parameters."""
    column = full_text.place_column()
    given = [
        (f"{column} >= %s", first_place(since) if since else None),
        (f"{column} < %s", first_place(until) if until else None),
        (f"{column} < %s", place),
    ]
    return [sql for sql, value in given if value is not None], [value for _, value in given if value is not None]


def _rows(
    wanted: list[Phrase],
    tier: int,
    audiences: Collection[str],
    room: str | None,
    bounds: tuple[list[str], list[int]],
    limit: int,
) -> list[Document]:
    """Return the documents of one tier (0: all words in the title), newest first."""
    matches, values = full_text.condition(wanted, in_title=tier == 0)
    conditions = [matches, f"d.audience IN ({', '.join(['%s'] * len(audiences))})", *bounds[0]]
    parameters: list[str | int] = [*values, *sorted(audiences), *bounds[1]]
    if room is not None:
        conditions.append("d.room = %s")
        parameters.append(room)
    # Only names and markers of our own stand in the text; what readers typed travels as parameters.
    sql = (
        f"SELECT d.id FROM {full_text.tables()} WHERE {' AND '.join(conditions)}"  # noqa: S608
        f" ORDER BY {full_text.place_column()} DESC LIMIT {limit:d}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        ids = [row[0] for row in cursor.fetchall()]
    documents = Document.objects.in_bulk(ids)
    return [documents[pk] for pk in ids if pk in documents]


def _hit(document: Document, wanted: list[Phrase], tier: int) -> Hit:
    pattern = _pattern(wanted)
    return Hit(document, _marked(document.title, pattern), _snippet(document.text, pattern), f"{tier}.{document.place}")


def _pattern(wanted: list[Phrase]) -> re.Pattern[str]:
    """Return what to mark: each phrase's words as they stand in a text, whatever lies between its runs."""
    parts = sorted({r"[\W_]*".join(_marks(phrase)) for phrase in wanted}, key=len, reverse=True)
    return re.compile("|".join(parts), re.IGNORECASE)


def _marks(phrase: Phrase) -> list[str]:
    """Return the phrase's runs as patterns; Latin words only as whole words, as they were indexed."""
    runs = RUN.findall(phrase.text)
    found = []
    for number, run in enumerate(runs):
        if HAN_RUN.match(run):
            found.append(re.escape(run))
        else:
            end = r"[^\W_]*" if number == len(runs) - 1 and phrase.prefix else ""
            found.append(rf"(?<![a-z0-9]){re.escape(run)}{end}(?![a-z0-9])")
    return found


def _marked(text: str, pattern: re.Pattern[str]) -> SafeString:
    """Return the text escaped, each match within <mark>."""
    parts, end = [], 0
    for match in pattern.finditer(text):
        parts += [escape(text[end : match.start()]), "<mark>", escape(match.group()), "</mark>"]
        end = match.end()
    # Every piece of the text went through escape(); only our own tags did not.
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308


def _snippet(text: str, pattern: re.Pattern[str]) -> SafeString:
    """Return the part of the text around its first match, or its beginning, on one line."""
    line = " ".join(text.split())
    match = pattern.search(line)
    start = max(0, match.start() - BEFORE) if match else 0
    piece = line[start : start + SNIPPET]
    before, behind = ("…" if start else ""), ("…" if start + SNIPPET < len(line) else "")
    return mark_safe(f"{before}{_marked(piece, pattern)}{behind}")  # noqa: S308
