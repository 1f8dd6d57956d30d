"""Desks, duty and talks."""

from .desks import Desk, Duty, Shift
from .talks import ReadMark, Talk

__all__ = ["Desk", "Duty", "ReadMark", "Shift", "Talk"]
