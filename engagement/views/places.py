"""The city's map for the browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from engagement import queries


def _written(_request: HttpRequest) -> str:
    return queries.map_tag()


@require_safe
@condition(etag_func=_written)
def city_map(_request: HttpRequest) -> HttpResponse:
    """Return the map as GeoJSON; it is the same for everybody and seldom changes."""
    answer = HttpResponse(queries.city_map(), content_type="application/geo+json")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer
