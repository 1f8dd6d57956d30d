"""Routes of the workbench, below /work/."""

from django.urls import path

from .views import canned, together, workbench

urlpatterns = [
    path("", workbench.bench, name="work"),
    path("list/", workbench.listing, name="work-list"),
    path("together/", together.together, name="together"),
    path("replies/", canned.replies, name="replies"),
    path("replies/<int:reply_id>/", canned.reply, name="reply"),
    path("replies/<int:reply_id>/drop/", canned.drop, name="reply-drop"),
    path("<slug:number>/", workbench.bench, name="work-case"),
    path("<slug:number>/pane/", workbench.pane, name="work-pane"),
    path("<slug:number>/<slug:slug>/", workbench.act, name="work-act"),
]
