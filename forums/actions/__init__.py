"""What happens in the forums: posting, keeping order, and topics that become cases."""

from .finding import findable_topics
from .moderate import hide_reply, hide_topic, lock_topic, show_reply, show_topic, unlock_topic
from .post import edit_reply, open_topic, reply_to
from .raise_case import raise_case

__all__ = [
    "edit_reply",
    "findable_topics",
    "hide_reply",
    "hide_topic",
    "lock_topic",
    "open_topic",
    "raise_case",
    "reply_to",
    "show_reply",
    "show_topic",
    "unlock_topic",
]
