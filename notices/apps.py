"""Registers the room notices."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The room notices."""

    name = "notices"
