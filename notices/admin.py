"""The outbox for operators: what waits, what was refused, what is parked; never to whom or with which words."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .actions import retry_deliveries
from .models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin[Delivery]):
    """Shows deliveries and lets an operator send them again."""

    list_display = ("id", "channel", "state", "attempts", "doubts", "error", "created_at", "done_at")
    list_filter = ("state", "channel")
    fields = (*list_display, "language", "provider_id", "not_before", "attempted_at")
    readonly_fields = fields
    actions = ("send_again",)
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes into the outbox by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """What was sent stays on record."""
        return False

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send the chosen parked, refused or unknown deliveries again."""
        count = retry_deliveries(ids=list(queryset.values_list("pk", flat=True)))
        said = ngettext("%(count)d message will be sent again.", "%(count)d messages will be sent again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
