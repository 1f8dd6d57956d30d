"""Every route of the house, room by room."""

from importlib import import_module

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

# Rooms in the order in which their routes are tried, and the names that other rooms link to.
ROOMS = {
    "portal": [],
    "accounts": ["sign-in", "sign-out", "sign-up"],
    "journal": [],
    "notices": ["list", "screen"],
    "sms": [],
    "engagement": ["mailboxes", "complain", "letters", "track"],
    "messaging": ["desks", "duty"],
    "forums": ["boards"],
    "wiki.knowledge": ["contents"],
}


def _not_there(request: HttpRequest) -> HttpResponse:
    return HttpResponse("not built yet", status=404)


def _room(name: str) -> URLResolver:
    try:
        import_module(f"{name}.urls")
    except (ImportError, AttributeError) as error:
        print(f"room {name} is not there yet: {error}")
        label = name.rpartition(".")[2]
        stand_ins = [path(f"not-built/{label}/{route}/", _not_there, name=route) for route in ROOMS[name]]
        return path("", include((stand_ins, label)))
    return path("wiki/" if name == "wiki.knowledge" else "", include(f"{name}.urls"))


urlpatterns: list[URLPattern | URLResolver] = [*(_room(name) for name in ROOMS), path("admin/", admin.site.urls)]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.failed"
