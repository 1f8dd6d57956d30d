"""Routes of the handbook. None of django-wiki's own pages is mounted: it keeps the tree, revisions and markdown.

The namespace is "wiki" because django-wiki makes the addresses of its links with "wiki:get".
"""

from django.urls import path, re_path

from . import views

app_name = "wiki"
PLACE = r"^(?P<path>(?:[a-z0-9-]+/)+)"
urlpatterns = [
    path("", views.contents, {"path": ""}, name="get"),
    path("", views.contents, name="contents"),
    path("_new/", views.create, name="create"),
    path("_deleted/", views.deleted, name="deleted"),
    re_path(PLACE + r"_edit/$", views.edit, name="edit"),
    re_path(PLACE + r"_history/$", views.history, name="history"),
    re_path(PLACE + r"_history/(?P<number>[0-9]{1,9})/$", views.revision, name="revision"),
    re_path(PLACE + r"_move/$", views.move, name="move"),
    re_path(PLACE + r"_delete/$", views.delete, name="delete"),
    re_path(PLACE + r"_restore/$", views.restore, name="restore"),
    re_path(PLACE + r"_review/$", views.review, name="review"),
    re_path(PLACE + r"$", views.page, name="get"),
]
