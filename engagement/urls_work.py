"""Routes of the workbench, below /work/."""

from django.urls import path

from .views import workbench

urlpatterns = [
    path("", workbench.bench, name="work"),
    path("list/", workbench.listing, name="work-list"),
    path("<slug:number>/", workbench.bench, name="work-case"),
    path("<slug:number>/pane/", workbench.pane, name="work-pane"),
    path("<slug:number>/<slug:slug>/", workbench.act, name="work-act"),
]
