"""Who sees which talk, what a desk can promise now, and what was said."""

from .asking import Way, desk_for, is_here, may_ask, reader_of, readers_of, way_to_ask
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
from .sites import desks_configured_by, origins_of, shown_desk
from .talks import earlier_cases, earlier_talks, may_follow_notes, may_follow_talk, talk_for, visible_to
from .threads import Line, line_of, lines_of, notes_of, read_by_other, thread_of_case, unread_counts, whole_thread
from .unread import Unread, unread_of

__all__ = [
    "DeskState",
    "Line",
    "QueueRow",
    "Suggestion",
    "Unread",
    "Way",
    "canned_for",
    "desk_for",
    "desk_state",
    "desk_states",
    "desks",
    "desks_configured_by",
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
    "is_here",
    "line_of",
    "lines_of",
    "may_ask",
    "may_follow_desk",
    "may_follow_notes",
    "may_follow_talk",
    "notes_of",
    "origins_of",
    "queue_place",
    "queue_rows",
    "read_by_other",
    "reader_of",
    "readers_of",
    "serves",
    "shown_desk",
    "staffed_desks",
    "suggestions",
    "talk_for",
    "thread_of_case",
    "unread_counts",
    "unread_of",
    "visible_to",
    "way_to_ask",
    "whole_thread",
]
