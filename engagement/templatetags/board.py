"""What the templates of the supervision desk need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from engagement.models import Judgement

register = template.Library()


@register.filter
def at(table: Mapping[str, Any], key: str) -> Any:
    """Return what the table holds under the key, None for nothing."""
    return table.get(key)


@register.filter
def mark_said(mark: str) -> str:
    """Return a reviewer's mark in the reader's words."""
    return str(dict(Judgement.Mark.choices).get(mark, "–"))
