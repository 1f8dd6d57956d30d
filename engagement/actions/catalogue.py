"""Keeping the tree of categories in order."""

from __future__ import annotations

from django.db import transaction

from ..models import Category
from ..rules import BadInput

DEPTH = 3


@transaction.atomic
def place_category(*, category: Category) -> None:
    """Work out level and root of a saved category and of all below it. Raises BadInput below the third level."""
    parent = category.parent
    above = parent
    while above is not None:
        if above.pk == category.pk:
            raise BadInput(field="parent", code="circle")
        above = above.parent
    category.level = parent.level + 1 if parent else 1
    if category.level > DEPTH:
        raise BadInput(field="parent", code="too_deep")
    category.root = (parent.root or parent) if parent else category
    category.save(update_fields=["level", "root"])
    for child in category.children.all():
        place_category(category=child)
