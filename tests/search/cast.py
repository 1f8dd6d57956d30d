"""Documents that the search tests look for."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from search import actions

START = datetime(2026, 3, 1, 9, tzinfo=timezone.get_default_timezone())


def document(
    ref: str, title: str, text: str = "", *, days: int = 0, audience: str = "public", room: str = "case", **more: Any
) -> None:
    """Put a text into the index, `days` after START."""
    actions.index(
        room=room,
        ref=ref,
        title=title,
        text=text,
        url=f"/letters/{ref}/",
        at=START + timedelta(days=days),
        audience=audience,
        **more,
    )


def told() -> list[actions.Text]:
    """Return what a room tells when the index is built anew."""
    return [
        actions.Text("case", f"told-{number}", "Told again", "", f"/letters/{number}/", START + timedelta(days=number))
        for number in range(2)
    ]
