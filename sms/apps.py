"""Registers the room sms."""

from django.apps import AppConfig


class SmsConfig(AppConfig):
    """The room sms."""

    name = "sms"
