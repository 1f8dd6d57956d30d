"""Routes of the supervision desk, below /board/."""

from django.urls import path

from .views import board, bulletins

urlpatterns = [
    path("", board.first, name="board-first"),
    path("<slug:scope>/", board.board, name="board"),
    path("<slug:scope>/lines/", board.lines, name="board-lines"),
    path("<slug:scope>/cases/", board.cases, name="board-cases"),
    path("<slug:scope>/urge/", board.urge, name="board-urge"),
    path("<slug:scope>/order/", board.order, name="board-order"),
    path("<slug:scope>/watch/", board.watch, name="board-watch"),
    path("<slug:scope>/bulletin/", bulletins.page, name="bulletin"),
    path("<slug:scope>/bulletin/pdf/", bulletins.pdf, name="bulletin-pdf"),
    path("<slug:scope>/bulletin/xlsx/", bulletins.workbook, name="bulletin-xlsx"),
    path("<slug:scope>/findings/", bulletins.findings, name="findings"),
]
