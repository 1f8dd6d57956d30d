"""The journal's routes, below /api/v1/."""

from django.urls import path

from . import views

app_name = "journal"
urlpatterns = [
    path("api/v1/streams/<str:stream>/entries", views.entries, name="entries"),
    path("api/v1/streams/<str:stream>/read", views.read, name="read"),
    path("api/v1/ticket", views.ticket, name="ticket"),
]
