"""Routes of the forums."""

from django.urls import path

from . import views

app_name = "forums"
urlpatterns = [
    path("forums/", views.boards, name="boards"),
    path("forums/<slug:slug>/", views.board, name="board"),
    path("forums/<slug:slug>/new/", views.new_topic, name="new-topic"),
    path("forums/topics/<int:topic_id>/", views.topic, name="topic"),
    path("forums/topics/<int:topic_id>/reply/", views.reply, name="reply"),
    path("forums/topics/<int:topic_id>/moderate/", views.moderate_topic, name="moderate-topic"),
    path("forums/topics/<int:topic_id>/case/", views.raise_case, name="raise-case"),
    path("forums/replies/<int:reply_id>/edit/", views.edit_reply, name="edit-reply"),
    path("forums/replies/<int:reply_id>/moderate/", views.moderate_reply, name="moderate-reply"),
]
