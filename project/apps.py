"""Registers the start-up checks."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The project itself: no models, only checks."""

    name = "project"

    def ready(self) -> None:
        """Let Django know the checks."""
        from . import checks  # noqa: F401
