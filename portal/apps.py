"""Registers the room portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The room portal."""

    name = "portal"
