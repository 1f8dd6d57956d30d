"""The demo's carrier: marks everything as sent and leaves it to the page /demo/outbox/ to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from . import Outcome, Parcel, Report, Sent


class Screen:
    """Sends nothing anywhere."""

    batch = 100

    def carry(self, parcels: Sequence[Parcel], report: Report) -> None:
        """Report each as sent."""
        for parcel in parcels:
            report(parcel, Sent())

    def trace(self, parcel: Parcel, claimed: Callable[[str], bool], at: datetime) -> Outcome:
        """Say that it was shown: the row itself is what the page shows."""
        return Sent()
