"""Boards, blog writers and watched words in Django's admin; topics and replies are moderated on their own pages."""

from typing import TYPE_CHECKING

from django.contrib import admin

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


@admin.register(WatchedWord)
class WatchedWordAdmin(WordAdminBase):
    """Words that hold or refuse a post."""

    list_display = ["word", "does", "note"]
    list_filter = ["does"]
    search_fields = ["word"]
