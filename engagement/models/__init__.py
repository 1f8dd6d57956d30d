"""What engagement keeps: cases, their steps, clocks, files, replies and facts."""

from .calendars import Calendar, CalendarDay
from .cases import Attachment, Case, Contact, Pause, Publication, Reply
from .catalogue import CannedReply, Category, Mailbox
from .facts import CaseFact
from .processes import Process, Task

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
    "Publication",
    "Reply",
    "Task",
]
