"""The city's own map: its areas, water, roads and named places, from a GeoJSON file that the installation gives."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from ..rules.routing import inside

# Areas from the smallest to the largest; the others are drawn and tell nothing about where something is.
AREAS = ("street", "district")
NOTHING = b'{"type": "FeatureCollection", "features": []}'


@dataclass(frozen=True)
class Area:
    """A part of the city with its border as corners (latitude, longitude)."""

    kind: str
    name: str
    name_en: str
    corners: tuple[tuple[float, float], ...]

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return (self.name_en if (get_language() or "").startswith("en") else "") or self.name


def has_map() -> bool:
    """Return whether the installation has a map of its own, or at least tiles to look at."""
    return bool(settings.MAP_FILE or settings.MAP_TILES)


def city_map() -> bytes:
    """Return the map as GeoJSON, as it is sent to browsers; without features where there is none."""
    return _read(*_state())[0]


def map_tag() -> str:
    """Return what changes when the map does, as an entity tag."""
    return f'"{_state()[1]:x}"'


def area_at(latitude: float | None, longitude: float | None) -> str:
    """Return the name of the smallest area around the point in the reader's language, "" outside of all."""
    if latitude is None or longitude is None:
        return ""
    found = (area for area in _read(*_state())[1] if inside((latitude, longitude), area.corners))
    smallest = min(found, key=lambda area: AREAS.index(area.kind), default=None)
    return smallest.label if smallest else ""


def areas() -> tuple[Area, ...]:
    """Return the areas of the city's map, none where there is no map."""
    return _read(*_state())[1]


@dataclass(frozen=True)
class Sketch:
    """An area drawn over the city's: what an SVG needs, north up."""

    view_box: str
    shape: str
    around: list[tuple[str, str]]


def sketch(corners: Sequence[Sequence[float]]) -> Sketch | None:
    """Return the drawing of an area (latitude, longitude) among those of the city's map, None of nothing."""
    if not corners:
        return None
    every = [*corners, *(corner for area in areas() for corner in area.corners)]
    middle = math.radians(sum(latitude for latitude, _longitude in every) / len(every))
    # Degrees of longitude are shorter than those of latitude by the cosine; thousandths keep the numbers short.
    wide = math.cos(middle) * 1000

    def points(line: Sequence[Sequence[float]]) -> str:
        return " ".join(f"{longitude * wide:.2f},{-latitude * 1000:.2f}" for latitude, longitude in line)

    west, east = min(each[1] for each in every) * wide, max(each[1] for each in every) * wide
    north, south = -max(each[0] for each in every) * 1000, -min(each[0] for each in every) * 1000
    margin = max(east - west, south - north) * 0.04 or 1
    box = f"{west - margin:.2f} {north - margin:.2f} {east - west + 2 * margin:.2f} {south - north + 2 * margin:.2f}"
    return Sketch(box, points(corners), [(area.label, points(area.corners)) for area in areas()])


def pin_said(latitude: float | None, longitude: float | None) -> str:
    """Return a pin in words, for those who read no map: its area, its coordinates outside of all; "" without a pin."""
    if latitude is None or longitude is None:
        return ""
    return area_at(latitude, longitude) or f"{latitude:.5f}, {longitude:.5f}"


def _state() -> tuple[str, int]:
    """Return the file and when it was last written: a new one is read without a restart."""
    path = str(settings.MAP_FILE)
    return path, Path(path).stat().st_mtime_ns if path else 0


@lru_cache(maxsize=2)
def _read(path: str, _written: int) -> tuple[bytes, tuple[Area, ...]]:
    if not path:
        return NOTHING, ()
    content = Path(path).read_bytes()
    areas = [_area(feature) for feature in json.loads(content)["features"] if feature["properties"]["kind"] in AREAS]
    return content, tuple(areas)


def _area(feature: dict[str, Any]) -> Area:
    known = feature["properties"]
    border = feature["geometry"]["coordinates"][0]
    corners = tuple((float(latitude), float(longitude)) for longitude, latitude in border)
    return Area(known["kind"], known.get("name", ""), known.get("name_en", ""), corners)
