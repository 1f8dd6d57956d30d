"""Routes of leaders, letters and cases."""

from django.urls import include, path

from .views import calling, figures, files, filing, leaders, letters, mine, places, quality, signing, track, ways

app_name = "engagement"

urlpatterns = [
    path("leaders/", leaders.mailboxes, name="mailboxes"),
    path("leaders/<slug:slug>/", leaders.mailbox, name="mailbox"),
    path("leaders/<slug:slug>/write/", filing.write, name="write"),
    path("cases/new/", filing.complain, name="complain"),
    path("cases/similar/", filing.similar, name="similar"),
    path("map/", places.city_map, name="map"),
    path("figures/", figures.figures, name="figures"),
    path("letters/", letters.letters, name="letters"),
    path("letters/<slug:number>/", letters.letter, name="letter"),
    path("track/", track.track, name="track"),
    path("my/cases/", mine.mine, name="mine"),
    path("files/<slug:key>/", files.file, name="file"),
    path("cases/<slug:number>/", track.case, name="case"),
    path("cases/<slug:number>/filed/", filing.filed, name="filed"),
    path("cases/<slug:number>/now/", track.now, name="case-now"),
    path("cases/<slug:number>/add/", track.add, name="case-add"),
    path("cases/<slug:number>/answer/", track.answer, name="case-answer"),
    path("cases/<slug:number>/urge/", track.urge, name="case-urge"),
    path("cases/<slug:number>/withdraw/", track.withdraw, name="case-withdraw"),
    path("cases/<slug:number>/reopen/", track.reopen, name="case-reopen"),
    path("cases/<slug:number>/review/", track.review, name="case-review"),
    path("cases/<slug:number>/readers/", track.readers, name="case-readers"),
    path("cases/<slug:number>/rate/", track.rate, name="case-rate"),
    path("cases/<slug:number>/way/", ways.way, name="case-way"),
    path("", include("engagement.urls_processes")),
    path("work/", include("engagement.urls_work")),
    path("board/", include("engagement.urls_board")),
    path("hours/", include("engagement.urls_hours")),
    path("checks/", quality.checks, name="checks"),
    path("checks/new/", quality.new, name="check-new"),
    path("checks/<int:check_id>/", quality.check, name="check"),
    path("checks/<int:check_id>/<int:position>/", quality.place, name="check-place"),
    path("calls/", calling.calls, name="calls"),
    path("calls/<int:callback_id>/", calling.record, name="call"),
    path("sign/", signing.cards, name="sign"),
    path("sign/<slug:number>/<slug:slug>/", signing.act, name="sign-act"),
]
