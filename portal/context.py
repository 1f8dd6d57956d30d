"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def hall(request: HttpRequest) -> dict[str, Any]:
    """Return the viewer and the city's name."""
    return {"viewer": getattr(request, "viewer", None), "demo": settings.DEMO}
