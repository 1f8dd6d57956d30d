"""Who sees which talk, what a desk can promise now, and what was said."""

from .beside import Suggestion, canned_for, suggestions
from .desks import (
    DeskState,
    desk_state,
    desk_states,
    desks,
    desks_of,
    duty_of,
    duty_officers,
    free_officers,
    may_follow_desk,
    serves,
    staffed_desks,
)
from .files import file_content, file_for, file_path
from .queues import QueueRow, held_talks, queue_place, queue_rows
from .talks import earlier_cases, earlier_talks, may_follow_notes, may_follow_talk, talk_for, visible_to
from .threads import Line, line_of, lines_of, notes_of, read_by_other, thread_of_case, unread_counts, whole_thread

__all__ = [
    "DeskState",
    "Line",
    "QueueRow",
    "Suggestion",
    "canned_for",
    "desk_state",
    "desk_states",
    "desks",
    "desks_of",
    "duty_of",
    "duty_officers",
    "earlier_cases",
    "earlier_talks",
    "file_content",
    "file_for",
    "file_path",
    "free_officers",
    "held_talks",
    "line_of",
    "lines_of",
    "may_follow_desk",
    "may_follow_notes",
    "may_follow_talk",
    "notes_of",
    "queue_place",
    "queue_rows",
    "read_by_other",
    "serves",
    "staffed_desks",
    "suggestions",
    "talk_for",
    "thread_of_case",
    "unread_counts",
    "visible_to",
    "whole_thread",
]
