"""What a refusal looks like here, and the checks of what people enter."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.rules import (
    BadInput,
    Conflict,
    NotFound,
    NotYours,
    RuleBroken,
    TooMany,
    WrongStatus,
    clean_text,
)

TITLE = 200
TEXT = 20_000
WORDS = 2_000
REASON = 2_000
PLACE = 200
REPLY = 20_000

# Crockford's base 32: no I, L, O and U, so that nobody misreads a number on paper.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 10
CODE_LENGTH = 16
WANTS = ("email", "sms", "phone", "none")

CURSOR = re.compile(r"(\d{4}-\d\d-\d\dT[0-9:.+]{8,30})_(\d{1,18})")
CLOSED = frozenset({"not_accepted", "concluded", "archived", "withdrawn", "terminated", "merged"})


class WrongCode(NotFound):
    """The number or the access code is wrong; which of the two is never said."""

    code = "wrong_code"

    def sentence(self) -> str:
        """Say that the pair does not match."""
        return _("This number and access code do not belong together.")


class BeyondCalendar(RuleBroken):
    """The moment lies outside the years that the calendar's table holds; nothing is guessed."""

    status = 409
    code = "beyond_calendar"

    def sentence(self) -> str:
        """Say that the calendar ends before."""
        return _("The working calendar does not reach that far.")


def grouped(signs: str) -> str:
    """Return a number or code in groups, easier to read aloud and to copy from paper: "K7QM2-FXP9T"."""
    size = 4 if len(signs) % 5 else 5
    return "-".join(signs[place : place + size] for place in range(0, len(signs), size))


def plain_number(value: Any) -> str:
    """Return a case number or access code as it is stored: upper case, no dashes, O read as 0, I and L as 1."""
    if not isinstance(value, str) or len(value) > 64:
        return ""
    plain = re.sub(r"[\s\-]", "", value).upper().translate(str.maketrans("OIL", "011"))
    return plain if plain and all(sign in SIGNS for sign in plain) else ""


def cursor_of(after: Any) -> tuple[datetime, int] | None:
    """Return the time and the id that a list's cursor "<ISO time>_<id>" names; None for none and for nonsense."""
    matched = CURSOR.fullmatch(after) if isinstance(after, str) else None
    try:
        moment = datetime.fromisoformat(matched[1]) if matched else None
    except ValueError:
        return None
    return (moment, int(matched[2])) if matched and moment and moment.tzinfo else None


def check_choice(value: Any, choices: list[str], field: str) -> str:
    """Return `value` if it is one of `choices`. Raises BadInput."""
    if not isinstance(value, str) or value not in choices:
        raise BadInput(_("Please choose one of the answers."), field=field, code="not_a_choice")
    return value


def check_whole(value: Any, least: int, most: int, field: str) -> int:
    """Return `value` if it is a whole number from `least` to `most`. Raises BadInput."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadInput(
            _("A whole number from %(least)d to %(most)d, please.") % {"least": least, "most": most},
            field=field,
            code="not_in_range",
        )
    return value


def check_point(latitude: Any, longitude: Any) -> tuple[float | None, float | None]:
    """Return the place on the map, or two Nones. Raises BadInput for half a place or one that is not on Earth."""
    if latitude is None and longitude is None:
        return None, None
    for value, most in ((latitude, 90), (longitude, 180)):
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
            or abs(value) > most
        ):
            raise BadInput(_("This is not a place on the map."), field="place", code="bad_place")
    return float(latitude), float(longitude)


def check_future(value: Any, at: datetime, field: str, most_days: int = 400) -> datetime:
    """Return a due time given by hand. Raises BadInput if it is not ahead, or more than `most_days` ahead."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadInput(_("Please give a date and time."), field=field, code="not_a_time")
    if not at < value <= at + timedelta(days=most_days):
        raise BadInput(_("Please give a time that lies ahead."), field=field, code="past_time")
    return value


def check_contact(contact: Any) -> dict[str, str]:
    """Return name, phone, email and the wished way of being told. Raises BadInput naming the field."""
    if contact is not None and not isinstance(contact, dict):
        raise BadInput(field="contact")
    given = contact or {}
    name = clean_text(given.get("name") or "", most=80, field="name", newlines=False)
    phone = re.sub(r"[\s\-()]", "", clean_text(given.get("phone") or "", most=40, field="phone", newlines=False))
    email = clean_text(given.get("email") or "", most=254, field="email", newlines=False)
    wants = given.get("wants") or ("email" if email else "none")
    if phone and not re.fullmatch(r"\+?[0-9]{5,20}", phone):
        raise BadInput(_("This is not a telephone number."), field="phone", code="bad_phone")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise BadInput(_("This is not an e-mail address."), field="email", code="bad_email") from None
    check_choice(wants, list(WANTS), "wants")
    if wants == "email" and not email:
        raise BadInput(_("Please give the e-mail address to write to."), field="email", code="no_email")
    if wants in ("sms", "phone") and not phone:
        raise BadInput(_("Please give the number to reach you."), field="phone", code="no_phone")
    return {"name": name, "phone": phone, "email": email, "wants": wants}


def files_full() -> str:
    """Return what somebody reads whose file no longer fits into the case."""
    return _("All files of a case together may have 50 MB.")


__all__ = [
    "BadInput",
    "BeyondCalendar",
    "Conflict",
    "NotFound",
    "NotYours",
    "RuleBroken",
    "TooMany",
    "WrongCode",
    "WrongStatus",
    "clean_text",
]
