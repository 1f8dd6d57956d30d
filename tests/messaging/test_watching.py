"""A supervisor of an open supervision reads along and whispers; it is logged for everybody to see."""

import pytest
from django.utils import timezone

from accounts.models import Post, Role
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from audit.models import Record
from messaging import actions, queries, rules
from messaging.models import Watch
from tests import make
from tests.engagement import cast as cases
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def supervisor(name: str = "sven", unit: str = "city"):
    return make.viewer(make.official(name, Role.SUPERVISOR, make.unit(unit)))


def test_it_is_logged_lets_read_and_whisper_and_ends_with_the_talk():
    make.unit()
    dora, sven = cast.on_duty(), supervisor()
    talk = cast.open_talk(holder=dora)
    assert not queries.may_follow_talk(sven, talk.number)
    watch = actions.open_watch(talk_id=talk.pk, by=sven, reason="A complaint about the tone")
    assert actions.open_watch(talk_id=talk.pk, by=sven, reason="Again").pk == watch.pk
    told = cast.entries(talk.stream_name)[-1]
    assert (told.kind, told.data["name"]) == ("talk.watched", str(sven.person))
    assert queries.may_follow_talk(sven, talk.number)
    assert queries.may_follow_aside(sven, talk.number)
    with pytest.raises(WrongStatus):
        actions.say(viewer=sven, key=talk.number, client_key="key-number-1", text="I am here.")
    said = actions.whisper(viewer=sven, key=talk.number, client_key="key-number-2", text="Offer a case.")
    assert actions.whisper(viewer=sven, key=talk.number, client_key="key-number-2", text="Offer a case.") == said
    with pytest.raises(Conflict):
        actions.whisper(viewer=sven, key=talk.number, client_key="key-number-2", text="Other words.")
    actions.whisper(viewer=dora, key=talk.number, client_key="key-number-3", text="I will.")
    assert [entry.data["text"] for entry in queries.asides_of(talk)] == ["Offer a case.", "I will."]
    assert "Offer" not in str([entry.data for entry in cast.entries(talk.stream_name)])
    assert actions.mark_read(viewer=sven, key=talk.number, seq=9) == 0
    assert "talk.read" not in cast.kinds(talk.stream_name)
    actions.end_talk(talk_id=talk.pk, by=dora)
    assert not queries.may_follow_talk(sven, talk.number)
    assert Watch.objects.get().closed_at is not None


def test_closing_it_is_seen_and_takes_the_right_away():
    dora, sven = cast.on_duty(), supervisor()
    talk = cast.open_talk(holder=dora)
    actions.open_watch(talk_id=talk.pk, by=sven, reason="Quality")
    actions.close_watch(talk_id=talk.pk, by=sven)
    assert cast.kinds(talk.stream_name)[-1] == "talk.unwatched"
    assert not queries.may_follow_talk(sven, talk.number)
    assert not queries.may_follow_aside(sven, talk.number)
    with pytest.raises(NotFound):
        actions.close_watch(talk_id=talk.pk, by=sven)


def test_only_who_supervises_the_unit_and_only_with_a_reason():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    elsewhere = supervisor("silke", "water")
    for other in (elsewhere, dora, cast.visitor(), cast.citizen(), make.viewer(make.official("hugo"))):
        with pytest.raises(NotFound):
            actions.open_watch(talk_id=talk.pk, by=other, reason="Because")
    with pytest.raises(BadInput):
        actions.open_watch(talk_id=talk.pk, by=supervisor(), reason="")
    assert not Watch.objects.exists()


def test_a_supervisor_whose_post_ends_sees_nothing_more():
    sven = supervisor()
    talk = cast.open_talk(holder=cast.on_duty())
    actions.open_watch(talk_id=talk.pk, by=sven, reason="Quality")
    Post.objects.filter(person=sven.person).delete()
    assert not queries.may_follow_talk(make.viewer(sven.person), talk.number)


def test_a_talk_that_is_over_is_read_for_a_day_and_opened_words_leave_a_trace(client):
    make.unit("city")
    dora, sven, elsewhere = cast.on_duty(), supervisor(), supervisor("otto", "transport")
    talk = cast.open_talk(holder=dora)
    seq, _at = actions.say(viewer=dora, key=talk.number, client_key="hasty-words", text="You are a nuisance")
    actions.change_words(viewer=dora, key=talk.number, client_key="taken-back", seq=seq, text=None)
    actions.end_talk(talk_id=talk.pk, by=dora)
    asked = {"number": talk.number, "reason": "A complaint about the tone", "client_key": "why-it-was-opened"}
    with pytest.raises(NotFound):
        actions.open_kept(by=sven, **asked)
    client.force_login(sven.person)
    listed = client.get("/floor/past/").content.decode()
    assert talk.number in listed
    assert "nuisance" not in listed
    assert client.get("/floor/past/", {"q": "nuisance"}).content.decode().count(talk.number) == 0
    assert client.get(f"/floor/{talk.number}/kept/").status_code == 404
    watched = client.post(f"/floor/{talk.number}/watch/", {"reason": "A complaint"}, follow=True).content.decode()
    assert "The lift is stuck." in watched
    assert "nuisance" not in watched
    assert f"/floor/{talk.number}/kept/" in watched
    assert client.post(f"/floor/{talk.number}/kept/", {"key": "x" * 8, "reason": ""}).status_code == 400
    opened = client.post(f"/floor/{talk.number}/kept/", {"key": "why-it-was-opened", "reason": asked["reason"]})
    assert "You are a nuisance" in opened.content.decode()
    assert actions.open_kept(by=sven, **asked)[0].text == "You are a nuisance"
    assert cast.kinds(f"kept-{talk.number}") == ["message.kept", "kept.opened"]
    assert cast.entries(f"kept-{talk.number}")[1].data["reason"] == asked["reason"]
    assert cast.kinds(talk.stream_name)[-2:] == ["talk.watched", "talk.kept_opened"]
    for other in (dora, elsewhere, cast.visitor()):
        with pytest.raises(NotFound):
            actions.open_kept(by=other, **asked)
    with pytest.raises(WrongStatus):
        actions.whisper(viewer=sven, key=talk.number, client_key="key-number-2", text="Too late.")
    Watch.objects.update(opened_at=timezone.now() - rules.WATCHED_AFTERWARDS)
    assert not queries.may_follow_talk(sven, talk.number)
    with pytest.raises(NotFound):
        actions.open_kept(by=sven, **asked)


def test_words_taken_back_in_a_room_are_opened_by_who_supervises_their_author(client, settings):
    make.unit("city")
    water, roads, city = supervisor("wen", "water"), supervisor("rosa", "transport"), supervisor()
    hugo, olga = (
        make.viewer(make.official(name, at=make.unit(at))) for name, at in (("hugo", "water"), ("olga", "housing"))
    )
    room = actions.open_group(by=hugo, title="Flood", people=[olga.person.pk])
    for by, words in ((hugo, "Hugo was rude"), (olga, "Olga was rude")):
        said = {"viewer": by, "key": str(room.pk)}
        seq, _at = actions.say_in_room(**said, client_key="hasty-words", text=words)
        actions.change_in_room(**said, client_key="taken-back", seq=seq, text=None)
    page, asked = f"/floor/rooms/{room.pk}/", {"key": "why-it-was-opened", "reason": "A complaint about the tone"}
    for of, seen, unseen in ((water, "Hugo was rude", "Olga was rude"), (city, "Hugo was rude", "")):
        client.force_login(of.person)
        before = client.get("/floor/rooms/").content.decode() + client.get(page).content.decode()
        assert "Flood" in before
        assert "rude" not in before
        assert client.post(page, {**asked, "reason": ""}).status_code == 400
        for _repeated in range(2):
            opened = client.post(page, asked).content.decode()
            assert seen in opened
            assert not unseen or unseen not in opened
    assert cast.kinds(f"kept-room-{room.pk}") == ["message.kept", "message.kept", "kept.opened", "kept.opened"]
    assert cast.kinds(room.stream_name)[-2:] == ["room.kept_opened"] * 2
    assert Record.objects.filter(kind="words.opened", subject=room.stream_name).count() == 2
    actions.add_members(room_id=room.pk, by=hugo, people=[city.person.pk])
    for other in (roads, hugo, city):
        with pytest.raises(NotFound):
            actions.open_kept_in_room(room_id=room.pk, by=other, reason="Curious", client_key="curious-key")
    Post.objects.filter(person=olga.person).update(unit=make.unit(settings.INTEGRITY_UNIT))
    assert queries.kept_rooms(water) == []


def test_a_talk_that_became_a_report_of_wrongdoing_is_nobodys_to_supervise():
    cases.integrity()
    dora, sven = cast.on_duty(), supervisor()
    talk = cast.open_talk(holder=dora)
    case = actions.make_case(talk_id=talk.pk, by=dora, kind="report")
    assert case.confidential
    for _now_and_afterwards in range(2):
        with pytest.raises(NotFound):
            actions.open_watch(talk_id=talk.pk, by=sven, reason="Quality")
        with pytest.raises(NotFound):
            queries.watchable(sven, talk.number)
        talk.refresh_from_db()
        if talk.status == "open":
            actions.end_talk(talk_id=talk.pk, by=dora)
    assert talk not in queries.past_at(sven)
