"""Registers the room forums."""

from django.apps import AppConfig


class ForumsConfig(AppConfig):
    """The room forums."""

    name = "forums"
