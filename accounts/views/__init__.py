"""The pages of accounts."""

from .account import account, change, confirm_email, password, sign_out_everywhere
from .own_data import erase, export, own_data
from .reset import reset, reset_confirm
from .signing import locked_out, sign_in, sign_out, sign_up

__all__ = [
    "account", "change", "confirm_email", "erase", "export", "locked_out", "own_data", "password", "reset",
    "reset_confirm", "sign_in",
    "sign_out", "sign_out_everywhere", "sign_up",
]  # fmt: skip
