"""The front page, "my matters" and the search."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

import search.actions
from tests import make
from tests.engagement_pages import cast as letters
from tests.forums import cast
from tests.messaging import cast as duty
from tests.wiki.cast import STARTER
from wiki.knowledge.actions import load_handbook

pytestmark = pytest.mark.django_db


def test_an_officer_at_two_desks_is_counted_once(client):
    for slug in ("housing", "water"):
        duty.on_duty(at=duty.desk(slug))
    assert "1 officer on duty" in client.get("/", headers={"accept-language": "en"}).content.decode()


def test_it_shows_the_doors_the_forum_and_the_handbook(client):
    load_handbook(starter=STARTER)
    cast.topic(title="The lift in block 7")
    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    for words in ("Write to a leader", "Complaint or request", "Chat now", "My matters", "The lift in block 7"):
        assert words in page
    assert "How long an answer takes" in page


def test_what_the_reader_can_read_comes_first(client):
    letters.mailbox()
    for language, title in (("en", "A lift stands still"), ("zh-hans", "电梯停了"), ("zh-hans", "路灯不亮")):
        case = letters.send(Client(headers={"accept-language": language}), readers="public", title=title)
        assert case.language == language
        letters.published(letters.answered(case))
    title = re.compile(r'<h3 lang="([^"]+)"><a href="/letters/[^>]*>([^<]*)')
    for language, first in (("en", "A lift stands still"), ("zh-hans", "路灯不亮")):
        shown = title.findall(client.get("/", headers={"accept-language": language}).content.decode())
        assert (shown[0], len(shown)) == ((language, first), 3)


def test_it_asks_few_questions(client, django_assert_max_num_queries):
    load_handbook(starter=STARTER)
    for number in range(5):
        cast.topic(title=f"Topic {number}")
    client.get("/")
    cache.clear()
    with django_assert_max_num_queries(12):
        client.get("/")


def test_a_stranger_is_shown_both_ways_to_their_matters(client):
    page = client.get("/my/", headers={"accept-language": "en"})
    assert "Enter number and code" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_person_sees_their_own_matters_only(client, django_assert_max_num_queries):
    cast.topic(author=make.person("wang"), title="Mine")
    cast.topic(author=make.person("li"), title="Theirs")
    client.force_login(make.person("wang"), backend="accounts.backends.PersonBackend")
    with django_assert_max_num_queries(14):
        page = client.get("/my/").content.decode()
    assert "Mine" in page
    assert "Theirs" not in page


def test_an_official_finds_the_way_to_work(client):
    client.force_login(make.official("olga"), backend="accounts.backends.PersonBackend")
    assert 'href="/work/"' in client.get("/about/").content.decode()
    client.logout()
    assert 'href="/work/"' not in client.get("/about/").content.decode()


def test_the_page_is_the_same_for_everybody_without_a_session(client):
    """No form token in the header: pages can be cached and error pages compared."""
    assert client.get("/about/").content == client.get("/about/").content
    assert "csrfmiddlewaretoken" not in client.get("/about/").content.decode()


@pytest.mark.parametrize("demo", [True, False])
def test_demo_mode_says_so_on_every_page(client, settings, demo):
    settings.DEMO = demo
    for path in ("/", "/my/", "/forums/", "/no/such/"):
        assert ("demo-line" in client.get(path).content.decode()) is demo


def test_search_marks_what_it_found_and_filters_by_room(client):
    cast.topic(title="电梯三天两头停", text="七号楼的电梯")
    load_handbook()
    page = client.get("/search/?q=电梯", headers={"accept-language": "en"}).content.decode()
    assert "<mark>电梯</mark>" in page
    assert "<mark>" not in client.get("/search/?q=电梯&room=article").content.decode()
    assert "<mark>" in client.get("/search/?q=电梯&room=nonsense").content.decode()


def test_search_never_shows_citizens_what_is_for_officials(client):
    from django.utils import timezone

    search.actions.index(room="article", ref="x", title="Quokka", text="inner", url="/wiki/x/", at=timezone.now(),
                         audience="officials")  # fmt: skip
    assert "<mark>" not in client.get("/search/?q=Quokka").content.decode()
    client.force_login(make.official("olga"), backend="accounts.backends.PersonBackend")
    assert "<mark>Quokka</mark>" in client.get("/search/?q=Quokka").content.decode()


def test_search_pages_and_keeps_the_words(client):
    for number in range(25):
        cast.topic(title=f"water {number}")
    page = client.get("/search/?q=water&room=topic").content.decode()
    assert page.count("<mark>") >= 20
    assert "after=" in page


@pytest.mark.parametrize("words", ["", "   ", "x" * 101, "%0b", "'\"--", "?after=1"])
def test_search_answers_nonsense_plainly(client, words):
    assert client.get("/search/", {"q": words, "after": "nonsense"}).status_code == 200
