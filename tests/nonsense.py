"""Every form of a page, and what nobody should write into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

# NUL, half a surrogate pair as UTF-8 never has it, far too long, numbers beyond every column, days long gone, nothing.
NONSENSE = (
    b"a%00b", b"%ED%A0%80", b"x" * 25_000, b"9" * 40, b"-1", b"0001-01-01T00:00", b"99999-99-99", b"", b"%F0%9F%92%A9",
    b"%27%22%3E%3Cscript%3E", b"../../etc/passwd", b"nan",
)  # fmt: skip
WHOLE = re.compile(r"<form\b.*?</form>", re.DOTALL)
# Another one each time, in a form that is the same.
TOKEN = re.compile(r'name="(?:csrfmiddlewaretoken|token)" value="[^"]*"|data-token="[^"]*"')
WRITTEN = ("text", "search", "email", "tel", "number", "date", "datetime-local", "url", "time", "password", "textarea")


@dataclass
class Form:
    """One form of a page: its method, where it goes, and its fields as (name, type, value)."""

    method: str
    action: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def is_written(self) -> bool:
        """Whether anything is typed into it."""
        return any(kind in WRITTEN for _name, kind, _value in self.fields)

    def body(self, turn: int, *, everything: bool) -> bytes:
        """Return the form filled with nonsense, in what is typed only or in every field; another one each turn."""
        parts = []
        for place, (name, kind, value) in enumerate(self.fields):
            wrong = everything or kind in WRITTEN
            given = NONSENSE[(turn + place) % len(NONSENSE)] if wrong else quote(value).encode()
            parts.append(quote(name).encode() + b"=" + given)
        return b"&".join(parts)


class Forms(HTMLParser):
    """Gathers the forms of a page in `found`."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._path, self._open = path, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form or add a field to it."""
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = True
            self.found.append(Form(known.get("method", "get").lower(), known.get("action") or self._path))
        elif self._open and tag in ("input", "textarea", "select", "button") and known.get("name"):
            kind = known.get("type", "text") if tag == "input" else tag
            if kind != "file" and known["name"] != "csrfmiddlewaretoken":
                self.found[-1].fields.append((known["name"], kind, known.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """End a form."""
        self._open = self._open and tag != "form"


def unread(page: str, path: str, read: set[str]) -> Iterator[Form]:
    """Return the forms of a page but those that, to the letter, stood in what was `read` before, and note them there.

    Most forms stand on every page, and the parser is slow.
    """
    for words in WHOLE.findall(page):
        # One that does not say where it goes, goes to its page.
        told = TOKEN.sub("", words) + (path if "action=" not in words else "")
        if told not in read:
            read.add(told)
            yield from Forms(words, path).found


def asked_for(form: Form, turn: int) -> str:
    """Return the address of a form that asks, with nonsense in its query."""
    query = form.body(turn, everything=True).decode()
    return f"{form.action.split('?')[0]}?{query or urlencode({'after': 'x'})}"
