"""Boards in Django's admin; topics and replies are moderated on their own pages."""

from typing import TYPE_CHECKING

from django.contrib import admin

from .models import Board

if TYPE_CHECKING:
    BoardAdminBase = admin.ModelAdmin[Board]
else:
    BoardAdminBase = admin.ModelAdmin


@admin.register(Board)
class BoardAdmin(BoardAdminBase):
    """Boards and their order."""

    list_display = ["name", "name_en", "slug", "position", "members_only", "active"]
    prepopulated_fields = {"slug": ["name_en"]}
