"""Routes of the room notices."""

from django.urls import path

from . import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.notices, name="list"),
    path("notices/badge/", views.badge, name="badge"),
    path("notices/read/", views.read, name="read"),
    path("notices/push/", views.push, name="push"),
    path("notices/push/stop/", views.stop_push, name="stop-push"),
    path("notices/<int:notice_id>/", views.open_notice, name="open"),
    path("demo/outbox/", views.screen, name="screen"),
]
