"""The pages of accounts."""

from .account import account, change, confirm_email, erase, password, sign_out_everywhere
from .reset import reset, reset_confirm
from .signing import locked_out, sign_in, sign_out, sign_up

__all__ = [
    "account", "change", "confirm_email", "erase", "locked_out", "password", "reset", "reset_confirm", "sign_in",
    "sign_out", "sign_out_everywhere", "sign_up",
]  # fmt: skip
