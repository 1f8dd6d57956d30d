"""Routes of the chat and of the duty desk."""

from django.urls import path

from .views import beside, duty, floor, outcome, roster, routing, starting, talking

app_name = "messaging"

urlpatterns = [
    path("chat/", starting.desks, name="desks"),
    path("chat/<slug:number>/", talking.talk, name="talk"),
    path("chat/<slug:number>/state/", talking.state, name="state"),
    path("chat/<slug:number>/lines/", talking.lines, name="lines"),
    path("chat/<slug:number>/end/", talking.end, name="end"),
    path("chat/<slug:number>/rate/", outcome.rate, name="rate"),
    path("chat/<slug:number>/case/", outcome.case, name="case"),
    path("chat/<slug:number>/message/", outcome.message, name="message"),
    path("chat/<slug:number>/claim/", outcome.claim, name="claim"),
    path("chat/<slug:number>/report/", routing.report, name="report"),
    path("beside/", beside.invitations, name="invitations"),
    path("beside/<slug:number>/", beside.beside, name="beside"),
    path("beside/<slug:number>/join/", beside.join, name="beside-join"),
    path("beside/<slug:number>/leave/", beside.leave, name="beside-leave"),
    path("roster/", roster.first, name="roster"),
    path("roster/shift/<int:shift_id>/swap/", roster.ask_swap, name="ask-swap"),
    path("roster/shift/<int:shift_id>/sheet/", roster.sign_sheet, name="sign-sheet"),
    path("roster/swap/<int:swap_id>/", roster.answer_swap, name="answer-swap"),
    path("roster/sheet/<int:sheet_id>/", roster.sheet, name="sheet"),
    path("roster/<slug:slug>/", roster.desk, name="roster-desk"),
    path("roster/<slug:slug>/<slug:act>/", roster.change, name="roster-change"),
    path("floor/", floor.floor, name="floor"),
    path("floor/<slug:number>/watch/", floor.watch, name="watch"),
    path("floor/reports/<int:report_id>/", floor.decide, name="decide-report"),
    path("floor/blocks/<int:block_id>/", floor.lift, name="lift-block"),
    path("duty/", duty.desk, name="duty"),
    path("duty/queue/", duty.queue, name="queue"),
    path("duty/state/", duty.state, name="duty-state"),
    path("duty/here/", duty.here, name="duty-here"),
    path("duty/next/", duty.take_next, name="duty-next"),
    path("duty/<slug:number>/", duty.desk, name="duty-talk"),
    path("duty/<slug:number>/take/", duty.take, name="duty-take"),
    path("duty/<slug:number>/back/", duty.back, name="duty-back"),
    path("duty/<slug:number>/end/", duty.end, name="duty-end"),
    path("duty/<slug:number>/case/", duty.case, name="duty-case"),
    path("duty/<slug:number>/others/", routing.others, name="duty-others"),
    path("duty/<slug:number>/transfer/", routing.transfer, name="duty-transfer"),
    path("duty/<slug:number>/invite/", routing.invite, name="duty-invite"),
    path("duty/<slug:number>/show-out/", routing.show_out, name="duty-show-out"),
    path("duty/<slug:number>/block/", routing.block, name="duty-block"),
]
