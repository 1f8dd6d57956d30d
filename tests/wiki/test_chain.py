"""From a conversation to a case, its public answer, and a page; and back to those who got the answer."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

import messaging.actions
from accounts.rules import BadInput, NotFound, RuleBroken, WrongStatus
from accounts.sealing import unseal
from accounts.viewers import Viewer
from engagement import actions as cases
from engagement.models import Case
from journal.models import Entry
from notices.models import CONTEXT, Notice
from search.models import Document
from tests import make
from tests.engagement import cast as office_cast
from tests.messaging import cast as talks
from tests.wiki import cast
from wiki.knowledge import actions, queries
from wiki.knowledge.models import Citation

pytestmark = pytest.mark.django_db


def kinds(stream: str) -> list[str]:
    return list(Entry.objects.filter(stream__name=stream).order_by("seq").values_list("kind", flat=True))


def answered(by: office_cast.Office, case: Case, text: str) -> Case:
    known = {"case_id": case.pk, "version": None}
    cases.accept_case(by=by.ida, **known)
    cases.dispatch_case(by=by.dina, unit_id=by.housing.pk, **known)
    cases.sign_for_case(by=by.hana, **known)
    cases.submit_reply(by=by.hana, text=text, outcome="explained", **known)
    return cases.approve_reply(by=by.rita, **known)


def test_a_talk_becomes_a_case_a_public_answer_and_a_page_with_consent_and_two_persons(client):
    cases.load_processes()
    by, home = office_cast.office(), cast.home()
    desk, dora = talks.desk(unit=by.city), talks.on_duty(at=talks.desk(unit=by.city))
    talk = messaging.actions.open_talk(
        viewer=by.wang,
        desk_id=desk.pk,
        text="When does the pool open? Call me: 13800138000",
        token="a-token-of-16-chars",
    )
    messaging.actions.take_talk(talk_id=talk.pk, by=dora)
    case = messaging.actions.make_case(talk_id=talk.pk, by=dora)
    case = answered(by, case, "The pool opens on the first of May.")
    copy = {"title": "When does the pool open?", "text": "When does the pool open?", "reply": "On the first of May."}
    # Nobody asked the citizen in the talk, so nothing of it may be published before they agree.
    with pytest.raises(WrongStatus):
        cases.prepare_publication(case_id=case.pk, by=by.hana, **copy)
    client.force_login(by.wang.person, backend="accounts.backends.PersonBackend")
    assert client.post(f"/cases/{case.number}/readers/", {"public": "yes"}).status_code == 302
    cases.prepare_publication(case_id=case.pk, by=by.hana, **copy)
    given = {"parent_id": home.pk, "slug": "pool", "title": "The pool", "text": "It opens in May.", "language": "en"}
    with pytest.raises(NotFound):
        actions.propose_page(by=cast.writer(), letter=case.number, **given)
    cases.approve_publication(case_id=case.pk, by=by.rita)
    client.force_login(cast.writer().person, backend="accounts.backends.PersonBackend")
    form = client.get(f"/wiki/_new/?letter={case.number}", headers={"accept-language": "en"}).content.decode()
    assert "On the first of May." in form
    assert "13800138000" not in form
    proposal = actions.propose_page(by=cast.writer(), letter=case.number, **given)
    actions.approve_proposal(by=by.rita, proposal_id=proposal.pk)
    shown = queries.page_at(Viewer(), "en/pool/")
    grown = queries.grown_from(shown)
    assert grown
    assert grown.case.number == case.number
    assert "/wiki/en/pool/" in client.get(f"/letters/{case.number}/").content.decode()
    # The citizen thinks again: the letter is gone everywhere, and the page names it no more.
    cases.decide_publication(case_id=case.pk, by=by.wang, public=False)
    assert queries.grown_from(shown) is None
    assert not Document.objects.filter(room="case").exists()
    assert "case.consented" in kinds(case.stream_name)


def test_only_the_citizen_decides_and_only_when_it_is_answered():
    by = office_cast.office()
    open_case, done = office_cast.case_at("signed", by), office_cast.case_at("answered", by)
    for viewer, case in (
        (by.wang, open_case),
        (by.hana, done),
        (make.viewer(make.person("li")), done),
        (Viewer(), done),
    ):
        with pytest.raises(RuleBroken):
            cases.decide_publication(case_id=case.pk, by=viewer, public=True)


def test_who_got_an_answer_that_cites_a_page_is_told_when_the_page_says_something_else(client, settings):
    settings.PUBLIC_URL = "http://localhost"
    cases.load_processes()
    by, page = office_cast.office(), cast.page(title="Pool hours")
    link = f"/wiki/_v/{page.place.article_id}-{page.revision.revision_number}/"
    case = office_cast.letter(by.wang, title="Pool").case
    answered(by, case, f"It is written here: http://localhost{link} and at /wiki/en/nowhere/ too.")
    desk, dora = talks.desk(unit=by.city), talks.on_duty(at=talks.desk(unit=by.city))
    talk = messaging.actions.open_talk(viewer=by.wang, desk_id=desk.pk, text="The pool?", token="a-token-of-16-chars")
    messaging.actions.take_talk(talk_id=talk.pk, by=dora)
    messaging.actions.say(viewer=dora, key=talk.number, client_key=str(uuid4()), text="See /wiki/en/water-bill/ please")
    assert set(Citation.objects.values_list("stream", flat=True)) == {case.stream_name, talk.stream_name}
    rita = cast.reviewer()
    minor = cast.proposed(page, text="How to read your **water** bill!", minor=True)
    actions.approve_proposal(by=rita, proposal_id=minor.pk)
    assert actions.tell_cited() == 0
    actions.approve_proposal(by=rita, proposal_id=cast.proposed(page, text="Other words.").pk)
    assert actions.tell_cited() == 2
    assert actions.tell_cited() == 0
    assert kinds(case.stream_name)[-1] == "case.source_changed"
    assert kinds(talk.stream_name)[-1] == "talk.source_changed"
    told = Notice.objects.filter(person=by.wang.person, kind__contains="source_changed")
    assert set(told.values_list("kind", flat=True)) == {"case.source_changed", "talk_source_changed"}
    client.force_login(by.wang.person, backend="accounts.backends.PersonBackend")
    page_of_case = client.get(f"/cases/{case.number}/").content.decode()
    assert f'<a href="{link}">http://localhost{link}</a>' in page_of_case
    assert 'href="/wiki/en/water-bill/">Pool hours</a>' in page_of_case
    assert 'href="/wiki/en/water-bill/"' in client.get(f"/chat/{talk.number}/").content.decode()
    old = client.get(link, headers={"accept-language": "en"}).content.decode()
    assert "It has been changed since." in old
    assert "<strong>water</strong>" in old
    assert queries.cited_in(by.hana, queries.page_at(by.hana, page.path))[1] == [case]
    assert queries.cited_in(Viewer(), page) == (0, [])


def test_a_page_for_officials_is_never_cited_to_citizens():
    inner = cast.page("inner", audience="officials")
    text = f"/wiki/_v/{inner.place.article_id}-1/ /wiki/en/inner/"
    assert actions.note_citations(stream="case-X", text=text, by=None, at=timezone.now()) == 0


def test_units_are_reminded_before_a_page_expires_and_on_the_day_and_readers_see_it(client):
    shown, keeper = cast.page(), cast.writer()
    now = timezone.now()
    today = timezone.localdate(now)
    given = {"place_id": shown.place.pk, "unit_id": make.unit().pk, "twin_id": None}
    actions.care_for_page(by=keeper, expires_on=today + timedelta(days=20), at=now, **given)
    assert actions.remind_of_expiry(at=now) == 0
    assert [actions.remind_of_expiry(at=now + timedelta(days=day)) for day in (7, 8, 20, 21)] == [1, 0, 1, 0]
    told = Notice.objects.filter(person=keeper.person, kind="wiki.expiring")
    assert told.count() == 2
    assert set(told.values_list("url", flat=True)) == {"/wiki/en/water-bill/"}
    with pytest.raises(BadInput):
        actions.care_for_page(by=keeper, expires_on=today - timedelta(days=1), at=now, **given)
    queries.visible_to(keeper).filter(pk=shown.page.pk).update(expires_on=today - timedelta(days=1))
    assert "has not been yet" in client.get("/wiki/en/water-bill/", headers={"accept-language": "en"}).content.decode()
    actions.review_page(by=keeper, place_id=shown.place.pk)
    page = client.get("/wiki/en/water-bill/", headers={"accept-language": "en"}).content.decode()
    assert "has not been yet" not in page
    assert "by Olga" in page


def test_an_owner_is_told_once_a_day_of_all_pages_together(client):
    # In the morning: an hour later it is still the same day.
    keeper, now = cast.writer(), timezone.localtime().replace(hour=9)
    today = timezone.localdate(now)
    for number in range(3):
        shown = cast.page(f"page-{number}", title=f"Page <{number}>")
        queries.visible_to(keeper).filter(pk=shown.page.pk).update(
            unit=make.unit(), expires_on=today + timedelta(days=number - 1), reminded_on=None
        )
    assert actions.remind_of_expiry(at=now) == 3
    told = Notice.objects.get(person=keeper.person, kind="wiki.expiring")
    assert (told.title, told.url) == ("Handbook: 3 pages must be checked", "/wiki/_reviews/")
    body = unseal(bytes(told.deliveries.get().body), CONTEXT).decode()
    assert body.count("/wiki/en/page-") == 3
    assert "“Page <0>”: should have been checked by now" in body
    queries.visible_to(keeper).filter(pk=shown.page.pk).update(reminded_on=None)
    late = cast.page("late").page
    # Of another unit, but of the same person: who serves in two is not told twice either.
    second = make.unit("second")
    make.official(keeper.person.username, at=second)
    queries.visible_to(keeper).filter(pk=late.pk).update(unit=second, expires_on=today, reminded_on=None)
    assert [actions.remind_of_expiry(at=now + timedelta(hours=hours)) for hours in (1, 24)] == [0, 2]
    assert Notice.objects.filter(person=keeper.person, kind="wiki.expiring").count() == 2
    client.force_login(keeper.person, backend="accounts.backends.PersonBackend")
    page = client.get("/wiki/_reviews/", headers={"accept-language": "en"}).content.decode()
    assert page.index("Page &lt;0&gt;") < page.index("Page &lt;2&gt;")


def test_an_officer_finds_the_version_to_cite_by_its_words_and_within_rights(client, settings):
    """Without JavaScript a page with lines to copy; what only officials read is never offered."""
    settings.PUBLIC_URL = "http://localhost"
    page, inner = cast.page(title="Pool hours"), cast.page("inner", title="Pool keys", audience="officials")
    assert client.get("/wiki/_cite/?q=pool").status_code == 404
    client.force_login(make.person("wang"), backend="accounts.backends.PersonBackend")
    assert client.get("/wiki/_cite/?q=pool").status_code == 404
    client.force_login(cast.writer().person, backend="accounts.backends.PersonBackend")
    shown = client.get("/wiki/_cite/?q=pool", headers={"accept-language": "en"}).content.decode()
    line = f"http://localhost/wiki/_v/{page.place.article_id}-{page.revision.revision_number}/"
    assert 'data-title="Pool hours" data-line="“Pool hours”, ' in shown
    assert line in shown
    assert "Pool keys" not in shown
    assert inner.page.audience == "officials"
    for words in ("", "x" * 500):
        assert client.get("/wiki/_cite/", {"q": words}).status_code == 200
    assert actions.note_citations(stream="case-X", text=f"As it says: {line}", by=None, at=timezone.now()) == 1
