"""What happens to cases: every change is one of these, in one transaction with its record."""

from ..queries.files import open_file
from .answering import approve_reply, send_back, sign_reply, submit_reply
from .calendars import renew_calendar, seed_calendar
from .canned import drop_canned_reply, save_canned_reply
from .catalogue import place_category
from .citizen import add_to_case, answer_question, rate_case, reopen_case, urge_case, withdraw_case
from .contacts import email_hash, phone_hash, seal_contact, unmask_contact
from .drafts import add_step, discard_draft, import_draft, publish_draft, remove_step, save_settings, save_step
from .facts import fact_of, rebuild_case, rounds_of
from .files import add_file, attach
from .filing import Filed, file_case, hash_code, new_number, open_with_code
from .handling import add_note, comment_case, save_draft
from .intake import (
    accept_case,
    ask_citizen,
    dispatch_case,
    extend_case,
    refuse_case,
    return_case,
    sign_for_case,
    transfer_case,
)
from .moves import move_case, move_running
from .processes import load_processes, publish_process
from .publishing import (
    approve_publication,
    decide_publication,
    index_publication,
    prepare_publication,
    refuse_publication,
    unpublish,
)
from .replays import replay_on, start_replay, tend_processes
from .routing import move_rule, remove_rule, save_rule
from .steps import answer_at_once, take_step, tell_missing
from .telling import tell_source_changed
from .timers import fire_due_timers

__all__ = [
    "Filed",
    "accept_case",
    "add_file",
    "add_note",
    "add_step",
    "add_to_case",
    "answer_at_once",
    "answer_question",
    "approve_publication",
    "approve_reply",
    "ask_citizen",
    "attach",
    "comment_case",
    "decide_publication",
    "discard_draft",
    "dispatch_case",
    "drop_canned_reply",
    "email_hash",
    "extend_case",
    "fact_of",
    "file_case",
    "fire_due_timers",
    "hash_code",
    "import_draft",
    "index_publication",
    "load_processes",
    "move_case",
    "move_rule",
    "move_running",
    "new_number",
    "open_file",
    "open_with_code",
    "phone_hash",
    "place_category",
    "prepare_publication",
    "publish_draft",
    "publish_process",
    "rate_case",
    "rebuild_case",
    "refuse_case",
    "refuse_publication",
    "remove_rule",
    "remove_step",
    "renew_calendar",
    "reopen_case",
    "replay_on",
    "return_case",
    "rounds_of",
    "save_canned_reply",
    "save_draft",
    "save_rule",
    "save_settings",
    "save_step",
    "seal_contact",
    "seed_calendar",
    "send_back",
    "sign_for_case",
    "sign_reply",
    "start_replay",
    "submit_reply",
    "take_step",
    "tell_missing",
    "tell_source_changed",
    "tend_processes",
    "transfer_case",
    "unmask_contact",
    "unpublish",
    "urge_case",
    "withdraw_case",
]
