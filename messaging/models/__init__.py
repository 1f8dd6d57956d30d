"""Desks, duty, talks, the roster, and rooms."""

from .desks import Desk, DeskDay, Duty, Shift
from .rooms import Interview, Member, Question, Room
from .roster import HandOver, Rota, RotaPlace, Swap
from .routing import AbuseReport, Block, Guest, Watch
from .talks import ReadMark, Talk

__all__ = [
    "AbuseReport",
    "Block",
    "Desk",
    "DeskDay",
    "Duty",
    "Guest",
    "HandOver",
    "Interview",
    "Member",
    "Question",
    "ReadMark",
    "Room",
    "Rota",
    "RotaPlace",
    "Shift",
    "Swap",
    "Talk",
    "Watch",
]
