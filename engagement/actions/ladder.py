"""The table of the ladder of escalation, which late tasks climb: what is on it and how it is changed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import rules
from ..models import Rung
from ..queries.hours import may_edit_ladder

# What a new house starts with, above the lights that remind: urge, supervise, escalate to the unit above.
SHIPPED: tuple[tuple[int, str, str, int, list[str], list[str], str], ...] = (
    (1, "催办", "Urge", 7, ["doer", "reviewer"], ["email"], Rung.Does.URGE),
    (2, "报督办员", "To the supervisors", 14, ["supervisor"], ["email"], Rung.Does.TELL),
    (3, "报上级单位", "To the unit above", 35, ["above", "leader"], ["email"], Rung.Does.TELL),
)
WHO = ("doer", "reviewer", "supervisor", "leader", "above")
CHANNELS = ("email", "sms")


def load_ladder() -> int:
    """Write the ladder that comes with the software into a house that has none; return how many rungs there are."""
    if not Rung.objects.exists():
        Rung.objects.bulk_create(
            Rung(level=level, name=name, name_en=english, hours=hours, tells=tells, channels=how, does=does)
            for level, name, english, hours, tells, how, does in SHIPPED
        )
    return Rung.objects.count()


def first_rung() -> timedelta | None:
    """Return the least wall time past the due time in which a rung can be reached; None without a ladder."""
    hours = Rung.objects.filter(active=True).order_by("hours").values_list("hours", flat=True).first()
    return None if hours is None else timedelta(hours=hours)


@transaction.atomic
def save_rung(
    *,
    by: Viewer,
    level: int,
    name: str,
    hours: int,
    tells: list[str],
    channels: list[str],
    does: str,
    active: bool = True,
) -> Rung:
    """Write one row of the ladder; timers follow it from their next step on. Raises NotFound, BadInput."""
    if not may_edit_ladder(by):
        raise rules.NotFound()
    rules.check_whole(level, 1, 20, "level")
    rules.check_whole(hours, 1, 2000, "hours")
    rules.check_choice(does, Rung.Does.values, "does")
    for who in tells:
        rules.check_choice(who, list(WHO), "tells")
    for channel in channels:
        rules.check_choice(channel, list(CHANNELS), "channels")
    if not tells:
        raise rules.BadInput(_("Somebody must be told."), field="tells", code="too_short")
    words = rules.clean_text(name, most=80, least=1, field="name", newlines=False)
    rung, _new = Rung.objects.update_or_create(
        level=level,
        defaults={
            "name": words, "name_en": words if words.isascii() else "", "hours": hours,
            "tells": list(dict.fromkeys(tells)), "channels": list(dict.fromkeys(channels)), "does": does,
            "active": active,
        },
    )  # fmt: skip
    return rung


@transaction.atomic
def drop_rung(*, by: Viewer, level: int) -> None:
    """Take a row off the ladder. Raises NotFound."""
    if not may_edit_ladder(by) or not Rung.objects.filter(level=level).delete()[0]:
        raise rules.NotFound()
