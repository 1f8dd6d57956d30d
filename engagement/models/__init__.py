"""What engagement keeps: cases, their steps, clocks, files, replies and facts."""

from .acts import Extension, Order, Point, Promise, Return, ReturnGround, Review, Series, Tie
from .calendars import Calendar, CalendarDay
from .cases import Attachment, Case, Contact, Pause, Publication, Reply
from .catalogue import CannedReply, Category, Mailbox
from .desk import Callback, Rung, Trace, Watch
from .facts import CaseFact, FactChange, FactDay
from .processes import Process, ProcessDraft, ProcessMove, Task
from .quality import Criterion, Judgement, QualityCheck, Sampled
from .routing import Replay, Routed, RoutingRule

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
    "Criterion",
    "Extension",
    "FactChange",
    "FactDay",
    "Judgement",
    "Mailbox",
    "Order",
    "Pause",
    "Point",
    "Process",
    "ProcessDraft",
    "ProcessMove",
    "Promise",
    "Publication",
    "QualityCheck",
    "Replay",
    "Reply",
    "Return",
    "ReturnGround",
    "Review",
    "Routed",
    "RoutingRule",
    "Rung",
    "Sampled",
    "Series",
    "Task",
    "Tie",
    "Trace",
    "Watch",
]
