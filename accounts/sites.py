"""The administration's door: open to administrators by their post."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .viewers import Role, Viewer


class House(AdminSite):
    """Django's admin by posts; its staff and superuser flags mean nothing here."""

    site_header = _("Administration")
    site_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the request comes from somebody who is administrator now."""
        viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        return viewer.holds(Role.ADMINISTRATOR)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the house's own sign-in, which counts wrong tries."""
        if request.user.is_authenticated:
            return redirect("admin:index" if self.has_permission(request) else "portal:home")
        # Sign-in itself follows only paths of this house.
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))
