"""Routes of the handbook. None of django-wiki's own pages is mounted: it keeps the tree, revisions and markdown.

The namespace is "wiki" because django-wiki makes the addresses of its links with "wiki:get".
"""

from django.urls import path, re_path

from .views import keeping, reading, reviewing, talking, writing

app_name = "wiki"
PLACE = r"^(?P<path>(?:[a-z0-9-]+/)+)"
urlpatterns = [
    path("", reading.contents, {"path": ""}, name="get"),
    path("", reading.contents, name="contents"),
    path("_new/", writing.create, name="create"),
    path("_cite/", reading.cite, name="cite"),
    path("_deleted/", keeping.deleted, name="deleted"),
    path("_reviews/", reviewing.queue, name="reviews"),
    path("_reviews/<int:proposal_id>/", reviewing.proposal, name="proposal"),
    path("_reviews/<int:proposal_id>/approve/", reviewing.approve, name="approve"),
    path("_reviews/<int:proposal_id>/send-back/", reviewing.send_back, name="send-back"),
    path("_reviews/<int:proposal_id>/withdraw/", reviewing.withdraw, name="withdraw"),
    path("_remarks/<int:remark_id>/hide/", talking.hide, name="hide"),
    re_path(r"^_v/(?P<article>[0-9]{1,9})-(?P<number>[0-9]{1,6})/$", reading.version, name="version"),
    re_path(PLACE + r"_edit/$", writing.edit, name="edit"),
    re_path(PLACE + r"_source/$", reading.source, name="source"),
    re_path(PLACE + r"_history/$", reading.history, name="history"),
    re_path(PLACE + r"_history/(?P<number>[0-9]{1,9})/$", reading.revision, name="revision"),
    re_path(PLACE + r"_talk/$", talking.talk, name="talk"),
    re_path(PLACE + r"_vote/$", talking.vote, name="vote"),
    re_path(PLACE + r"_files/$", keeping.files, name="files"),
    re_path(PLACE + r"_files/(?P<file_id>[0-9]{1,9})/$", reading.file, name="file"),
    re_path(PLACE + r"_files/(?P<file_id>[0-9]{1,9})/remove/$", keeping.remove_file, name="remove-file"),
    re_path(PLACE + r"_care/$", keeping.care, name="care"),
    re_path(PLACE + r"_move/$", keeping.move, name="move"),
    re_path(PLACE + r"_delete/$", keeping.delete, name="delete"),
    re_path(PLACE + r"_restore/$", keeping.restore, name="restore"),
    re_path(PLACE + r"_review/$", keeping.review, name="review"),
    re_path(PLACE + r"$", reading.page, name="get"),
]
