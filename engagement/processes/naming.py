"""What a process's actions, limits, norms and marks are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .definition import ASSIST, CLOCK, LEAD, Act

NORMS: dict[str, Any] = {
    "yellow_percent": gettext_lazy("Yellow light at this share of the time, %"),
    "reopen_days": gettext_lazy("Days in which a case can be reopened"),
    "most_rounds": gettext_lazy("Rounds at most"),
    "extension_days": gettext_lazy("Working days of extension at most"),
    "urge_hours": gettext_lazy("Hours between two reminders of the citizen"),
}
OFFICES: dict[str, Any] = {
    "home": gettext_lazy("where it came in"),
    "unit": gettext_lazy("the unit in charge"),
    "mailbox": gettext_lazy("the leader's own"),
    "integrity": gettext_lazy("the integrity unit"),
}
MODES: dict[str, Any] = {
    "all": gettext_lazy("several, all must be done"),
    "any": gettext_lazy("several, one is enough"),
    "lead": gettext_lazy("several, the lead decides"),
}
FLAGS: dict[str, Any] = {
    "claim": gettext_lazy("makes it one's own"),
    "reassign": gettext_lazy("gives it to a colleague"),
    "interrupt": gettext_lazy("takes it from the other units"),
    "waits": gettext_lazy("only when the other units are done"),
    "once": gettext_lazy("only once"),
}
NEEDS: dict[str, Any] = {
    "text": gettext_lazy("words needed"),
    "reason": gettext_lazy("reason needed"),
    "question": gettext_lazy("question needed"),
    "unit": gettext_lazy("unit needed"),
    "ground": gettext_lazy("ground needed"),
    "score": gettext_lazy("mark needed"),
}
FIELD_KINDS: dict[str, Any] = {
    "line": gettext_lazy("one line"),
    "text": gettext_lazy("several lines"),
    "number": gettext_lazy("whole number"),
    "date": gettext_lazy("date"),
    "yes": gettext_lazy("yes or no"),
}


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


def limit_said(limit: Mapping[str, Any]) -> str:
    """Return a time limit in words."""
    if "minutes" in limit:
        number = int(limit["minutes"])
        return ngettext("%(n)d minute", "%(n)d minutes", number) % {"n": number}
    if "days" in limit:
        number = int(limit["days"])
        return ngettext("%(n)d working day", "%(n)d working days", number) % {"n": number}
    if "calendar_days" in limit:
        number = int(limit["calendar_days"])
        return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}
    return _("the case's time") if "case" in limit else ""


def part_said(part: str) -> str:
    """Return who may do something: which of several units, or the clock; "" for whoever has the case."""
    return {LEAD: _("the lead unit"), ASSIST: _("assisting units"), CLOCK: _("the clock")}.get(part, "")
