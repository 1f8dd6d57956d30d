"""What happens to persons, units and posts, by name."""

from ..rates import give_back, limit_rate, over_rate
from .mail import ask_to_confirm, confirm_email, send_reset
from .people import (
    change_details,
    change_password,
    erase_person,
    register_citizen,
    set_active,
    sign_out_everywhere,
    signed_out,
)
from .posts import add_post, end_post, place_unit
from .recording import account_looked_at, exported, note, sign_in_failed, signed_in, subject_of
from .resealing import reseal, seals
from .retaining import retain

__all__ = [
    "account_looked_at",
    "add_post",
    "ask_to_confirm",
    "change_details",
    "change_password",
    "confirm_email",
    "end_post",
    "erase_person",
    "exported",
    "give_back",
    "limit_rate",
    "note",
    "over_rate",
    "place_unit",
    "register_citizen",
    "reseal",
    "retain",
    "seals",
    "send_reset",
    "set_active",
    "sign_in_failed",
    "sign_out_everywhere",
    "signed_in",
    "signed_out",
    "subject_of",
]
