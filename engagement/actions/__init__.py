"""What happens to cases: every change is one of these, in one transaction with its record."""

from ..queries.files import open_file
from .answering import approve_reply, send_back, sign_reply, submit_reply
from .calendars import renew_calendar, seed_calendar
from .calling import record_callback
from .canned import drop_canned_reply, save_canned_reply
from .catalogue import place_category
from .citizen import add_to_case, answer_question, rate_case, reopen_case, urge_case, withdraw_case
from .clocks import fire_due_acts
from .contacts import email_hash, phone_hash, seal_contact, unmask_contact
from .criteria import load_criteria, save_criterion
from .drafts import (
    add_step,
    begin_process,
    discard_draft,
    import_draft,
    publish_draft,
    remove_step,
    save_settings,
    save_step,
)
from .extending import approve_extension, ask_extension, refuse_extension
from .facts import fact_of, rebuild_case, rounds_of
from .files import add_file, attach
from .filing import Filed, file_case, hash_code, new_number, open_with_code
from .forgetting import check_no_open_cases, forget_person, retain, shred_case, withdraw_open_cases
from .handling import add_note, comment_case, save_draft
from .hours import drop_day, import_days, new_calendar, save_hours, set_day
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
from .joining import join_matter, merge_case, split_case, spread_answers
from .ladder import drop_rung, load_ladder, save_rung
from .moves import move_case, move_running
from .packing import note_changed, pack_facts
from .pausing import pause_case, resume_case
from .points import answer_points, itemise_case
from .processes import load_processes, publish_process
from .promising import keep_promise, make_promise, move_promise
from .publishing import (
    approve_publication,
    decide_publication,
    index_publication,
    prepare_publication,
    refuse_publication,
    unpublish,
)
from .quality import begin_check, judge_sampled, settle_sampled
from .recounting import recount_due_times
from .replays import replay_on, start_replay, tend_processes
from .returning import load_grounds
from .reviewing import ask_review, decide_review
from .routing import move_rule, remove_rule, save_rule
from .steps import answer_at_once, take_step, tell_missing
from .supervision import (
    Many,
    accept_order,
    answer_order,
    issue_order,
    order_cases,
    renew_order,
    urge_cases,
    watch_cases,
    withdraw_order,
)
from .telling import tell_source_changed
from .timers import fire_due_timers
from .together import answer_cases
from .traces import forget_traces, trace_rating, trace_work

__all__ = [
    "Filed",
    "Many",
    "accept_case",
    "accept_order",
    "add_file",
    "add_note",
    "add_step",
    "add_to_case",
    "answer_at_once",
    "answer_cases",
    "answer_order",
    "answer_points",
    "answer_question",
    "approve_extension",
    "approve_publication",
    "approve_reply",
    "ask_citizen",
    "ask_extension",
    "ask_review",
    "attach",
    "begin_check",
    "begin_process",
    "check_no_open_cases",
    "comment_case",
    "decide_publication",
    "decide_review",
    "discard_draft",
    "dispatch_case",
    "drop_canned_reply",
    "drop_day",
    "drop_rung",
    "email_hash",
    "extend_case",
    "fact_of",
    "file_case",
    "fire_due_acts",
    "fire_due_timers",
    "forget_person",
    "forget_traces",
    "hash_code",
    "import_days",
    "import_draft",
    "index_publication",
    "issue_order",
    "itemise_case",
    "join_matter",
    "judge_sampled",
    "keep_promise",
    "load_criteria",
    "load_grounds",
    "load_ladder",
    "load_processes",
    "make_promise",
    "merge_case",
    "move_case",
    "move_promise",
    "move_rule",
    "move_running",
    "new_calendar",
    "new_number",
    "note_changed",
    "open_file",
    "open_with_code",
    "order_cases",
    "pack_facts",
    "pause_case",
    "phone_hash",
    "place_category",
    "prepare_publication",
    "publish_draft",
    "publish_process",
    "rate_case",
    "rebuild_case",
    "record_callback",
    "recount_due_times",
    "refuse_case",
    "refuse_extension",
    "refuse_publication",
    "remove_rule",
    "remove_step",
    "renew_calendar",
    "renew_order",
    "reopen_case",
    "replay_on",
    "resume_case",
    "retain",
    "return_case",
    "rounds_of",
    "save_canned_reply",
    "save_criterion",
    "save_draft",
    "save_hours",
    "save_rule",
    "save_rung",
    "save_settings",
    "save_step",
    "seal_contact",
    "seed_calendar",
    "send_back",
    "set_day",
    "settle_sampled",
    "shred_case",
    "sign_for_case",
    "sign_reply",
    "split_case",
    "spread_answers",
    "start_replay",
    "submit_reply",
    "take_step",
    "tell_missing",
    "tell_source_changed",
    "tend_processes",
    "trace_rating",
    "trace_work",
    "transfer_case",
    "unmask_contact",
    "unpublish",
    "urge_case",
    "urge_cases",
    "watch_cases",
    "withdraw_case",
    "withdraw_open_cases",
    "withdraw_order",
]
