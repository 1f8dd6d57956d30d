"""What the templates of the supervision desk need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from engagement.models import Judgement
from engagement.queries.board import CELLS, Row

register = template.Library()


@register.filter
def at(table: Mapping[str, Any], key: str) -> Any:
    """Return what the table holds under the key, None for nothing."""
    return table.get(key)


@register.simple_tag
def counted(rows: Sequence[Row], labels: Mapping[str, Any], address: str) -> list[tuple[Row, SafeString]]:
    """Return each line of the board with its counts as cells, each the way to its cases: `address` and the row's key.

    A city has thousands of them, so what is the same down a column is made once.
    """
    columns = []
    for key in CELLS:
        label, light = str(labels[key]), f' class="light light-{key}"' if key in ("red", "yellow") else ""
        start = format_html('<td class="digits cell-{}" data-label="{}">', key, label)
        begin = format_html('{}<a href="{}', start, address)
        middle = format_html('&amp;what={}"{}>', key, mark_safe(light))  # noqa: S308 - our own words
        end = format_html('<span class="visually-hidden"> {}</span></a></td>', label)
        columns.append((key, begin, middle, end, f'{start}<span class="none">0</span></td>'))
    return [
        (row, mark_safe("".join(  # noqa: S308 - parts that are escaped, numbers, and the key, which is one or "none"
            f"{begin}{row.key}{middle}{intcomma(row.counts[key])}{end}" if row.counts[key] else none
            for key, begin, middle, end, none in columns
        )))
        for row in rows
    ]  # fmt: skip


@register.filter
def mark_said(mark: str) -> str:
    """Return a reviewer's mark in the reader's words."""
    return str(dict(Judgement.Mark.choices).get(mark, "–"))
