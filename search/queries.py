"""Finding documents: those with every word in the title first, newer before older, matches marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import islice
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from . import order
from .index import TITLES, WORDS
from .models import Document
from .words import LETTER, is_as_written, loosened, phrases, plain

PAGE_MOST = 100
# So many of the index's matches are read for one page; a page that holds too few then says where to go on. So many
# are taken at once beyond a page, or in all where the texts themselves must tell.
MOST_READ, READ_AHEAD, READ_AT_ONCE = 240, 20, 120
# Characters of a text that a hit shows, how many of them stand before the first match, how many are looked through.
SNIPPET, BEFORE, MARKED = 120, 30, 20_000
# Two letters of one word, the rest of a word, a word that reaches the end: Han signs stand for themselves.
IN_WORD, WORD, WORD_AT_END = re.compile(LETTER * 2), re.compile(f"{LETTER}*"), re.compile(f"{LETTER}*$")
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


class Hits(list[Hit]):
    """A page of hits; `goes_on` is where to look further when it ended early because enough had been read."""

    goes_on: str = ""


@dataclass(frozen=True)
class _Held:
    """What a document must hold: every word as a pattern, those that the index cannot vouch for, and what to mark."""

    wanted: list[re.Pattern[str]]
    unsure: list[re.Pattern[str]]
    marked: re.Pattern[str]
    newest: bool

    def by(self, document: Document, tier: int) -> bool:
        """Whether the document belongs to the tier: 0 holds every word in its title, 1 only in title and text."""
        title = plain(document.title)
        in_title = all(pattern.search(title) for pattern in self.wanted)
        if in_title or not (tier or self.newest):
            return in_title and not (tier and not self.newest)
        return all(self._in(pattern, document, title) for pattern in self.unsure)

    def _in(self, pattern: re.Pattern[str], document: Document, title: str) -> bool:
        if pattern.search(title) or pattern.search(document.text):
            return True
        # Plain words are made only where the text as it was written cannot tell.
        return not is_as_written(pattern.pattern, document.text) and bool(pattern.search(plain(document.text)))


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
) -> Hits:
    """Return what holds every word of `words` and is readable for one of `audiences`, at most `limit` hits.

    Each word between spaces is a phrase; all must occur. `since` (inclusive) and `until` (exclusive) bound the
    document's time; `facets` narrow by what the room said of its texts ("unit": 3); `after` is the cursor of the last
    hit of the page before. Hits in titles come first, with `newest` the newest do. Words without a letter or digit
    give []. Where very many texts hold every sign of a phrase and few the phrase, a page may end early and say so.
    """
    wanted = phrases(words)
    if not wanted or not audiences:
        return Hits()
    narrowed: dict[str, Collection[str]] = {"audience": audiences}
    narrowed |= {name: [value] for name, value in (("room", room), ("language", language)) if value}
    narrowed |= {name: [str(value)] for name, value in (facets or {}).items()}
    return _page(order.Asked(wanted, narrowed, since, until), max(1, min(limit, PAGE_MOST)), after, newest)


def find_apart(words: str, **asked: Any) -> tuple[Hits, str]:
    """Return what `find` does; where nothing holds the words, what holds the Chinese ones taken apart, and these parts.

    Nobody writes "电梯故障" in one, many write of both. The way to the next page is spelt with the parts.
    """
    hits = find(words, **asked)
    parts = "" if hits or hits.goes_on else loosened(words)
    if not parts:
        return hits, ""
    apart = find(parts, **{**asked, "after": None})
    return apart, parts if apart or apart.goes_on else ""


def _page(asked: order.Asked, limit: int, after: str | None, newest: bool) -> Hits:
    held, parts = _held(asked, newest), (WORDS,) if newest else (TITLES, WORDS)
    hits, left = Hits(), MOST_READ
    tier, place = _cursor(after)
    while tier < len(parts) and len(hits) < limit and left > 0:
        ahead = READ_AT_ONCE if held.unsure else limit - len(hits) + READ_AHEAD
        places = order.found(asked, parts[tier], place, ahead)
        while some := list(islice(places, min(ahead, left))):
            rows = Document.objects.filter(place__in=some).order_by("-place")
            stand = (document for document in rows if held.by(document, tier))
            hits += [_hit(document, held.marked, tier) for document in islice(stand, limit - len(hits))]
            left -= len(some)
            place = some[-1]
            if len(hits) >= limit or left <= 0:
                break
        else:
            tier, place = tier + 1, None
    if tier < len(parts) and len(hits) < limit:
        hits.goes_on = f"{tier}.{2**62 if place is None else place}"
    return hits


def _held(asked: order.Asked, newest: bool) -> _Held:
    patterns = [re.compile(phrase.pattern, re.IGNORECASE) for phrase in asked.phrases]
    pairs = zip(asked.phrases, patterns, strict=True)
    unsure = [pattern for phrase, pattern in pairs if not (phrase.settled and asked.all_asked)]
    longest_first = sorted({phrase.pattern for phrase in asked.phrases}, key=len, reverse=True)
    return _Held(patterns, unsure, re.compile("|".join(longest_first), re.IGNORECASE), newest)


def _cursor(after: str | None) -> tuple[int, int | None]:
    """Return tier and place of a cursor; nonsense counts as no cursor."""
    match = CURSOR.fullmatch(after or "")
    if match is None or abs(int(match.group(2))) >= 2**63:
        return 0, None
    return int(match.group(1)), int(match.group(2))


def _hit(document: Document, pattern: re.Pattern[str], tier: int) -> Hit:
    return Hit(document, _marked(document.title, pattern), _snippet(document.text, pattern), f"{tier}.{document.place}")


def _marked(text: str, pattern: re.Pattern[str]) -> SafeString:
    """Return the text escaped, each match within <mark>."""
    parts, end = [], 0
    for match in pattern.finditer(text):
        parts += [escape(text[end : match.start()]), "<mark>", escape(match.group()), "</mark>"]
        end = match.end()
    # Every piece of the text went through escape(); only our own tags did not.
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308


def _snippet(text: str, pattern: re.Pattern[str]) -> SafeString:
    """Return the part of the text around its first match, or its beginning, on one line, in whole words."""
    match = pattern.search(text, 0, MARKED)
    start = max(0, match.start() - BEFORE) if match else 0
    if match and start and IN_WORD.match(text, start - 1):
        start = WORD.match(text, start, match.start()).end()  # type: ignore[union-attr]
    line = " ".join(text[start : start + 2 * SNIPPET].split())
    shown = line[:SNIPPET]
    if IN_WORD.match(line, SNIPPET - 1):
        shown = shown[: WORD_AT_END.search(shown).start()] or shown  # type: ignore[union-attr]
    before, behind = ("…" if start else ""), ("…" if start + 2 * SNIPPET < len(text) or len(line) > len(shown) else "")
    return mark_safe(f"{before}{_marked(shown.rstrip(), pattern)}{behind}")  # noqa: S308
