"""Registers the room messaging."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The room messaging."""

    name = "messaging"
