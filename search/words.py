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


# English words that only look like a plural or a form of something.
ONLY_LOOKS_SO = frozenset({"always", "during", "evening", "gas", "morning", "news", "perhaps", "this", "thus"})


@dataclass(frozen=True)
class Phrase:
    """One word of a query: tokens that must stand side by side; with `prefix` the last one may go on.

    Any of `others`, as (token, prefix), may stand in the place of the last token: other forms of an English word.
    """

    tokens: tuple[str, ...]
    prefix: bool
    text: str
    others: tuple[tuple[str, bool], ...] = ()

    @property
    def ways(self) -> list[tuple[tuple[str, ...], bool]]:
        """All ways in which the phrase may stand in a text, as (tokens, prefix)."""
        return [(self.tokens, self.prefix), *(((*self.tokens[:-1], token), prefix) for token, prefix in self.others)]


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
        others = tuple((form, len(form) > PREFIX_FROM) for form in _other_forms(last))
        return Phrase(tuple(parts), len(last) >= PREFIX_FROM and not last.isdigit(), word, others)
    # The final single character stands only at the end of a run of the text; the query may end within one.
    return Phrase(tuple(parts if len(last) == 1 else parts[:-1]), len(last) == 1, word)


def _other_forms(word: str) -> list[str]:
    """Return other forms under which an English word may stand: "lifts" as "lift", "parking" as "park", "cities" as
    "city". What a word may go on to ("lift" to "lifting") needs no other form.
    """
    if not re.fullmatch(r"[a-z]{4,20}", word) or word in ONLY_LOOKS_SO:
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y"]
    if re.search(r"[^aeiou]y$", word):
        return [f"{word[:-1]}ies"]
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return [word[:-2], word[:-1]]
    if re.search(r"[^sui]s$", word):
        return [word[:-1]]
    ended = re.fullmatch(r"([a-z]*[aeiou][a-z]*?)(?:ing|(?<!e)ed)", word)
    if ended is None or len(ended[1]) < PREFIX_FROM:
        return []
    stem = ended[1]
    doubled = len(stem) > PREFIX_FROM and stem[-1] == stem[-2] and stem[-1] not in "aeioulsz"
    return [stem[:-1]] if doubled else [stem, f"{stem}e"]
