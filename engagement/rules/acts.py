"""Tables and limits of the acts around the graph; every norm is a setting or a row, quoted with its default."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.rules import BadInput, WrongStatus

# Causes for which an office may stop its own clock; a question to the citizen is a step of its own.
PAUSES = ("expert", "authority", "works", "force", "other")
# One pause of the office's own asking lasts this many days at most; a longer one is a promise.
PAUSE_DAYS = 60
# Working days a unit has to answer an order, unless the supervisor says otherwise, and at most.
ORDER_DAYS, ORDER_DAYS_MOST = 2, 30
# Cases that one press of a button reaches.
MOST_AT_ONCE = 100
# Supervisors may urge again after so many hours, so that nobody presses ten times.
URGE_AGAIN = timedelta(hours=4)
POINTS = 20
PARTS = 10
# Days after which a citizen's request for another look is due, in working days.
REVIEW_DAYS = 5
REVIEW_LEVELS = 2
# Calls that nobody picked up are tried again after a day, three times in all.
CALLBACK_TRIES = 3
CALLBACK_AGAIN = timedelta(days=1)
REACHED = ("solved", "partly", "unsolved", "refused")


def check_days(value: Any, most: int, field: str = "days") -> int:
    """Return a number of days from 1 to `most`. Raises BadInput, WrongStatus when nothing is left of the norm."""
    if most < 1:
        raise WrongStatus(_("The time has been extended as far as the rules allow."), code="no_days_left")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise BadInput(
            _("A whole number of working days from 1 to %(most)d, please.") % {"most": most},
            field=field,
            code="not_in_range",
        )
    return value


def check_until(value: Any, at: datetime, field: str = "until") -> datetime:
    """Return the planned end of a pause. Raises BadInput if it is not ahead or too far."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadInput(_("Please give a date and time."), field=field, code="not_a_time")
    if not at < value <= at + timedelta(days=PAUSE_DAYS):
        raise BadInput(_("A pause ends within %(days)d days.") % {"days": PAUSE_DAYS}, field=field, code="not_in_range")
    return value


def check_ids(values: Any) -> list[str]:
    """Return the chosen case numbers. Raises BadInput for none, for too many, and for what is no list of words."""
    if not isinstance(values, list) or not all(isinstance(each, str) and len(each) <= 20 for each in values):
        raise BadInput(field="cases")
    chosen = list(dict.fromkeys(values))
    if not chosen:
        raise BadInput(_("Please choose at least one case."), field="cases", code="too_short")
    if len(chosen) > MOST_AT_ONCE:
        raise BadInput(_("At most %(most)d cases at once.") % {"most": MOST_AT_ONCE}, field="cases", code="too_many")
    return chosen


def check_lines(text: str, most: int, each_most: int, field: str) -> list[str]:
    """Return the lines that say something. Raises BadInput for none, too many or too long ones."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(found) <= most:
        raise BadInput(
            _("From one to %(most)d lines, please: one for each point.") % {"most": most}, field=field, code="too_many"
        )
    if any(len(line) > each_most for line in found):
        raise BadInput(_("A line may have %(most)d characters.") % {"most": each_most}, field=field, code="too_long")
    return found


def level_of(joined: int) -> int:
    """Return how high so many joined citizens raise a case: 0, 1, 2 … by the numbers in the settings."""
    return sum(1 for least in settings.JOIN_LEVELS if joined >= least)


def is_ping_pong(returns: int) -> bool:
    """Return whether a case has been given back so often that the next decision binds."""
    return returns >= settings.RETURNS_MOST
