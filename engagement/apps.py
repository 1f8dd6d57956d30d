"""Registers the room engagement."""

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """The room engagement."""

    name = "engagement"
