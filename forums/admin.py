"""Boards, blog writers and watched words in Django's admin; topics and replies are moderated on their own pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from .actions import board_changed
from .models import Board, WatchedWord, Writer

if TYPE_CHECKING:
    BoardAdminBase = admin.ModelAdmin[Board]
    WordAdminBase = admin.ModelAdmin[WatchedWord]
    WriterInlineBase = admin.TabularInline[Writer, Board]
else:
    BoardAdminBase = WordAdminBase = admin.ModelAdmin
    WriterInlineBase = admin.TabularInline


class WriterInline(WriterInlineBase):
    """Who writes in a blog."""

    model = Writer
    extra = 0
    autocomplete_fields = ["person"]


@admin.register(Board)
class BoardAdmin(BoardAdminBase):
    """Boards, their order, and what offices promise in them."""

    list_display = ["name", "name_en", "slug", "kind", "position", "members_only", "answers_all", "active"]
    list_filter = ["kind"]
    prepopulated_fields = {"slug": ["name_en"]}
    inlines = [WriterInline]

    def save_model(self, request: HttpRequest, obj: Board, form: Any, change: bool) -> None:
        """Store it; what is found and followed obeys at once."""
        super().save_model(request, obj, form, change)
        if {"kind", "members_only", "active"} & set(form.changed_data):
            board_changed(board_id=obj.pk)


@admin.register(WatchedWord)
class WatchedWordAdmin(WordAdminBase):
    """Words that hold or refuse a post."""

    list_display = ["word", "does", "note"]
    list_filter = ["does"]
    search_fields = ["word"]
