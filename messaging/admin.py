"""Desks and shifts, as administrators set them up. Talks are not here: administrators do not read them."""

from django.contrib import admin

from .models import Desk, Shift


@admin.register(Desk)
class DeskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Desks."""

    list_display = ("name", "unit", "limit", "automatic", "active")
    list_filter = ("active", "automatic")
    search_fields = ("name", "name_en", "slug")
    prepopulated_fields = {"slug": ("name_en",)}
    raw_id_fields = ("unit",)


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The roster."""

    list_display = ("desk", "officer", "starts_at", "ends_at")
    list_filter = ("desk",)
    date_hierarchy = "starts_at"
    raw_id_fields = ("officer",)
