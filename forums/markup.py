"""What somebody wrote, made safe once at the edge: contacts masked, Markdown to HTML, only known tags left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

URL = re.compile(r"https?://[^\s<>\"'`（）【】《》“”‘’，。；：！？、]+", re.IGNORECASE)
TRAILING = ".,;:!?)]*_~"

POST_TAGS = {"p", "br", "a", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "span"}
ARTICLE_TAGS = POST_TAGS | {"h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td"}


def links_in(text: str) -> list[str]:
    """Return the addresses that a text links to, also those behind other words."""
    found = URL.findall(text)
    return found + [target for target in re.findall(r"\]\(\s*<?([^)\s>]+)", text) if not target.startswith("/")]


def squeezed(text: str) -> str:
    """Return the text as watched words are looked for: one width and case, nothing between the signs."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", plain)


def rendered(text: str, names: Iterable[str] = (), article: bool = False) -> str:
    """Return a post as safe HTML; `names` are those that "@name" may mention, `article` allows headings and tables.

    Raw HTML in it is text. nh3 afterwards is a second lock on the same door.
    """
    ordered = sorted({name for name in names if name}, key=len, reverse=True)
    made = _reader(article).render(text, {"names": ordered})
    return nh3.clean(
        made, tags=ARTICLE_TAGS if article else POST_TAGS, attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={"span": {"mention"}}, url_schemes={"http", "https"}, link_rel="nofollow noopener ugc",
    )  # fmt: skip


def mentioned(text: str, names: Iterable[str]) -> set[str]:
    """Return which of the names the text mentions as "@name", the longest that fits at each place; not in quotes."""
    ordered = sorted({name for name in names if name}, key=len, reverse=True)
    own = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    found = (_name_at(own, place.end(), ordered) for place in re.finditer("@", own))
    return {name for name in found if name}


def plain(text: str, most: int) -> str:
    """Return the beginning of a post as plain words for lists and notices, without quotes, tables and marks."""
    lines = [line for line in text.split("\n") if not line.lstrip().startswith((">", "|"))]
    words = " ".join(unmarked("\n".join(lines)).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def unmarked(text: str) -> str:
    """Return all that a post says, line by line, without the signs that only say how it looks."""
    text = re.sub(r"^[-:| \t]{3,}$|^[ \t]*(?:>[ \t]?)+|^[ \t]*#{1,6} |\|", " ", text, flags=re.MULTILINE)
    # Bounded: a post of nothing but "[" would otherwise be read to its end from each of them.
    text = re.sub(r"!?\[([^\]]{0,500})\]\([^)]{0,2000}\)", r"\1", text)
    return re.sub(rf"({URL.pattern})|[*_`~]{{1,3}}", lambda found: found[1] or "", text, flags=re.IGNORECASE)


def quoted(text: str, most: int = 600) -> str:
    """Return what somebody wrote as a Markdown quote, without what they had quoted themselves."""
    lines = [line for line in text.split("\n") if not line.lstrip().startswith(">")]
    words = "\n".join(lines).strip()
    words = words if len(words) <= most else words[: most - 1].rstrip() + "…"
    return "\n".join(f"> {line}".rstrip() for line in words.split("\n")) + "\n\n"


@cache
def _reader(article: bool) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    # A citizen's "4 spaces" or "1 line of ---" is no code and no heading.
    reader.disable(["code", "reference", "lheading", "html_block", "html_inline"])
    if article:
        reader.enable("table")
    else:
        reader.disable(["heading", "hr"])
    reader.core.ruler.push("own", _own)
    return reader


def _own(state: StateCore) -> None:
    """Link bare addresses, mark mentions, and let an article's headings begin below the page's own."""
    names = state.env.get("names", [])
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, int(token.tag[1]) + 1)}"
        if token.type == "inline" and token.children:
            token.children = _children(token.children, names)


def _children(tokens: list[Token], names: list[str]) -> list[Token]:
    made: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "image":
            # Pictures from elsewhere would tell there who reads: their words lead to them.
            address = str(token.attrs["src"])
            made += [_text(token.content)] if depth else _around("a", {"href": address}, token.content or address)
            continue
        made += _pieces(token.content, names) if token.type == "text" and not depth else [token]
    return made


def _pieces(text: str, names: list[str]) -> list[Token]:
    made: list[Token] = []
    start = 0
    for found in re.finditer(rf"{URL.pattern}|@", text, re.IGNORECASE):
        if found.start() < start:
            continue
        if found.group() == "@":
            name = _name_at(text, found.end(), names)
            end, inner = found.end() + len(name), _around("span", {"class": "mention"}, f"@{name}") if name else []
        else:
            address = found.group().rstrip(TRAILING)
            end, inner = found.start() + len(address), _around("a", {"href": address}, address)
        if inner:
            made += [_text(text[start : found.start()]), *inner]
            start = end
    return [*made, _text(text[start:])]


def _name_at(text: str, place: int, names: list[str]) -> str:
    return next((name for name in names if text.startswith(name, place)), "")


def _around(tag: str, attributes: dict[str, Any], words: str) -> list[Token]:
    return [Token(f"{tag}_open", tag, 1, attrs=attributes), _text(words), Token(f"{tag}_close", tag, -1)]


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)
