"""Throttling without puzzles, blocks, and reports of abuse."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.rules import BadInput, Conflict, NotFound, TooMany, WrongStatus
from messaging import actions, queries
from messaging.models import AbuseReport, Block, Talk
from tests import make
from tests.messaging import cast
from tests.messaging.test_duty_page import client_of

pytestmark = pytest.mark.django_db
ADDRESS = "198.51.100.7"


def ask(who, at=None, address=ADDRESS, **more):
    return actions.open_talk(viewer=who, desk_id=cast.desk().pk, text="Hello", at=at, address=address, **more)


def supervisor():
    make.unit()
    return make.viewer(make.official("sven", Role.SUPERVISOR, make.unit("city")))


def test_nobody_holds_more_places_than_allowed_but_a_repeat_is_no_new_one(settings):
    settings.CHAT_TALKS_AT_ONCE = 2
    wang = cast.citizen()
    ask(wang, token="one-form-token")
    ask(wang)
    with pytest.raises(Conflict) as refused:
        ask(wang)
    assert refused.value.code == "at_once"
    assert ask(wang, token="one-form-token").token == Talk.objects.order_by("pk").first().token
    ask(cast.citizen("chen"))


def test_an_address_that_abandons_talk_after_talk_waits(settings):
    settings.CHAT_ABANDONED_RATE = 3
    for number in range(3):
        who = cast.visitor(f"v{number}")
        actions.end_talk(talk_id=ask(who).pk, by=who)
    with pytest.raises(TooMany):
        ask(cast.visitor("v9"))
    ask(cast.visitor("elsewhere"), address="203.0.113.9")
    ask(cast.citizen())
    assert ADDRESS not in str(Talk.objects.values_list("origin", flat=True))
    ask(cast.visitor("later"), at=timezone.now() + timedelta(minutes=61))


def test_a_block_holds_until_its_time_and_leaves_messages_open():
    now = timezone.now()
    dora, who = cast.on_duty(), cast.visitor("rude")
    talk = ask(who)
    actions.take_talk(talk_id=talk.pk, by=dora)
    actions.block_opener(talk_id=talk.pk, by=dora, reason="Insults", hours=2, at=now)
    actions.end_talk(talk_id=talk.pk, by=dora)
    for same in (who, cast.visitor("a-new-session")):
        with pytest.raises(WrongStatus) as refused:
            ask(same, at=now)
        assert refused.value.code == "blocked"
    ask(cast.citizen(), at=now)
    assert actions.leave_message(viewer=who, desk_id=cast.desk().pk, text="In writing then.").case_id
    ask(who, at=now + timedelta(hours=2, seconds=1))
    assert "talk.blocked" in cast.kinds(talk.aside_name)
    assert "talk.blocked" not in cast.kinds(talk.stream_name)


def test_who_is_blocked_is_offered_to_leave_what_they_wrote_as_a_message():
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.citizen(), holder=dora)
    actions.block_opener(talk_id=talk.pk, by=dora, reason="Insults", hours=2)
    client = client_of(cast.citizen().person)
    form = client.get("/chat/?desk=housing").context["form"]
    asked = {"desk": "housing", "as": "talk", "token": form["token"].value(), "text": "Once more", "name": ""}
    answer = client.post("/chat/", asked)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Once more" in page
    assert 'name="as" value="message"' in page


def test_who_may_block_for_how_long_and_who_lifts_it():
    dora, emil, sven = cast.on_duty("dora"), cast.on_duty("emil"), supervisor()
    talk = cast.open_talk(by=cast.citizen(), holder=dora)
    for other in (emil, cast.citizen(), cast.citizen("chen")):
        with pytest.raises(NotFound):
            actions.block_opener(talk_id=talk.pk, by=other, reason="Because", hours=1)
    for hours in (0, 25, True, -1):
        with pytest.raises(BadInput):
            actions.block_opener(talk_id=talk.pk, by=dora, reason="Because", hours=hours)
    block = actions.block_opener(talk_id=talk.pk, by=sven, reason="Threats", hours=700)
    assert queries.block_of(cast.citizen(), "") == block
    assert queries.blocks_for(sven) == [block]
    with pytest.raises(NotFound):
        actions.lift_block(block_id=block.pk, by=dora)
    actions.lift_block(block_id=block.pk, by=sven)
    assert queries.block_of(cast.citizen(), "") is None
    assert queries.blocks_for(sven) == []


def test_a_report_reaches_the_supervisor_and_is_decided_once():
    dora, sven = cast.on_duty(), supervisor()
    talk = cast.open_talk(holder=dora)
    report = actions.report_abuse(talk_id=talk.pk, by=dora, words="Insults me")
    assert actions.report_abuse(talk_id=talk.pk, by=dora, words="Once more") == report
    assert queries.reports_for(sven) == [report]
    assert queries.reports_for(dora) == []
    with pytest.raises(NotFound):
        actions.decide_report(report_id=report.pk, by=dora, decision="dismissed")
    actions.decide_report(report_id=report.pk, by=sven, decision="blocked", hours=48)
    assert Block.objects.get(who=talk.opened_by).reason == "Insults me"
    with pytest.raises(Conflict):
        actions.decide_report(report_id=report.pk, by=sven, decision="dismissed")
    assert queries.reports_for(sven) == []


def test_a_citizen_reports_an_officer_but_nobody_is_blocked_by_it():
    dora, sven = cast.on_duty(), supervisor()
    talk = cast.open_talk(holder=dora)
    report = actions.report_abuse(talk_id=talk.pk, by=cast.visitor(), words="Laughed at me")
    with pytest.raises(BadInput):
        actions.decide_report(report_id=report.pk, by=sven, decision="blocked")
    actions.decide_report(report_id=report.pk, by=sven, decision="noted")
    assert AbuseReport.objects.get().decided_by == sven.person
    with pytest.raises(NotFound):
        actions.report_abuse(talk_id=talk.pk, by=cast.citizen(), words="Not mine")
