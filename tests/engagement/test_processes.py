"""Processes: what may be published, versions that never change, conditions that are data."""

import copy
from typing import Any

import pytest
from django.core.management import call_command

from engagement import actions
from engagement.models import Case, Process
from engagement.processes.checks import check
from engagement.processes.definition import KEYS, holds, shipped
from engagement.rules import BadInput
from tests.engagement.cast import HOUR, MONDAY, letter, office


@pytest.mark.parametrize("key", KEYS)
def test_every_process_that_comes_with_the_software_can_be_published(key):
    assert check(shipped(key)).key == key


def changed(**paths: Any) -> dict[str, Any]:
    raw = copy.deepcopy(shipped("letter"))
    for path, value in paths.items():
        *folders, last = path.split("__")
        place = raw
        for folder in folders:
            place = place[folder]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return raw


@pytest.mark.parametrize(
    "raw",
    [
        changed(start="nowhere"),
        changed(nodes__register__actions__accept__to="nowhere"),
        changed(
            nodes__island={"role": "handler", "at": "unit", "status": "accepted", "actions": {"x": {"to": "concluded"}}}
        ),
        changed(nodes__review__actions={"loop": {"to": "review"}}),
        changed(nodes__answered__actions__rate__to=[{"when": {"if": ["score", "<", 3]}, "to": "handle"}]),
        changed(
            nodes__answered__actions__rate__to=[
                {"when": {"if": ["score", "eval", 3]}, "to": "handle"},
                {"to": "concluded"},
            ]
        ),
        changed(nodes__answered__actions__rate__to=[{"when": {"all": []}, "to": "handle"}, {"to": "concluded"}]),
        changed(nodes__answered__timeout={"days": 3, "action": "nothing"}),
        changed(nodes__register__role="wizard"),
        changed(nodes__register__at="moon"),
        changed(nodes__register__status="lost"),
        changed(promise_days={"enquiry": 5}),
        changed(norms={}),
        changed(nodes=None),
        changed(nodes=[]),
        {},
    ],
)
@pytest.mark.django_db
def test_it_refuses_a_process_that_could_get_stuck(raw):
    with pytest.raises(BadInput) as told:
        actions.publish_process(definition=raw)
    assert told.value.field == "definition"
    assert not Process.objects.exists()


@pytest.mark.parametrize(
    ("condition", "facts", "true"),
    [
        (None, {}, True),
        ({"if": ["score", "<=", 2]}, {"score": 2}, True),
        ({"if": ["score", "<=", 2]}, {"score": 3}, False),
        ({"if": ["score", "<=", 2]}, {}, False),
        ({"all": [["score", ">", 1], ["round", "==", 1]]}, {"score": 2, "round": 1}, True),
        ({"all": [["score", ">", 1], ["round", "!=", 1]]}, {"score": 2, "round": 1}, False),
        ({"any": [["score", ">=", 5], {"all": [["round", "<", 3]]}]}, {"score": 2, "round": 1}, True),
    ],
)
def test_conditions_are_compared_and_never_run(condition, facts, true):
    assert holds(condition, facts) is true


@pytest.mark.django_db
def test_a_case_stays_with_the_version_it_began_with():
    by = office()
    actions.load_processes()
    old = letter(by.wang, by.mailbox).case
    raw = changed(nodes__register__actions__refuse=None, nodes__not_accepted=None, promise_days__complaint=3)
    second = actions.publish_process(definition=raw)
    assert second.version == 2
    new = letter(by.wang, by.mailbox).case
    assert (old.process.version, new.process.version) == (1, 2)
    assert old.promised_at is not None
    assert new.promised_at is not None
    assert new.promised_at < old.promised_at
    actions.refuse_case(case_id=old.pk, version=0, by=by.ida, ground="No", at=MONDAY + HOUR)
    assert Case.objects.get(pk=old.pk).status == Case.Status.NOT_ACCEPTED


@pytest.mark.django_db
def test_publishing_the_same_again_makes_no_new_version(capsys):
    call_command("load_processes")
    call_command("load_processes")
    assert Process.objects.count() == len(KEYS)
    actions.publish_process(definition=changed(promise_days__complaint=3))
    # The city's own version stays the newest one when the software is set up again.
    call_command("load_processes")
    assert Process.objects.filter(key="letter").order_by("-version")[0].version == 2
    capsys.readouterr()
