"""Finding documents: those with every word in the title first, newer before older, matches marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from . import order
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
    language: str = "",
    facets: Mapping[str, int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
    after: str | None = None,
    newest: bool = False,
) -> list[Hit]:
    """Return what holds every word of `words` and is readable for one of `audiences`, at most `limit` hits.

    Each word between spaces is a phrase; all must occur. `since` (inclusive) and `until` (exclusive) bound the
    document's time; `facets` narrow by what the room said of its texts ("unit": 3); `after` is the cursor of the last
    hit of the page before. Hits in titles come first, with `newest` the newest do. Words without a letter or digit
    give [].
    """
    wanted = phrases(words)
    limit = max(1, min(limit, PAGE_MOST))
    if not wanted or not audiences:
        return []
    narrowed: dict[str, Collection[str]] = {"audience": audiences}
    narrowed |= {name: [value] for name, value in (("room", room), ("language", language)) if value}
    narrowed |= {name: [str(value)] for name, value in (facets or {}).items()}
    asked = order.Asked(wanted, narrowed, since, until, newest)
    tier, place = _cursor(after)
    rows = order.found(asked, tier, place, limit)
    documents = Document.objects.in_bulk([pk for pk, _ in rows])
    pattern = _pattern(wanted)
    return [_hit(documents[pk], pattern, number) for pk, number in rows if pk in documents]


def _cursor(after: str | None) -> tuple[int, int | None]:
    """Return tier and place of a cursor; nonsense counts as no cursor."""
    match = CURSOR.fullmatch(after or "")
    if match is None or abs(int(match.group(2))) >= 2**63:
        return 0, None
    return int(match.group(1)), int(match.group(2))


def _hit(document: Document, pattern: re.Pattern[str], tier: int) -> Hit:
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
            forms = [(run, phrase.prefix), *phrase.others] if number == len(runs) - 1 else [(run, False)]
            either = "|".join(re.escape(form) + (r"[^\W_]*" if prefix else "") for form, prefix in forms)
            found.append(rf"(?<![a-z0-9])(?:{either})(?![a-z0-9])")
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
