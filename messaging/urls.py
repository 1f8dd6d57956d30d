"""Routes of the chat and of the duty desk."""

from django.urls import path

from .views import asking, beside, duty, files, outcome, reading, sites, starting, talking

app_name = "messaging"

urlpatterns = [
    path("widget/<slug:slug>/", sites.frame, name="frame"),
    path("widget/<slug:slug>/pass/", sites.let_in, name="pass"),
    path("duty/sites/", sites.sites, name="sites"),
    path("chat/", starting.desks, name="desks"),
    path("chat/unread/", reading.unread, name="unread"),
    path("chat/ask/<slug:number>/", asking.ask, name="ask"),
    path("chat/files/<slug:key>/", files.file, name="file"),
    path("chat/files/<slug:key>/small/", files.file, {"small": True}, name="file-small"),
    path("chat/files/<slug:key>/drop/", files.drop, name="file-drop"),
    path("chat/<slug:number>/", talking.talk, name="talk"),
    path("chat/<slug:number>/state/", talking.state, name="state"),
    path("chat/<slug:number>/lines/", talking.lines, name="lines"),
    path("chat/<slug:number>/files/", files.add, name="files"),
    path("chat/<slug:number>/transcript/", beside.transcript, name="transcript"),
    path("chat/<slug:number>/end/", talking.end, name="end"),
    path("chat/<slug:number>/rate/", outcome.rate, name="rate"),
    path("chat/<slug:number>/case/", outcome.case, name="case"),
    path("chat/<slug:number>/message/", outcome.message, name="message"),
    path("chat/<slug:number>/claim/", outcome.claim, name="claim"),
    path("duty/", duty.desk, name="duty"),
    path("duty/queue/", duty.queue, name="queue"),
    path("duty/state/", duty.state, name="duty-state"),
    path("duty/here/", duty.here, name="duty-here"),
    path("duty/next/", duty.take_next, name="duty-next"),
    path("duty/<slug:number>/", duty.desk, name="duty-talk"),
    path("duty/<slug:number>/note/", beside.note, name="duty-note"),
    path("duty/<slug:number>/suggest/", beside.suggest, name="duty-suggest"),
    path("duty/<slug:number>/take/", duty.take, name="duty-take"),
    path("duty/<slug:number>/back/", duty.back, name="duty-back"),
    path("duty/<slug:number>/end/", duty.end, name="duty-end"),
    path("duty/<slug:number>/case/", duty.case, name="duty-case"),
]
