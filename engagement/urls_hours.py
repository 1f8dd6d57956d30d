"""Routes of working hours and the ladder, below /hours/."""

from django.urls import path

from .views import hours

urlpatterns = [
    path("", hours.calendars, name="calendars"),
    path("ladder/", hours.ladder, name="ladder"),
    path("<int:calendar_id>/", hours.calendar, name="calendar"),
    path("<int:calendar_id>/table/", hours.table, name="calendar-table"),
    path("<int:calendar_id>/hours/", hours.hours, name="calendar-hours"),
    path("<int:calendar_id>/day/", hours.day, name="calendar-day"),
    path("<int:calendar_id>/drop/", hours.drop, name="calendar-drop"),
    path("<int:calendar_id>/import/", hours.take_in, name="calendar-import"),
]
