"""Desks, duty and talks."""

from .desks import Desk, Duty, Shift
from .talks import ReadMark, Talk
from .words import DeskSite, Here, TalkFile, TalkKey

__all__ = ["Desk", "DeskSite", "Duty", "Here", "ReadMark", "Shift", "Talk", "TalkFile", "TalkKey"]
