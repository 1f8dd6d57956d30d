"""Nothing stands in the handbook before a second person has looked at it."""

import pytest

from accounts.rules import BadInput, Conflict, NotFound, NotYours, TooMany, WrongStatus
from accounts.viewers import Viewer, person_viewer
from journal.models import Entry
from notices.models import Notice
from tests import make
from tests.wiki import cast
from wiki.knowledge import actions, queries
from wiki.knowledge.models import Proposal

pytestmark = pytest.mark.django_db


def told(viewer: Viewer) -> list[str]:
    return list(Notice.objects.filter(person=viewer.person).order_by("pk").values_list("kind", flat=True))


def words(shown: queries.Shown) -> str:
    return str(queries.page_at(Viewer(), shown.path).revision.content)


def test_a_change_waits_is_approved_by_name_and_its_author_is_told():
    shown, citizen, rita = cast.page(), person_viewer(make.person("wang")), cast.reviewer()
    proposal = cast.proposed(shown, by=citizen, summary="It was wrong")
    assert words(shown) == "How to read your **water** bill."
    assert [each.pk for each in queries.to_review(rita)] == [proposal.pk]
    assert told(rita) == ["wiki.proposed"]
    actions.approve_proposal(by=rita, proposal_id=proposal.pk)
    now = queries.page_at(Viewer(), shown.path)
    assert (now.revision.content, now.revision.user, now.page.reviewed_by) == (
        "Other words.",
        citizen.person,
        rita.person,
    )
    assert told(citizen) == ["wiki.approved"]
    kinds = Entry.objects.filter(stream__name=shown.page.stream_name).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["page.created", "page.proposed", "page.changed", "page.approved"]
    with pytest.raises(Conflict):
        actions.approve_proposal(by=rita, proposal_id=proposal.pk)


def test_it_is_sent_back_with_a_reason_that_the_author_reads(client):
    shown, rita = cast.page(), cast.reviewer()
    proposal = cast.proposed(shown)
    with pytest.raises(BadInput):
        actions.send_back_proposal(by=rita, proposal_id=proposal.pk, reason="  ")
    actions.send_back_proposal(by=rita, proposal_id=proposal.pk, reason="Name the office too.")
    assert words(shown) == "How to read your **water** bill."
    assert told(cast.writer()) == ["wiki.sent_back"]
    client.force_login(cast.writer().person, backend="accounts.backends.PersonBackend")
    assert "Name the office too." in client.get(f"/wiki/_reviews/{proposal.pk}/").content.decode()


def test_nobody_approves_their_own_words_nor_those_of_another_units_page():
    shown = cast.page()
    proposal = cast.proposed(shown)
    otto = person_viewer(make.official("otto", "reviewer", at=make.unit("transport")))
    wang = person_viewer(make.person("wang"))
    with pytest.raises(WrongStatus):
        actions.approve_proposal(by=cast.writer(), proposal_id=proposal.pk)
    for viewer in (otto, wang, Viewer()):
        with pytest.raises(NotYours):
            actions.approve_proposal(by=viewer, proposal_id=proposal.pk)
        with pytest.raises(NotFound):
            actions.withdraw_proposal(by=viewer, proposal_id=proposal.pk)
    assert queries.to_review(otto) == []
    with pytest.raises(NotFound):
        queries.proposal_for(wang, proposal.pk)
    moderator = person_viewer(make.official("mona", "moderator", at=make.unit("transport")))
    actions.approve_proposal(by=moderator, proposal_id=proposal.pk)


def test_of_two_changes_to_the_same_words_the_second_is_not_put_over_the_first():
    shown, rita = cast.page(), cast.reviewer()
    first, second = cast.proposed(shown), cast.proposed(shown, text="Third words.")
    actions.approve_proposal(by=rita, proposal_id=first.pk)
    with pytest.raises(Conflict):
        actions.approve_proposal(by=rita, proposal_id=second.pk)
    assert words(shown) == "Other words."
    assert Proposal.objects.get(pk=second.pk).state == Proposal.State.WAITING
    actions.withdraw_proposal(by=cast.writer(), proposal_id=second.pk)
    with pytest.raises(Conflict):
        actions.send_back_proposal(by=rita, proposal_id=second.pk, reason="Too late")


def test_a_form_sent_twice_proposes_once_and_a_flood_is_stopped(monkeypatch):
    shown = cast.page()
    assert cast.proposed(shown, token="one").pk == cast.proposed(shown, token="one").pk
    with pytest.raises(BadInput):
        cast.proposed(shown, text="How to read your **water** bill.")
    monkeypatch.setattr("wiki.knowledge.rules.SENDS", 2)
    cast.proposed(shown, text="Words that are new")
    with pytest.raises(TooMany):
        cast.proposed(shown, text="Words that are newer")


def test_a_translation_is_out_of_date_until_both_say_the_same():
    cast.home()
    writer = cast.writer()
    chinese = queries.page_at(writer, "zh/how-long/")
    english = queries.page_at(writer, "en/how-long/")
    assert queries.twin_of(Viewer(), chinese) is not None

    def stale(path: str) -> bool:
        twin = queries.twin_of(Viewer(), queries.page_at(Viewer(), path))
        return bool(twin and twin.stale)

    def change(shown: queries.Shown, text: str, **more: bool) -> None:
        proposal = cast.proposed(shown, text=text, **more)
        actions.approve_proposal(by=person_viewer(make.official("mona", "moderator")), proposal_id=proposal.pk)

    assert not stale(chinese.path)
    change(chinese, "新的内容", minor=True)
    assert not stale(english.path)
    change(chinese, "更新的内容")
    assert stale(english.path)
    assert not stale(chinese.path)
    change(english, "New words", same=True)
    assert not stale(english.path)
    assert not stale(chinese.path)
