"""Registers the room audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The room audit."""

    name = "audit"

    def ready(self) -> None:
        """Hear what Django's admin changes."""
        from . import administration  # noqa: F401
