"""What stands beside a talk: prepared answers filled in, pages that may help, and the thread to print or send."""

import pytest
from django.test import Client

from accounts.rules import Conflict, NotFound, TooMany
from engagement.models import CannedReply
from messaging import actions, queries
from notices.models import Delivery
from tests.browsers import PHONE
from tests.messaging import cast
from tests.messaging.test_duty_page import client_of
from tests.messaging.test_watching import supervisor
from tests.notices.cast import opened
from tests.wiki import cast as wiki

pytestmark = pytest.mark.django_db


def prepared(text: str, word: str = "hello", language: str = "en") -> CannedReply:
    unit = cast.desk().unit
    return CannedReply.objects.create(unit=unit, title="Greeting", word=word, language=language, text=text)


def test_prepared_answers_know_the_citizen_the_desk_the_officer_and_the_case():
    dora = cast.on_duty()
    prepared("Hello {citizen}, this is {officer} of {desk}. Your case: {number}")
    prepared("你好", language="zh-hans")
    talk = cast.open_talk(by=cast.visitor(), holder=dora)
    talk.name = "Ms Zhou {officer}"
    reply, _chinese = queries.canned_for(talk, dora)
    # What a citizen called themselves is never filled in again; what is not known yet stays to be written.
    assert reply.text == f"Hello Ms Zhou {{officer}}, this is {dora.person} of Housing desk. Your case: {{number}}"
    talk.case = actions.make_case(talk_id=talk.pk, by=dora)
    assert talk.case.number in queries.canned_for(talk, dora)[0].text


def test_pages_are_suggested_from_what_the_citizen_writes_and_change_with_it():
    dora = cast.on_duty()
    wiki.page(title="Water bill", text="How to read your water bill.")
    wiki.page("parking-permit", title="Parking permit", text="Where to ask for a parking permit.")
    talk = cast.open_talk(by=cast.visitor(), holder=dora)
    desk = client_of(dora.person)
    assert "Water bill" not in desk.get(f"/duty/{talk.number}/suggest/").content.decode()
    actions.say(viewer=cast.visitor(), key=talk.number, client_key="about-water", text="My water bill is too high")
    shown = desk.get(f"/duty/{talk.number}/suggest/").content.decode()
    assert "Water bill" in shown
    assert "Parking permit" not in shown
    assert client_of(cast.citizen().person).get(f"/duty/{talk.number}/suggest/").status_code == 404


def test_one_common_word_suggests_nothing_and_what_citizens_cannot_open_is_no_link_for_them():
    dora = cast.on_duty()
    wiki.page("desk-rules", title="Water", text="- The bill:\n1. rules", audience="officials")
    wiki.page("heating", title="Heating", text="Tell us the house.")
    talk = cast.open_talk(by=cast.visitor(), holder=dora)
    actions.say(viewer=cast.visitor(), key=talk.number, client_key="lift-words", text="Water bill of our house")
    [found] = queries.suggestions(talk)
    assert (found.plain_title, found.public) == ("Water", False)
    assert found.snippet == "The bill: rules"
    shown = client_of(dora.person).get(f"/duty/{talk.number}/suggest/").content.decode()
    assert "data-cite=" not in shown


def test_the_thread_is_printed_and_mailed_once_by_its_two_sides_alone():
    cast.make.unit("city")
    dora, wang, sven = cast.on_duty(), cast.citizen(), supervisor()
    talk = cast.open_talk(by=wang, holder=dora)
    seq, _at = actions.say(viewer=dora, key=talk.number, client_key="hasty-words", text="TAKEN BACK")
    actions.change_words(viewer=dora, key=talk.number, client_key="taken-back", seq=seq, text=None)
    client = client_of(wang.person)
    page = client.get(f"/chat/{talk.number}/transcript/").content.decode()
    assert "The lift is stuck." in page
    assert "data-print" in page
    form = {"key": "one-form-only", "email": "wang@example.org"}
    for _twice in range(2):
        assert client.post(f"/chat/{talk.number}/transcript/", form).status_code == 302
    [mail] = Delivery.objects.filter(channel="email")
    address, body = opened(mail)
    assert address == "wang@example.org"
    assert "The lift is stuck." in body
    assert "TAKEN BACK" not in body
    with pytest.raises(Conflict):
        actions.mail_transcript(talk_id=talk.pk, by=wang, key="one-form-only", email="else@example.org")
    assert client.post(f"/chat/{talk.number}/transcript/", {"key": "two", "email": "nobody"}).status_code == 400
    actions.open_watch(talk_id=talk.pk, by=sven, reason="Quality")
    watching = client_of(sven.person).get(f"/chat/{talk.number}/transcript/").content.decode()
    assert "one-form" not in watching
    assert "Send it to me" not in watching
    for other in (sven, cast.visitor("somebody-else")):
        with pytest.raises(NotFound):
            actions.mail_transcript(talk_id=talk.pk, by=other, key="another-form", email="else@example.org")
    again = {"talk_id": talk.pk, "by": wang, "email": "wang@example.org"}
    for number in range(4):
        actions.mail_transcript(key=f"form-number-{number}", **again)
    with pytest.raises(TooMany):
        actions.mail_transcript(key="form-number-6", **again)
    # Nor does anybody else fill the same box.
    with pytest.raises(TooMany):
        actions.mail_transcript(key="form-number-7", **{**again, "by": dora, "email": "Wang@example.org"})
    assert Client().get(f"/chat/{talk.number}/transcript/").status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_prepared_answer_comes_by_a_slash_and_every_page_of_the_desk_is_whole(new_page, axe):
    cast.make.unit("city")
    dora, sven = cast.on_duty(), supervisor()
    prepared("Hello {citizen}, how can I help?")
    talk = cast.open_talk(by=cast.citizen(), holder=dora)
    officer = new_page(dora.person)
    officer.goto(f"/duty/{talk.number}/")
    officer.locator("[data-say]").press_sequentially("/hel")
    officer.locator("[data-shortcuts] [role=option]").wait_for()
    axe(officer)
    officer.keyboard.press("Enter")
    assert officer.locator("[data-say]").input_value() == f"Hello {talk.citizen.name}, how can I help?"
    actions.end_talk(talk_id=talk.pk, by=dora)
    actions.open_direct(by=dora, person_id=sven.person.pk)
    phone = new_page(sven.person, size=PHONE)
    visits = {officer: ("/rooms/", "/roster/"), phone: ("/floor/past/", "/roster/", "/interviews/", "/floor/")}
    for page, paths in visits.items():
        for path in paths:
            page.goto(path)
            axe(page)
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path
    # On a phone a desk is a card: nothing of it lies out of sight.
    table = "() => { const it = document.querySelector('.table-wrap'); return it.scrollWidth <= it.clientWidth; }"
    assert phone.evaluate(table)
