"""Words of a text: Han signs and pairs of them, words of other scripts with what they begin with, for any database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# CJK unified ideographs with their extensions, and the iteration mark.
HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LETTER = f"[^\\W_{HAN}]"
RUN = re.compile(f"[{HAN}]+|{LETTER}+")
HAN_RUN = re.compile(f"[{HAN}]+")
WORD = re.compile(r"[^\W_]+")
# What stands in nearly every Chinese text. Without it most are normal already, which is seen twenty times faster than
# a text is made so.
NARROW = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "\u2026": "..."}
WIDE = re.compile(f"[{''.join(map(re.escape, NARROW))}]")
# A text's vector may hold a megabyte on PostgreSQL; both databases stop here.
MOST_TOKENS = 16_000
LONGEST_WORD = 64
# What a query may hold; the rest is cut off, for nobody types so much on purpose.
MOST_QUERY = 200
MOST_WORDS = 12
# From this length a Latin word also finds longer ones: "lift" finds "lifts". Up to the other one beginnings are kept.
PREFIX_FROM, PREFIX_TO = 3, 10


# English words that only look like a plural or a form of something.
ONLY_LOOKS_SO = frozenset({"always", "during", "evening", "gas", "morning", "news", "perhaps", "this", "thus"})


# Signs whose plain form may hold Han signs: radicals, old forms, those in brackets, circles and squares.
LIKE_HAN = re.compile(
    "[\u2e80-\u2fdf\u3038-\u303a\u3190-\u319f\u3220-\u33ff\uf900-\ufaff\U0001f200-\U0001f2ff\U0002f800-\U0002fa1f]"
)


@dataclass(frozen=True)
class Phrase:
    """One word of a query: of each group in `asks` one token must stand in the index of a text that holds it.

    `pattern` finds it in the plain text; where `settled`, the index alone knows. Signs that stand apart are no phrase.
    """

    text: str
    asks: tuple[tuple[str, ...], ...]
    pattern: str
    settled: bool


def plain(text: str) -> str:
    """Return the text with full-width forms made narrow and case removed; lone surrogates become question marks."""
    narrow = WIDE.sub(lambda match: NARROW[match.group()], text.encode("utf-8", "replace").decode("utf-8"))
    return unicodedata.normalize("NFKC", narrow).casefold()


def is_as_written(pattern: str, text: str) -> bool:
    """Return whether the plain text holds the pattern only if the text as it was written does.

    So it is with Han signs, which stand for themselves; to see that takes a tenth of making the text plain.
    """
    return HAN_RUN.fullmatch(pattern) is not None and LIKE_HAN.search(text) is None


def tokens(text: str) -> list[str]:
    """Return what is kept of `text`, each token once, at most MOST_TOKENS of them.

    "电梯坏 in A3" gives 电 梯 坏 电梯 梯坏 in a3; "lifts" gives lifts and its beginnings lif~ lift~ lifts~.
    """
    text = plain(text)
    han = " ".join(HAN_RUN.findall(text))
    found = dict.fromkeys(han) | dict.fromkeys(map(str.__add__, han, han[1:]))
    kept = [token for token in found if " " not in token]
    for word in dict.fromkeys(WORD.findall(HAN_RUN.sub(" ", text))):
        kept += _of_word(word)
    return list(dict.fromkeys(kept))[:MOST_TOKENS]


def _of_word(run: str) -> list[str]:
    run = run[:LONGEST_WORD]
    ends = range(PREFIX_FROM, min(len(run), PREFIX_TO) + 1) if _goes_on(run) else ()
    return [run, *(_beginning(run[:end]) for end in ends)]


def _goes_on(run: str) -> bool:
    return len(run) >= PREFIX_FROM and not run.isdigit()


def _beginning(run: str) -> str:
    return f"{run[:PREFIX_TO]}~"


def phrases(query: str) -> list[Phrase]:
    """Return what a reader looks for: one phrase for every word that stands between spaces.

    Punctuation, operators and control characters separate or vanish; a query of nothing else gives [].
    """
    found: list[Phrase] = []
    for word in plain(query[:MOST_QUERY]).split():
        runs = RUN.findall(word)
        if runs and len(found) < MOST_WORDS:
            found.append(_phrase(runs, word))
    return found


def _phrase(runs: list[str], word: str) -> Phrase:
    asks: list[tuple[str, ...]] = []
    patterns: list[str] = []
    for number, run in enumerate(runs):
        forms = _forms(run, last=number == len(runs) - 1)
        if HAN_RUN.match(run):
            asks += [(pair,) for pair in map(str.__add__, run, run[1:])] or [(run,)]
            patterns.append(re.escape(run))
        else:
            asks.append(tuple(_beginning(form) if more else form[:LONGEST_WORD] for form, more in forms))
            either = "|".join(re.escape(form) + (f"{LETTER}*" if more else "") for form, more in forms)
            patterns.append(rf"(?<!{LETTER})(?:{either})(?!{LETTER})")
    settled = len(asks) == 1 and (HAN_RUN.match(runs[0]) is not None or len(runs[0]) <= PREFIX_TO)
    return Phrase(word, tuple(asks), r"[\W_]*".join(patterns), settled)


def _forms(run: str, last: bool) -> list[tuple[str, bool]]:
    """Return as (form, whether it may go on) the ways in which a Latin word may stand in a text."""
    if not last:
        return [(run, False)]
    return [(run, _goes_on(run)), *((form, len(form) > PREFIX_FROM) for form in _other_forms(run))]


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


def loosened(words: str) -> str:
    """Return what somebody typed with Chinese words that were written together taken apart, "" if none were.

    Signs that stand alone then, such as 的, are left out.
    """
    # Loads its dictionary, which no start of the house should wait for.
    import rjieba

    parts = [part for part in rjieba.cut(words) if part.strip()]
    told = [part for part in parts if len(part) > 1 or not HAN_RUN.fullmatch(part)] or parts
    return " ".join(told) if len(parts) > len(words.split()) else ""
