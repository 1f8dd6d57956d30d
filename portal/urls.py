"""Routes of the portal: front page, my matters, search, figures, switches and what machines ask."""

from django.urls import path

from .views import health, home, offline, search, switches

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("my/", home.mine, name="mine"),
    path("search/", search.search_page, name="search"),
    path("about/", home.about, name="about"),
    path("language/", switches.language, name="language"),
    path("type/", switches.type_size, name="type"),
    path("offline/", offline.page, name="offline"),
    path("worker.js", offline.worker, name="worker"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.measured, name="metrics"),
]
