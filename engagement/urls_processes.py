"""Routes of processes, below /processes/, and of routing rules, below /routing/."""

from django.urls import path

from .views import processes, replays, routing

urlpatterns = [
    path("processes/", processes.listing, name="processes"),
    path("processes/new/", processes.begin, name="process-new"),
    path("processes/replays/<int:replay_id>/", replays.replay, name="replay"),
    path("processes/<slug:key>/", processes.editor, name="process"),
    path("processes/<slug:key>/compare/", processes.compare, name="process-compare"),
    path("processes/<slug:key>/export/", processes.export, name="process-export"),
    path("processes/<slug:key>/import/", processes.take_in, name="process-import"),
    path("processes/<slug:key>/preview/<slug:code>/", processes.preview, name="process-preview"),
    path("processes/<slug:key>/publish/", processes.publish, name="process-publish"),
    path("processes/<slug:key>/replay/", replays.begin, name="process-replay"),
    path("processes/<slug:key>/settings/", processes.settle, name="process-settings"),
    path("processes/<slug:key>/discard/", processes.discard, name="process-discard"),
    path("processes/<slug:key>/steps/", processes.add, name="process-add"),
    path("processes/<slug:key>/steps/<slug:code>/", processes.step, name="process-step"),
    path("processes/<slug:key>/steps/<slug:code>/remove/", processes.remove, name="process-remove"),
    path("routing/", routing.listing, name="routing"),
    path("routing/try/", routing.trial, name="routing-try"),
    path("routing/new/", routing.edit, name="routing-new"),
    path("routing/<int:rule_id>/", routing.edit, name="routing-rule"),
    path("routing/<int:rule_id>/<slug:where>/", routing.move, name="routing-move"),
]
