"""Routes of the forums."""

from django.urls import path

from .views import boards, keeping, membership, mine, offices, taking_part, topics

app_name = "forums"
urlpatterns = [
    path("forums/", boards.boards, name="boards"),
    path("forums/mine/", mine.mine, name="mine"),
    path("forums/queue/", keeping.queue, name="queue"),
    path("forums/queue/<int:review_id>/", keeping.decide, name="decide"),
    path("forums/tags/", boards.tags, name="tags"),
    path("forums/tags/<path:name>/", boards.tag, name="tag"),
    path("forums/to-answer/", offices.to_answer, name="to-answer"),
    path("forums/pictures/<slug:key>/", topics.picture, name="picture"),
    path("forums/topics/<int:topic_id>/", topics.topic, name="topic"),
    path("forums/topics/<int:topic_id>/replies/", topics.replies, name="replies"),
    path("forums/topics/<int:topic_id>/reply/", topics.reply, name="reply"),
    path("forums/topics/<int:topic_id>/edit/", topics.edit_topic, name="edit-topic"),
    path("forums/topics/<int:topic_id>/draft/", mine.reply_draft, name="reply-draft"),
    path("forums/topics/<int:topic_id>/follow/", mine.follow_topic, name="follow-topic"),
    path("forums/topics/<int:topic_id>/support/", taking_part.support, name="support"),
    path("forums/topics/<int:topic_id>/vote/", taking_part.vote, name="vote"),
    path("forums/topics/<int:topic_id>/flag/", taking_part.flag, name="flag"),
    path("forums/topics/<int:topic_id>/appeal/", taking_part.appeal, name="appeal"),
    path("forums/topics/<int:topic_id>/moderate/", keeping.moderate_topic, name="moderate-topic"),
    path("forums/topics/<int:topic_id>/case/", offices.raise_case, name="raise-case"),
    path("forums/replies/<int:reply_id>/edit/", topics.edit_reply, name="edit-reply"),
    path("forums/replies/<int:reply_id>/withdraw/", topics.withdraw_reply, name="withdraw-reply"),
    path("forums/replies/<int:reply_id>/react/", taking_part.react, name="react"),
    path("forums/replies/<int:reply_id>/moderate/", keeping.moderate_reply, name="moderate-reply"),
    path("forums/replies/<int:reply_id>/case/", offices.raise_case_of_reply, name="raise-case-of-reply"),
    path("forums/people/<int:person_id>/mute/", keeping.mute, name="mute"),
    path("forums/<slug:slug>/", boards.board, name="board"),
    path("forums/<slug:slug>/new/", boards.new_topic, name="new-topic"),
    path("forums/<slug:slug>/draft/", mine.topic_draft, name="topic-draft"),
    path("forums/<slug:slug>/join/", membership.join, name="join"),
    path("forums/<slug:slug>/members/", membership.members, name="members"),
    path("forums/<slug:slug>/follow/", mine.follow_board, name="follow-board"),
]
