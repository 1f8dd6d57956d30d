"""What the roster's template cannot say by itself."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at_key(found: Mapping[Any, Any], key: Any) -> Any:
    """Return what the mapping holds under the key, None for nothing."""
    return found.get(key)
