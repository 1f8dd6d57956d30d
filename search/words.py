"""Words of a text: overlapping pairs of Han characters and lower-cased words of other scripts, for any database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# CJK unified ideographs with their extensions, and the iteration mark.
HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+")
HAN_RUN = re.compile(f"[{HAN}]+")
# PostgreSQL knows positions up to 16,383 within one text and words up to 2,046 bytes; both databases stop here.
MOST_TOKENS = 16_000
LONGEST_WORD = 64
# What a query may hold; the rest is cut off, for nobody types so much on purpose.
MOST_QUERY = 200
MOST_WORDS = 12
# From this length a Latin word also finds longer ones: "lift" finds "lifts".
PREFIX_FROM = 3


@dataclass(frozen=True)
class Phrase:
    """One word of a query: tokens that must stand side by side; with `prefix` the last one may go on."""

    tokens: tuple[str, ...]
    prefix: bool
    text: str


def _plain(text: str) -> str:
    """Return the text with full-width forms made narrow and case removed; lone surrogates become spaces."""
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8")).casefold()


def _of_run(run: str) -> list[str]:
    """Return a run's tokens; Han runs end with their last character alone, so that it begins a token too."""
    if not HAN_RUN.match(run):
        return [run[:LONGEST_WORD]]
    return [*map(str.__add__, run, run[1:]), run[-1]]


def tokens(text: str) -> list[str]:
    """Return the tokens of `text` in order, at most MOST_TOKENS of them.

    "电梯坏了 in Block A3" gives 电梯 梯坏 坏了 了 in block a3.
    """
    found: list[str] = []
    for match in RUN.finditer(_plain(text)):
        found += _of_run(match.group())
        if len(found) >= MOST_TOKENS:
            return found[:MOST_TOKENS]
    return found


def phrases(query: str) -> list[Phrase]:
    """Return what a reader looks for: one phrase for every word that stands between spaces.

    Punctuation, operators and control characters separate or vanish; a query of nothing else gives [].
    """
    found: list[Phrase] = []
    for word in _plain(query[:MOST_QUERY]).split():
        runs = RUN.findall(word)
        if runs and len(found) < MOST_WORDS:
            found.append(_phrase(runs, word))
    return found


def _phrase(runs: list[str], word: str) -> Phrase:
    parts = [token for run in runs for token in _of_run(run)]
    last = runs[-1]
    if not HAN_RUN.match(last):
        return Phrase(tuple(parts), len(last) >= PREFIX_FROM and not last.isdigit(), word)
    # The final single character stands only at the end of a run of the text; the query may end within one.
    return Phrase(tuple(parts if len(last) == 1 else parts[:-1]), len(last) == 1, word)
