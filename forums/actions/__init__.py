"""What happens in the forums: posting, reading along, keeping order, and topics that become cases."""

from .answers import watch_answers
from .arranging import merge_topics, move_topic, split_topic
from .boards import board_changed
from .digests import send_digests, tell_followers
from .editing import edit_reply, edit_topic, withdraw_reply
from .finding import findable_articles, findable_topics
from .following import follow_board, follow_topic, forget_person, mark_read, save_reply_draft, save_topic_draft
from .importing import import_topic
from .membership import ask_to_join, leave_board, let_in, turn_away
from .moderate import (
    archive_topic,
    hide_reply,
    hide_topic,
    lock_topic,
    mute_person,
    pin_topic,
    show_reply,
    show_topic,
    unlock_topic,
)
from .post import open_topic, reply_to
from .raise_case import bring_answers, raise_case
from .reacting import react, support_topic, vote
from .reviewing import appeal, decide, flag_post
from .sources import tell_source_changed

__all__ = [
    "appeal",
    "archive_topic",
    "ask_to_join",
    "board_changed",
    "bring_answers",
    "decide",
    "edit_reply",
    "edit_topic",
    "findable_articles",
    "findable_topics",
    "flag_post",
    "follow_board",
    "follow_topic",
    "forget_person",
    "hide_reply",
    "hide_topic",
    "import_topic",
    "leave_board",
    "let_in",
    "lock_topic",
    "mark_read",
    "merge_topics",
    "move_topic",
    "mute_person",
    "open_topic",
    "pin_topic",
    "raise_case",
    "react",
    "reply_to",
    "save_reply_draft",
    "save_topic_draft",
    "send_digests",
    "show_reply",
    "show_topic",
    "split_topic",
    "support_topic",
    "tell_followers",
    "tell_source_changed",
    "turn_away",
    "unlock_topic",
    "vote",
    "watch_answers",
    "withdraw_reply",
]
