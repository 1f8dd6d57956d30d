"""Registers the room accounts, and the administration that it guards."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    """The room accounts."""

    name = "accounts"
    default = True


class Administration(admin_apps.AdminConfig):
    """Django's admin behind our own door."""

    default = False
    default_site = "accounts.sites.House"
