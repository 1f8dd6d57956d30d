"""Desks, duty, talks, the roster, and rooms."""

from .desks import Desk, DeskDay, Duty, Shift
from .rooms import Interview, Member, Question, Room
from .roster import HandOver, Rota, RotaPlace, Swap
from .routing import AbuseReport, Block, Guest, Watch
from .talks import ReadMark, Seats, Talk
from .words import DeskSite, Here, TalkFile, TalkKey

__all__ = [
    "AbuseReport",
    "Block",
    "Desk",
    "DeskDay",
    "DeskSite",
    "Duty",
    "Guest",
    "HandOver",
    "Here",
    "Interview",
    "Member",
    "Question",
    "ReadMark",
    "Room",
    "Rota",
    "RotaPlace",
    "Seats",
    "Shift",
    "Swap",
    "Talk",
    "TalkFile",
    "TalkKey",
    "Watch",
]
