"""Routes of the audit log."""

from django.urls import path

from . import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.records, name="records"),
    path("audit/verify/", views.check, name="verify"),
    path("audit/checkpoints/", views.take_checkpoints, name="checkpoints"),
]
