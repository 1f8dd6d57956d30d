"""Who else wrote about the same matter: offered while one writes, without a word of what they wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from ..models import Case, Category, Tie

SALT = "engagement.join"
# Matters of the last so many days; a place on the map is the same within some 300 m.
DAYS = 90
NEAR = 0.003


@dataclass(frozen=True)
class Offer:
    """A matter one may join: how many are on it, and in the writer's own words what it is about and where."""

    token: str
    people: int
    category: str
    place: str


def matter_to_join(
    category: Category | None,
    place: str,
    latitude: float | None = None,
    longitude: float | None = None,
    at: datetime | None = None,
) -> Offer | None:
    """Return the open public matter of the same category at the same place that most people are on, if there is one.

    Nothing of what others wrote is told: an unpublished letter is nobody else's to read.
    """
    place = place.strip()
    if category is None or not (place or latitude is not None):
        return None
    moment = at or timezone.now()
    here = Q(place=place) if place else Q(pk__in=[])
    if latitude is not None and longitude is not None:
        here |= Q(
            latitude__range=(latitude - NEAR, latitude + NEAR), longitude__range=(longitude - NEAR, longitude + NEAR)
        )
    found = (
        Case.objects.filter(
            here, category=category, public=True, confidential=False, answered_at__isnull=True,
            concluded_at__isnull=True, accepted_at__isnull=False, received_at__gt=moment - timedelta(days=DAYS),
            tie__isnull=True,
        )
        .order_by("-joined", "pk")
        .first()
    )  # fmt: skip
    if found is None:
        return None
    return Offer(signing.dumps(found.pk, salt=SALT), found.joined + 1, category.label, place)


def tie_of(case: Case) -> Tie | None:
    """Return what the case hangs on, None for a case by itself."""
    return Tie.objects.filter(case=case).select_related("lead", "lead__unit").first()
