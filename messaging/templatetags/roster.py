"""What the roster's template cannot say by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def at_key(found: Mapping[Any, Any], key: Any) -> Any:
    """Return what the mapping holds under the key, None for nothing."""
    return found.get(key)


@register.filter
def till(at: datetime) -> str:
    """Return the time at which a shift ends: one that ends at midnight ends at 24:00 of its own day."""
    said = timezone.localtime(at).strftime("%H:%M")
    return "24:00" if said == "00:00" else said
