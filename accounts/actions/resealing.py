"""Changing the master key while the house runs: what the old one sealed is sealed anew, row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import import_string

from ..sealing import SealBroken, is_newest, resealed
from .recording import note

BATCH = 500


def sealed_rows() -> Iterator[tuple[str, models.Model, str, str]]:
    """Yield (place, row, field, context) of everything that a master key has sealed.

    A model says so itself by SEALED: field and context, in which "{0}" stands for the row.
    """
    for model in apps.get_models():
        for field, context in getattr(model, "SEALED", {}).items():
            place = f"{model._meta.app_label}.{model.__name__}.{field}"
            for row in _rows(model, field, context):
                yield place, row, field, context.format(row)


def _rows(model: type[models.Model], field: str, context: str) -> Iterator[models.Model]:
    # "{0.case.number}" asks for the row's case.
    joined = re.findall(r"\{0\.(\w+)\.", context)
    rows = model._default_manager.exclude(**{f"{field}__isnull": True}).select_related(*joined).order_by("pk")
    last = 0
    while page := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from page
        last = page[-1].pk


def seals() -> Counter[tuple[str, bool]]:
    """Return how many rows of each place the newest key (True) or an older one (False) has sealed."""
    return Counter((place, is_newest(getattr(row, field))) for place, row, field, _context in sealed_rows())


def reseal(report: Callable[[str], object] = lambda line: None) -> tuple[int, int]:
    """Seal by the newest key whatever an older one has sealed; return how many were, and how many no key opens.

    Safe while people work and when it is interrupted: a row that changed meanwhile is left for the next run.
    """
    done = broken = 0
    for place, row, field, context in sealed_rows():
        old: Any = getattr(row, field)
        if is_newest(old):
            continue
        try:
            new = resealed(old, context)
        except SealBroken as error:
            broken += 1
            report(f"{place} {row.pk}: {error}")
            continue
        done += type(row)._default_manager.filter(pk=row.pk, **{field: bytes(old)}).update(**{field: new})
    for path in settings.RESEAL_ALSO:
        more, lost = import_string(path)()
        done, broken = done + more, broken + lost
    with transaction.atomic():
        note("keys.rotated", rows=done, broken=broken)
    return done, broken
