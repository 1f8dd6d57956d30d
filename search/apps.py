"""Registers the room search."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The room search."""

    name = "search"
