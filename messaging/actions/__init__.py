"""What happens to talks, desks and duty: each act locks, checks, changes and records in one transaction."""

from .abuse import block_opener, decide_report, lift_block, report_abuse
from .asking import ask_now, note_here, note_readers
from .assigning import assign_waiting
from .cases import claim_code, leave_message, make_case, turn_to_message
from .duty import heartbeat, note_presence, set_duty
from .files import add_file, add_room_file, drop_file, forget_unsent_files
from .forgetting import forget_person, retain, shred_talk
from .guests import invite_guest, join_talk, leave_talk, show_out
from .interviews import (
    announce_interview,
    answer_question,
    ask_question,
    close_forgotten,
    findable_interviews,
    move_interview,
    publish_transcript,
    screen_question,
)
from .kept import open_kept, open_kept_in_room
from .push import tell_devices
from .queues import sweep_queues
from .relief import hand_over, take_over, watch_roster
from .rooms import add_members, leave_room, note_in_rooms, open_direct, open_group, read_room, say_in_room
from .roster import add_shift, end_rota, make_shifts, remove_shift, save_rota, set_day, set_hours, set_officer
from .saying import say, say_together
from .sites import let_in, set_sites
from .swaps import answer_swap, ask_swap, withdraw_swap
from .talks import end_talk, hand_back, open_talk, rate_talk, take_talk
from .transcript import mail_transcript
from .transfer import transfer_talk
from .watching import close_watch, open_watch, whisper
from .words import change_in_room, change_words, mark_read, reseal_kept, tell_source_changed

__all__ = [
    "add_file",
    "add_members",
    "add_room_file",
    "add_shift",
    "announce_interview",
    "answer_question",
    "answer_swap",
    "ask_now",
    "ask_question",
    "ask_swap",
    "assign_waiting",
    "block_opener",
    "change_in_room",
    "change_words",
    "claim_code",
    "close_forgotten",
    "close_watch",
    "decide_report",
    "drop_file",
    "end_rota",
    "end_talk",
    "findable_interviews",
    "forget_person",
    "forget_unsent_files",
    "hand_back",
    "hand_over",
    "heartbeat",
    "invite_guest",
    "join_talk",
    "leave_message",
    "leave_room",
    "leave_talk",
    "let_in",
    "lift_block",
    "mail_transcript",
    "make_case",
    "make_shifts",
    "mark_read",
    "move_interview",
    "note_here",
    "note_in_rooms",
    "note_presence",
    "note_readers",
    "open_direct",
    "open_group",
    "open_kept",
    "open_kept_in_room",
    "open_talk",
    "open_watch",
    "publish_transcript",
    "rate_talk",
    "read_room",
    "remove_shift",
    "report_abuse",
    "reseal_kept",
    "retain",
    "save_rota",
    "say",
    "say_in_room",
    "say_together",
    "screen_question",
    "set_day",
    "set_duty",
    "set_hours",
    "set_officer",
    "set_sites",
    "show_out",
    "shred_talk",
    "sweep_queues",
    "take_over",
    "take_talk",
    "tell_devices",
    "tell_source_changed",
    "transfer_talk",
    "turn_to_message",
    "watch_roster",
    "whisper",
    "withdraw_swap",
]
