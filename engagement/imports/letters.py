"""Letters with their replies, one a row: which column is what, and what a row says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from accounts.wording import listed

from ..models import Case, Category, Mailbox
from ..rules import PLACE, REPLY, TEXT, TITLE, BadInput
from . import cells
from .incoming import Incoming, Reader
from .sheets import Row

# Headings that are recognised without --map, for each field of a letter.
HEADINGS: dict[str, tuple[str, ...]] = {
    "id": ("留言编号", "编号", "信件编号", "工单编号", "诉求编号", "id", "number"),
    "author": ("留言用户", "用户", "写信人", "author"),
    "title": ("留言主题", "主题", "标题", "信件标题", "title", "subject"),
    "received": ("留言时间", "来信时间", "提交时间", "写信时间", "诉求时间", "received", "created"),
    "text": ("留言详情", "内容", "来信内容", "信件内容", "留言内容", "诉求内容", "text", "body"),
    "reply": ("答复意见", "回复内容", "答复内容", "回复", "答复", "reply", "answer"),
    "answered": ("答复时间", "回复时间", "办结时间", "answered", "closed"),
    "unit": ("承办单位", "答复单位", "受理单位", "部门", "单位", "unit", "office"),
    "mailbox": ("信箱", "收信领导", "领导信箱", "mailbox"),
    "category": ("一级标签", "分类", "类别", "诉求分类", "category"),
    "kind": ("诉求类型", "信件类型", "类型", "kind", "type"),
    "place": ("地点", "地址", "事发地点", "place", "address"),
}
NEEDED = ("id", "title", "received", "text", "reply", "answered")
# The author's name is not kept: imported letters are public, and nobody can ask their writers.
UNUSED = ("author",)
KINDS = (
    (Case.Kind.PRAISE, re.compile("表扬|感谢|致谢|点赞|锦旗|thank|praise", re.IGNORECASE)),
    (Case.Kind.SUGGESTION, re.compile("建议|希望增设|suggest|propos", re.IGNORECASE)),
    (Case.Kind.ENQUIRY, re.compile(r"咨询|请问|询问|何时|什么时候|[\uff1f?吗]$|enquir|when |how ", re.IGNORECASE)),
    (Case.Kind.COMPLAINT, re.compile("投诉|举报|反映|扰民|违规|违法|complain", re.IGNORECASE)),
)
HAN = re.compile("[\u4e00-\u9fff]")
Found = TypeVar("Found")


class HeadingsError(Exception):
    """Columns that are needed are missing; the message names them and the headings that are there."""


@dataclass(frozen=True)
class Place:
    """Where letters go unless a column says otherwise, and what names in columns mean."""

    prefix: str
    unit_id: int | None
    mailbox: Mailbox | None = None
    units: dict[str, int] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)


def parse_map(text: str) -> dict[str, str]:
    """Return {"留言主题": "title"} for "留言主题=title"; pairs are separated by commas. Raises HeadingsError."""
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        heading, equals, name = part.rpartition("=")
        if not equals or name.strip() not in HEADINGS:
            raise HeadingsError(
                _("“%(part)s” is not HEADING=FIELD; fields: %(fields)s.") % {"part": part, "fields": listed(HEADINGS)}
            )
        pairs[heading.strip()] = name.strip()
    return pairs


def columns(headers: Iterable[str], mapped: dict[str, str]) -> dict[str, str]:
    """Return which header holds each field, {"title": "留言主题"}. Raises HeadingsError if one is missing."""
    present = list(headers)
    found = {name: heading for heading, name in mapped.items() if heading in present}
    for name, headings in HEADINGS.items():
        known = next((head for head in present if head.casefold() in headings and head not in mapped), None)
        if known is not None:
            found.setdefault(name, known)
    missing = [name for name in NEEDED if name not in found] + [head for head in mapped if head not in present]
    if missing:
        raise HeadingsError(
            _("Columns not found: %(missing)s. The file has: %(present)s. Say which is which with --map.")
            % {"missing": listed(missing), "present": listed(filter(None, present))}
        )
    return found


def reader(found: dict[str, str], place: Place) -> Reader:
    """Return what turns a row into a letter."""

    def read(row: Row) -> Incoming:
        return _letter({name: row.cells.get(header) for name, header in found.items() if name not in UNUSED}, place)

    return read


def _letter(cell: dict[str, Any], place: Place) -> Incoming:
    key = cells.words(cell["id"], most=60, least=1, field="id")
    title = cells.words(cell["title"], most=TITLE, least=1, field="title")
    text = cells.prose(cell["text"], most=TEXT, least=1, field="text")
    reply = cells.prose(cell["reply"], most=REPLY, least=1, field="reply")
    received, _day_only = cells.moment(cell["received"], field="received")
    answered, day_only = cells.moment(cell["answered"], field="answered")
    if day_only and answered.date() == received.date():
        # A reply of which only the day is known cannot be older than the letter of that day.
        answered = max(answered, received)
    if answered < received:
        raise BadInput(_("The reply is older than the letter."), field="answered", code="wrong_order")
    return Incoming(
        source=f"{place.prefix}:{key}",
        kind=_kind(cell.get("kind"), title),
        channel=Case.Channel.IMPORT,
        title=title,
        text=text,
        received_at=received,
        language="zh-hans" if HAN.search(title + text) else "en",
        reply=reply,
        answered_at=answered,
        concluded_at=answered,
        unit_id=_named(cell.get("unit"), place.units, "unit") or place.unit_id,
        mailbox=_named(cell.get("mailbox"), place.mailboxes, "mailbox") or place.mailbox,
        category=_named(cell.get("category"), place.categories, "category"),
        place=cells.words(cell.get("place"), most=PLACE, field="place"),
        published=True,
    )


def _named(value: Any, known: dict[str, Found], field: str) -> Found | None:
    """Return what a name in a column stands for; an empty cell stands for nothing. Raises BadInput."""
    name = cells.words(value, most=200, field=field)
    if name and name.casefold() not in known:
        raise BadInput(_("“%(name)s” is not known here.") % {"name": name}, field=field, code="unknown_name")
    return known[name.casefold()] if name else None


def _kind(value: Any, title: str) -> str:
    """Return the kind that the file names, or what the title sounds like.

    A published letter is never a report of wrongdoing in our sense: such reports are confidential by law.
    """
    named = cells.words(value, most=60, field="kind").casefold()
    for kind in Case.Kind:
        if named and named in (kind.value, str(kind.label).casefold()) and kind != Case.Kind.REPORT:
            return kind.value
    return next((kind.value for kind, sound in KINDS if sound.search(named or title)), Case.Kind.HELP_REQUEST.value)
