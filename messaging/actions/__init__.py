"""What happens to talks, desks and duty: each act locks, checks, changes and records in one transaction."""

from .abuse import block_opener, decide_report, lift_block, report_abuse
from .cases import claim_code, leave_message, make_case, turn_to_message
from .duty import heartbeat, note_presence, set_duty
from .guests import invite_guest, join_talk, leave_talk, show_out
from .queues import assign_waiting, sweep_queues
from .talks import end_talk, hand_back, open_talk, rate_talk, take_talk
from .transfer import transfer_talk
from .watching import close_watch, open_watch, whisper
from .words import mark_read, say

__all__ = [
    "assign_waiting",
    "block_opener",
    "claim_code",
    "close_watch",
    "decide_report",
    "end_talk",
    "hand_back",
    "heartbeat",
    "invite_guest",
    "join_talk",
    "leave_message",
    "leave_talk",
    "lift_block",
    "make_case",
    "mark_read",
    "note_presence",
    "open_talk",
    "open_watch",
    "rate_talk",
    "report_abuse",
    "say",
    "set_duty",
    "show_out",
    "sweep_queues",
    "take_talk",
    "transfer_talk",
    "turn_to_message",
    "whisper",
]
