"""A handbook for tests."""

from pathlib import Path
from typing import Any

from wiki.models import URLPath

from accounts.viewers import Viewer, person_viewer
from tests import make
from wiki.knowledge import actions, queries
from wiki.knowledge.models import Proposal

# Two pages in both languages: laying the thirty that are shipped takes longer than most tests.
STARTER = Path(__file__).with_name("handbook")


def writer() -> Viewer:
    """Return an official of the housing office, who may write."""
    return person_viewer(make.official("olga"))


def home() -> Any:
    """Return the first page of a small English handbook, laid if need be."""
    actions.load_handbook(starter=STARTER)
    return URLPath.objects.get(slug="en", level=1)


def page(slug: str = "water-bill", by: Viewer | None = None, **named: Any) -> queries.Shown:
    """Return a new page below the English handbook."""
    by = by or writer()
    given = {"title": "Water bill", "text": "How to read your **water** bill.", "language": "en"} | named
    actions.create_page(by=by, parent_id=home().pk, slug=slug, **given)
    return queries.page_at(by, f"en/{slug}/")


def reviewer() -> Viewer:
    """Return an official of the housing office who reviews."""
    return person_viewer(make.official("rita", "reviewer"))


def place(slug: str = "water-bill") -> Any:
    """Return the place with the address, read anew."""
    return URLPath.objects.get(slug=slug)


def proposed(shown: queries.Shown, by: Viewer | None = None, text: str = "Other words.", **more: Any) -> Proposal:
    """Return a change to the page that waits for review."""
    shown = queries.page_at(by or writer(), shown.path)
    return actions.propose_change(
        by=by or writer(),
        place_id=shown.place.pk,
        seen=shown.revision.pk,
        title=shown.revision.title,
        text=text,
        **more,
    )
