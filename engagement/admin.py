"""What administrators set up here: categories, mailboxes, calendars, prepared answers. Never cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .actions import place_category, renew_calendar
from .models import Calendar, CalendarDay, CannedReply, Category, Mailbox
from .working_time import slots_of


class CategoryForm(forms.ModelForm[Category]):
    """A category below another one, at most three levels deep."""

    class Meta:
        model = Category
        fields = ("code", "name", "name_en", "parent", "unit", "words", "active")

    def clean_parent(self) -> Category | None:
        """Refuse a circle and a fourth level."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent is None:
            return None
        above: Category | None = parent
        while above is not None:
            if above.pk == self.instance.pk:
                raise ValidationError(_("A category cannot stand below itself."))
            above = above.parent
        if parent.level >= 3:
            raise ValidationError(_("Categories have three levels."))
        return parent


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    """The tree of categories."""

    form = CategoryForm
    list_display = ("code", "name", "name_en", "parent", "unit", "active")
    list_filter = ("active", "level")
    search_fields = ("code", "name", "name_en", "words")
    autocomplete_fields = ("parent",)
    list_select_related = ("parent", "unit")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Work out level and root once the category is saved."""
        super().save_related(request, form, formsets, change)
        place_category(category=form.instance)


@admin.register(Mailbox)
class MailboxAdmin(admin.ModelAdmin[Mailbox]):
    """Leaders and what they are responsible for."""

    list_display = ("title", "leader", "unit", "position", "active")
    list_filter = ("active",)
    search_fields = ("title", "title_en", "slug")
    raw_id_fields = ("leader",)
    prepopulated_fields = {"slug": ("title_en",)}


class HoursForm(forms.ModelForm[Any]):
    """Hours as [["09:00", "12:00"], ["13:00", "17:00"]]."""

    def clean_sessions(self) -> Any:
        """Refuse hours that cannot be."""
        sessions = self.cleaned_data["sessions"] or []
        try:
            slots_of(sessions)
        except (TypeError, ValueError):
            raise ValidationError(
                _("Please write the hours like this: %(example)s")
                % {"example": '[["09:00", "12:00"], ["13:00", "17:00"]]'}
            ) from None
        return sessions


class DayInline(admin.TabularInline[CalendarDay, Calendar]):
    """The days that are not what their weekday says."""

    model = CalendarDay
    form = HoursForm
    extra = 1
    ordering = ("-date",)


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin[Calendar]):
    """Working time of a unit and of all below it."""

    form = HoursForm
    list_display = ("key", "name", "unit", "timezone")
    inlines = (DayInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let the clocks be built anew."""
        super().save_related(request, form, formsets, change)
        renew_calendar(calendar=form.instance)


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin[CalendarDay]):
    """Single days of all calendars."""

    form = HoursForm
    list_display = ("date", "calendar", "kind", "name", "source", "confirmed")
    list_filter = ("calendar", "kind", "confirmed")
    date_hierarchy = "date"

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: bool) -> None:
        """Save the day and let the clocks be built anew."""
        super().save_model(request, obj, form, change)
        renew_calendar(calendar=obj.calendar)

    def delete_model(self, request: HttpRequest, obj: CalendarDay) -> None:
        """Remove the day and let the clocks be built anew."""
        super().delete_model(request, obj)
        renew_calendar(calendar=obj.calendar)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """The same for several days."""
        calendars = {day.calendar_id: day.calendar for day in queryset.select_related("calendar")}
        super().delete_queryset(request, queryset)
        for calendar in calendars.values():
            renew_calendar(calendar=calendar)


@admin.register(CannedReply)
class CannedReplyAdmin(admin.ModelAdmin[CannedReply]):
    """Prepared answers of units, for letters and talks."""

    list_display = ("title", "unit", "language")
    list_filter = ("language", "unit")
    search_fields = ("title", "text")
