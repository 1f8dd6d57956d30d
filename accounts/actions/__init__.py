"""What happens to persons, units and posts, by name."""

from ..rates import limit_rate, over_rate
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

__all__ = [
    "add_post",
    "ask_to_confirm",
    "change_details",
    "change_password",
    "confirm_email",
    "end_post",
    "erase_person",
    "limit_rate",
    "over_rate",
    "place_unit",
    "register_citizen",
    "send_reset",
    "set_active",
    "sign_out_everywhere",
    "signed_out",
]
