"""How words and files of a conversation are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from engagement.templatetags.letters import bytes_said
from journal.models import Entry

from ..queries import Line

register = template.Library()
register.filter("bytes_said", bytes_said)

# Only addresses that say http or https themselves, and our own handbook's; signs that end a sentence, also Chinese
# ones, stay outside.
LINK = re.compile(
    r"https?://[^\s<>\"'“”‘’，。；：！？、（）《》【】]+|(?<![\w/.-])/wiki/[a-z0-9_/-]{1,300}/", re.IGNORECASE
)
ENDS = ".,;:!?)]}"
# How high a picture is shown at most, in CSS pixels.
MOST_HIGH = 288


@register.filter
def fitted(file: Mapping[str, Any]) -> SafeString:
    """Return the size at which a picture is shown, as attributes: its room is kept until it has come."""
    scale = min(1.0, MOST_HIGH / file["height"])
    width, height = (max(1, round(file[side] * scale)) for side in ("width", "height"))
    return format_html('width="{}" height="{}"', width, height)


@register.filter
def unit_said(entry: Entry | Line) -> str:
    """Return the unit that an entry names, in the reader's language."""
    english = str(entry.data.get("unit_en", "")) if (get_language() or "").startswith("en") else ""
    return english or str(entry.data.get("unit", ""))


@register.filter
def linked(text: str) -> SafeString:
    """Return the text escaped, its web addresses as links that say where they lead and tell nobody from where."""
    parts: list[str] = []
    end = 0
    for match in LINK.finditer(text):
        address = match.group().rstrip(ENDS)
        if address.startswith("/"):
            own = format_html('<a href="{}">{}</a>', address, address)
            parts, end = [*parts, escape(text[end : match.start()]), own], match.end()
            continue
        host = _host(address)
        if not host:
            continue
        parts += [escape(text[end : match.start()]), _link(address, host)]
        end = match.start() + len(address)
    # Each piece went through escape() or format_html().
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        # "https://bank.example@evil.example/" would say one place and lead to another.
        return "" if parts.username else (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        return ""


def _link(address: str, host: str) -> SafeString:
    return format_html(
        '<a href="{}" title="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>', address, host, address
    )
