"""What happens to talks, desks and duty: each act locks, checks, changes and records in one transaction."""

from .cases import claim_code, leave_message, make_case, turn_to_message
from .duty import heartbeat, note_presence, set_duty
from .queues import assign_waiting, sweep_queues
from .talks import end_talk, hand_back, open_talk, rate_talk, take_talk
from .words import mark_read, say, tell_source_changed

__all__ = [
    "assign_waiting",
    "claim_code",
    "end_talk",
    "hand_back",
    "heartbeat",
    "leave_message",
    "make_case",
    "mark_read",
    "note_presence",
    "open_talk",
    "rate_talk",
    "say",
    "set_duty",
    "sweep_queues",
    "take_talk",
    "tell_source_changed",
    "turn_to_message",
]
