"""Registers the room journal."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The room journal."""

    name = "journal"
