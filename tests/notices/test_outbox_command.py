"""The operator's command."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notices.models import Delivery
from tests.notices import cast

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("outbox", *words, stdout=out)
    return out.getvalue()


def test_it_pauses_with_a_reason_shows_and_resumes():
    cast.mail()
    assert "paused (moving house)" in run("pause", "--reason", "moving house")
    shown = json.loads(run("status", "--json"))
    assert (shown["paused"], shown["pending"], shown["sent"]) == (True, 1, 0)
    assert shown["lag_seconds"] > 0
    assert run("resume").startswith("running")


def test_it_sends_parked_deliveries_again():
    parked, refused = cast.mail(), cast.mail()
    Delivery.objects.filter(pk=parked.pk).update(state="parked")
    Delivery.objects.filter(pk=refused.pk).update(state="refused")
    assert run("retry").startswith("1 to be sent again")
    assert run("retry", str(refused.pk)).startswith("1 to be sent again")
    assert Delivery.objects.filter(state="pending").count() == 2


def test_it_refuses_another_verb():
    with pytest.raises(CommandError):
        run("burn")
