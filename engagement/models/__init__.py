"""What engagement keeps: cases, their steps, clocks, files, replies and facts."""

from .calendars import Calendar, CalendarDay
from .cases import Attachment, Case, Contact, Pause, Publication, Reply
from .catalogue import CannedReply, Category, Mailbox
from .facts import CaseFact
from .processes import Process, ProcessDraft, ProcessMove, Task
from .routing import Replay, Routed, RoutingRule

__all__ = [
    "Attachment",
    "Calendar",
    "CalendarDay",
    "CannedReply",
    "Case",
    "CaseFact",
    "Category",
    "Contact",
    "Mailbox",
    "Pause",
    "Process",
    "ProcessDraft",
    "ProcessMove",
    "Publication",
    "Replay",
    "Reply",
    "Routed",
    "RoutingRule",
    "Task",
]
