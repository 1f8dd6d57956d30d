"""What happens to talks, desks and duty: each act locks, checks, changes and records in one transaction."""

from .asking import ask_now, note_here, note_readers
from .cases import claim_code, leave_message, make_case, turn_to_message
from .duty import heartbeat, note_presence, set_duty
from .files import add_file, drop_file, forget_unsent_files
from .queues import assign_waiting, sweep_queues
from .sites import let_in, set_sites
from .talks import end_talk, hand_back, open_talk, rate_talk, take_talk
from .transcript import mail_transcript
from .words import add_note, change_words, mark_read, say

__all__ = [
    "add_file",
    "add_note",
    "ask_now",
    "assign_waiting",
    "change_words",
    "claim_code",
    "drop_file",
    "end_talk",
    "forget_unsent_files",
    "hand_back",
    "heartbeat",
    "leave_message",
    "let_in",
    "mail_transcript",
    "make_case",
    "mark_read",
    "note_here",
    "note_presence",
    "note_readers",
    "open_talk",
    "rate_talk",
    "say",
    "set_duty",
    "set_sites",
    "sweep_queues",
    "take_talk",
    "turn_to_message",
]
