"""What happens to talks, desks and duty: each act locks, checks, changes and records in one transaction."""

from .abuse import block_opener, decide_report, lift_block, report_abuse
from .cases import claim_code, leave_message, make_case, turn_to_message
from .duty import heartbeat, note_presence, set_duty
from .guests import invite_guest, join_talk, leave_talk, show_out
from .queues import assign_waiting, sweep_queues
from .relief import hand_over, take_over, watch_roster
from .roster import add_shift, end_rota, make_shifts, remove_shift, save_rota, set_day, set_hours, set_officer
from .swaps import answer_swap, ask_swap, withdraw_swap
from .talks import end_talk, hand_back, open_talk, rate_talk, take_talk
from .transfer import transfer_talk
from .watching import close_watch, open_watch, whisper
from .words import mark_read, say

__all__ = [
    "add_shift",
    "answer_swap",
    "ask_swap",
    "assign_waiting",
    "block_opener",
    "claim_code",
    "close_watch",
    "decide_report",
    "end_rota",
    "end_talk",
    "hand_back",
    "hand_over",
    "heartbeat",
    "invite_guest",
    "join_talk",
    "leave_message",
    "leave_talk",
    "lift_block",
    "make_case",
    "make_shifts",
    "mark_read",
    "note_presence",
    "open_talk",
    "open_watch",
    "rate_talk",
    "remove_shift",
    "report_abuse",
    "save_rota",
    "say",
    "set_day",
    "set_duty",
    "set_hours",
    "set_officer",
    "show_out",
    "sweep_queues",
    "take_over",
    "take_talk",
    "transfer_talk",
    "turn_to_message",
    "watch_roster",
    "whisper",
    "withdraw_swap",
]
