"""Routes of the supervision desk, below /board/."""

from django.urls import path

from .views import board

urlpatterns = [
    path("", board.first, name="board-first"),
    path("<slug:scope>/", board.board, name="board"),
    path("<slug:scope>/lines/", board.lines, name="board-lines"),
    path("<slug:scope>/cases/", board.cases, name="board-cases"),
    path("<slug:scope>/urge/", board.urge, name="board-urge"),
    path("<slug:scope>/order/", board.order, name="board-order"),
    path("<slug:scope>/watch/", board.watch, name="board-watch"),
]
