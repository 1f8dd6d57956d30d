"""Every route of the house, room by room."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.urls")),
    path("", include("accounts.urls")),
    path("", include("audit.urls")),
    path("", include("journal.urls")),
    path("", include("notices.urls")),
    path("", include("sms.urls")),
    path("", include("engagement.urls")),
    path("", include("messaging.urls")),
    path("", include("forums.urls")),
    path("wiki/", include("wiki.knowledge.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.failed"
