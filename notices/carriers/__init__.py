"""Carriers bring a delivery to its address: by mail, by SMS, or onto the demo's screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Parcel:
    """One delivery, opened for its carrier; `reference` is the same on each try and names it to the other side."""

    pk: int
    attempt: int
    address: str
    language: str
    subject: str
    body: str
    created_at: datetime
    attempted_at: datetime
    reference: str


@dataclass(frozen=True)
class Sent:
    """The other side has taken it over, under this id."""

    provider_id: str = ""


@dataclass(frozen=True)
class NotTaken:
    """The other side has provably not taken it: it may be sent again, not before `after` seconds if given."""

    reason: str
    after: float | None = None


@dataclass(frozen=True)
class Refused:
    """The other side will never take it."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """It may or may not have been taken."""

    reason: str


Outcome = Sent | NotTaken | Refused | Unknown
Report = Callable[[Parcel, Outcome], None]


class Carrier(Protocol):
    """What the outbox asks of a carrier."""

    # How many parcels it takes at once.
    batch: int

    def carry(self, parcels: Sequence[Parcel], report: Report) -> None:
        """Bring the parcels, reporting the outcome of each as soon as it is known; what is not reported is unknown."""

    def trace(self, parcel: Parcel, claimed: Callable[[str], bool], at: datetime) -> Outcome:
        """Find out what became of a parcel of unknown fate; NotTaken says that sending it again is safe.

        `claimed` tells whether a provider's id already belongs to another delivery; `at` is the present moment.
        """
