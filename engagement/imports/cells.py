"""What may stand in one cell: texts with stray blanks, times in several notations, numbers."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.rules import clean_text

from ..rules import BadInput

TIMES = (
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
)
DAYS = ("%Y/%m/%d", "%Y-%m-%d", "%Y年%m月%d日", "%m/%d/%Y")
# Tabs, full-width and no-break spaces that web pages leave behind.
BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
# Two full-width blanks after the end of a sentence are the indent of a new paragraph.
INDENT = re.compile("(?<=[。\uff01\uff1f\uff1a\uff1b”!?:;\n])[ \t\u00a0]*\u3000{2,}")
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
EARLIEST_YEAR = 1990


def words(value: Any, *, most: int, least: int = 0, field: str) -> str:
    """Return a cell's text on one line, without stray blanks. Raises BadInput."""
    return clean_text(" ".join(_plain(value).split()), most=most, least=least, field=field, newlines=False)


def prose(value: Any, *, most: int, least: int = 0, field: str) -> str:
    """Return a cell's text in paragraphs, each without leading blanks, at most one empty line between two.

    Full-width indents begin a paragraph in Chinese texts whose line breaks were lost. Raises BadInput.
    """
    text = _plain(value).replace("\r\n", "\n").replace("\r", "\n")
    lines = [BLANKS.sub(" ", line).strip() for line in INDENT.sub("\n", text).split("\n")]
    return clean_text(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)), most=most, least=least, field=field)


def moment(value: Any, *, field: str) -> tuple[datetime, bool]:
    """Return a cell's time in the city's time zone, and whether it names the day only. Raises BadInput."""
    if isinstance(value, datetime):
        return _local(value, field), False
    if isinstance(value, date):
        return _local(datetime.combine(value, time()), field), True
    text = words(value, most=40, least=1, field=field)
    for notation in (*TIMES, *DAYS):
        try:
            return _local(datetime.strptime(text, notation), field), notation in DAYS  # noqa: DTZ007
        except ValueError:
            continue
    raise BadInput(_("“%(text)s” is not a time.") % {"text": text}, field=field, code="not_a_time")


def decimal(value: Any, *, field: str) -> float | None:
    """Return a cell's number, or None for an empty cell. Raises BadInput."""
    text = words(value, most=40, field=field)
    try:
        return float(text) if text else None
    except ValueError:
        raise BadInput(_("“%(text)s” is not a number.") % {"text": text}, field=field, code="not_a_number") from None


def _plain(value: Any) -> str:
    text = "" if value is None else str(value)
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def _local(value: datetime, field: str) -> datetime:
    if value.year < EARLIEST_YEAR or value > datetime(timezone.localdate().year + 1, 1, 1, tzinfo=value.tzinfo):
        raise BadInput(_("The year %(year)d cannot be right.") % {"year": value.year}, field=field, code="not_a_time")
    return timezone.make_aware(value) if value.tzinfo is None else value
