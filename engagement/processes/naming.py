"""What actions are called in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .definition import Act


def act_label(code: str, act: Act | None = None) -> str:
    """Return what an action is called: by its process, or as every process calls it."""
    labels = {
        "accept": _("Accept"),
        "refuse": _("Refuse"),
        "ask": _("Ask the citizen"),
        "dispatch": _("Dispatch"),
        "sign": _("Sign for"),
        "return": _("Return"),
        "transfer": _("Transfer"),
        "submit": _("Reply"),
        "approve": _("Approve the reply"),
        "sign_off": _("Sign the reply"),
        "send_back": _("Send back"),
        "answer": _("The citizen answers"),
        "rate": _("The citizen rates"),
        "reply_now": _("Answer at once"),
        "tell_missing": _("Tell what is missing"),
        "lapse": _("No answer in time"),
        "conclude": _("Conclude without a rating"),
        "withdraw": _("The citizen takes it back"),
        "reopen": _("The citizen reopens it"),
        "join": _("when its units are done"),
    }
    return (act.label if act else "") or labels.get(code, code)
