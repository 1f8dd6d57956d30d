"""Routes of the room sms."""

from django.urls import path

from . import views

app_name = "sms"
urlpatterns = [
    path("hooks/sms/twilio/status/<str:signed>/", views.status, name="status"),
    path("hooks/sms/twilio/inbound/", views.inbound, name="inbound"),
    path("my/phone/", views.phone, name="phone"),
]
