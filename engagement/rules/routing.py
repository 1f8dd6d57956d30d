"""Which letters a routing rule catches: comparisons of what the letter says with what the rule names, nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.rules import BadInput

from ..models import Case, RoutingRule

MOST_LINES, MOST_CORNERS = 200, 200


@dataclass(frozen=True)
class Letter:
    """What rules look at: `categories` are the category and those above it, `working` whether it came in hours."""

    kind: str
    channel: str
    title: str = ""
    text: str = ""
    place: str = ""
    point: tuple[float, float] | None = None
    categories: frozenset[int] = frozenset()
    working: bool = True


def catches(rule: RoutingRule, letter: Letter) -> bool:
    """Return whether every condition that the rule names is true of the letter."""
    return not missing(rule, letter)


def missing(rule: RoutingRule, letter: Letter) -> list[str]:
    """Return in plain words which conditions of the rule the letter does not meet; [] when the rule catches it."""
    place = _place_fits(rule, letter)
    checks = (
        (not rule.kinds or letter.kind in rule.kinds, _("another kind")),
        (not rule.channels or letter.channel in rule.channels, _("another channel")),
        (rule.category_id is None or rule.category_id in letter.categories, _("another subject")),
        (not rule.words or _has_any(rule.words, f"{letter.title}\n{letter.text}\n{letter.place}"), _("other words")),
        (place, _("another place")),
        (not rule.hours or (rule.hours == RoutingRule.Hours.WORKING) == letter.working, _("another time")),
    )
    return [said for fits, said in checks if not fits]


def _place_fits(rule: RoutingRule, letter: Letter) -> bool:
    """A list of places and an area on the map are two ways to say where: one of them is enough."""
    if not rule.areas and not rule.polygon:
        return True
    named = bool(rule.areas) and _has_any(rule.areas, letter.place)
    return named or (letter.point is not None and inside(letter.point, rule.polygon))


def _has_any(lines: str, text: str) -> bool:
    low = text.casefold()
    return any(line.strip().casefold() in low for line in lines.splitlines() if line.strip())


def inside(point: tuple[float, float], corners: Sequence[Sequence[float]]) -> bool:
    """Return whether the point lies in the area; a ray to the east crosses its border an odd number of times."""
    latitude, longitude = point
    odd = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if (lat_a > latitude) != (lat_b > latitude):
            crossing = lon_a + (latitude - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            odd ^= longitude < crossing
    return odd


def check_lines(value: str, field: str) -> str:
    """Return a list, one entry a line, without empty lines and doubles. Raises BadInput for too many."""
    lines = list(dict.fromkeys(line.strip() for line in value.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise BadInput(_("At most %(n)d lines, please.") % {"n": MOST_LINES}, field=field, code="too_many")
    return "\n".join(lines)


def check_polygon(value: Any) -> list[list[float]]:
    """Return the corners of an area on the map. Raises BadInput for anything that is none."""
    if value in (None, "", []):
        return []
    broken = BadInput(
        _("An area has at least three corners, one a line: latitude, longitude."), field="polygon", code="bad_polygon"
    )
    if not isinstance(value, list) or not 3 <= len(value) <= MOST_CORNERS:
        raise broken
    for corner in value:
        numbers = isinstance(corner, list | tuple) and len(corner) == 2
        if not numbers or not all(isinstance(each, int | float) and not isinstance(each, bool) for each in corner):
            raise broken
        if not all(math.isfinite(each) for each in corner) or abs(corner[0]) > 90 or abs(corner[1]) > 180:
            raise broken
    return [[float(latitude), float(longitude)] for latitude, longitude in value]


def corners_of(words: str) -> list[list[float]]:
    """Return the corners that somebody wrote or pasted: one a line "latitude, longitude", or a GeoJSON polygon.

    Of GeoJSON the outer border of the first polygon counts; it names longitude first and repeats its first corner.
    Raises ValueError for what is neither.
    """
    if words.lstrip()[:1] == "{":
        try:
            border = _border(json.loads(words))
            corners = [[float(each[1]), float(each[0])] for each in border]
        except (TypeError, KeyError, IndexError, RecursionError, AttributeError) as error:
            raise ValueError("no polygon") from error
        return corners[:-1] if len(corners) > 3 and corners[0] == corners[-1] else corners
    lines = [line for line in words.splitlines() if line.strip()]
    return [[float(part) for part in line.replace("，", ",").split(",")] for line in lines]


def _border(shape: Any) -> Any:
    if shape["type"] == "FeatureCollection":
        return _border(shape["features"][0])
    if shape["type"] == "Feature":
        return _border(shape["geometry"])
    if shape["type"] == "MultiPolygon":
        return shape["coordinates"][0][0]
    if shape["type"] != "Polygon":
        raise ValueError("no polygon")
    return shape["coordinates"][0]


def check_several(values: Any, choices: Sequence[str], field: str) -> list[str]:
    """Return those of the choices that were ticked, in their order. Raises BadInput for anything else."""
    if not isinstance(values, list | tuple) or not set(map(str, values)) <= set(choices):
        raise BadInput(_("Please choose from the list."), field=field, code="not_a_choice")
    return [each for each in choices if each in values]


KINDS = [kind for kind in Case.Kind.values if kind != Case.Kind.REPORT]
