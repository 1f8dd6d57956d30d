"""What engagement keeps: cases, their steps, clocks, files, replies and facts."""

from .acts import Extension, Order, Point, Promise, Return, ReturnGround, Review, Series, Tie
from .calendars import Calendar, CalendarDay
from .cases import Attachment, Case, Contact, Pause, Publication, Reply
from .catalogue import CannedReply, Category, Mailbox
from .desk import Callback, Rung, Trace, Watch
from .facts import CaseFact
from .processes import Process, Task

__all__ = [
    "Attachment",
    "Calendar",
    "CalendarDay",
    "Callback",
    "CannedReply",
    "Case",
    "CaseFact",
    "Category",
    "Contact",
    "Extension",
    "Mailbox",
    "Order",
    "Pause",
    "Point",
    "Process",
    "Promise",
    "Publication",
    "Reply",
    "Return",
    "ReturnGround",
    "Review",
    "Rung",
    "Series",
    "Task",
    "Tie",
    "Trace",
    "Watch",
]
