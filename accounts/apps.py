"""Registers the room accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room accounts."""

    name = "accounts"
