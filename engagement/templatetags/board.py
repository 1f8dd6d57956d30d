"""What the templates of the supervision desk need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(table: Mapping[str, Any], key: str) -> Any:
    """Return what the table holds under the key, None for nothing."""
    return table.get(key)
