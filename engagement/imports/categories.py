"""Category trees of up to three levels, one path a row; merged and blank cells repeat what stands above."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from ..models import Category
from ..rules import BadInput
from . import cells
from .runs import Report
from .sheets import Row

LEVELS = 3
NAME = 120
# Headings of the three levels; a file with other headings is read by the order of its first columns.
HEADINGS = (
    ("一级分类", "一级类别", "level 1"),
    ("二级分类", "二级类别", "level 2"),
    ("三级分类", "三级类别", "level 3"),
)


@dataclass
class Counted:
    """Rows read and refused; categories made and those that were there already."""

    read: int = 0
    bad: int = 0
    new: int = 0
    known: int = 0


def columns(headers: list[str]) -> list[str]:
    """Return the headers of the levels that the file has, first level first."""
    named = [next((head for head in headers if head.casefold() in known), "") for known in HEADINGS]
    return [head for head in named if head] or [head for head in headers if head][:LEVELS]


@transaction.atomic
def store(rows: Iterable[Row], levels: list[str], report: Report) -> Counted:
    """Make the categories that are not there yet; the same file again changes nothing."""
    counted = Counted()
    known = {category.code: category for category in Category.objects.all()}
    before = len(known)
    above: list[str] = []
    used: set[str] = set()
    for row in rows:
        counted.read += 1
        try:
            above = _path(row, levels, above)
        except BadInput as broken:
            counted.bad += 1
            report.add(row, str(broken))
            continue
        for depth in range(1, len(above) + 1):
            used.add(_ensure(tuple(above[:depth]), known).code)
    counted.new = len(known) - before
    counted.known = len(used) - counted.new
    return counted


def _path(row: Row, levels: list[str], above: list[str]) -> list[str]:
    """Return the row's names from the first level down, blank leading cells filled from the row above.

    Raises BadInput when a level is left out.
    """
    names = [cells.words(row.cells.get(head), most=NAME, field=head) for head in levels]
    first = next((place for place, name in enumerate(names) if name), None)
    if first is None:
        raise BadInput(_("The row names no category."), code="empty")
    path = above[:first] + names[first:]
    while path and not path[-1]:
        path.pop()
    if len(above) < first or not all(path):
        raise BadInput(_("A level above is missing."), code="gap")
    return path


def _ensure(path: tuple[str, ...], known: dict[str, Category]) -> Category:
    code = code_of(path)
    if code not in known:
        parent = _ensure(path[:-1], known) if len(path) > 1 else None
        made = Category(name=path[-1], code=code, parent=parent, level=len(path))
        made.root = parent.root if parent else None
        made.save()
        if parent is None:
            # A first level is its own root, so that figures need no recursion.
            Category.objects.filter(pk=made.pk).update(root=made)
            made.root_id = made.pk
        known[code] = made
    return known[code]


def code_of(path: tuple[str, ...]) -> str:
    """Return the code of a category that comes without one: the same names always give the same code."""
    digest = hashlib.sha256("/".join(path).encode()).hexdigest()
    return f"i{len(path)}-{digest[:16]}"
