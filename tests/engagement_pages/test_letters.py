"""Leaders and published letters, for everybody."""

import pytest
from django.test import Client
from django.utils.translation import override

from engagement.models import Case
from tests import make

from . import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """A visitor who reads English."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def public(visitor) -> Case:
    """A published letter about a lift."""
    case = cast.send(visitor, readers="public", title="电梯坏了 lift", text="楼里的电梯坏了两个星期 <b>stuck</b>")
    return cast.published(cast.answered(case))


def test_leaders_are_listed_in_the_readers_language(visitor):
    cast.mailbox()
    assert "Lin Yuan" in visitor.get("/leaders/").content.decode()
    page = Client(headers={"accept-language": "zh-CN"}).get("/leaders/").content.decode()
    assert "市长" in page
    assert "给领导写信" in page


def test_a_mailbox_is_named_in_the_readers_language():
    box = cast.mailbox()
    with override("en"):
        assert str(box) == "Mayor Lin Yuan"
    with override("zh-hans"):
        assert str(box) == f"市长 {box.leader}"


def test_a_leaders_page_has_duties_figures_and_the_way_to_write(visitor):
    cast.mailbox()
    page = visitor.get("/leaders/mayor/").content.decode()
    for shown in (
        "Leads the city government.",
        "How letters travel here",
        "How we count",
        "/leaders/mayor/write/",
        "17:00",
    ):
        assert shown in page


def test_an_unknown_leader_is_not_there(visitor):
    assert visitor.get("/leaders/nobody/").status_code == 404


def test_a_published_letter_is_found_by_a_two_character_word_and_marked(visitor, public):
    page = visitor.get("/letters/", {"words": "电梯"}).content.decode()
    assert "<mark>电梯</mark>" in page
    assert "<b>stuck" not in page
    assert public.number in page
    # Nobody wrote these two words in one.
    page = visitor.get("/letters/", {"words": "电梯两个星期"}).content.decode()
    assert "<mark>电梯</mark>" in page
    assert "Nobody has written" in page
    assert "Nothing found" in visitor.get("/letters/", {"words": "水质"}).content.decode()


def test_a_published_letter_shows_question_answer_days_and_office(visitor, public):
    page = visitor.get(f"/letters/{public.number}/").content.decode()
    for shown in (
        "楼里的电梯坏了两个星期",
        "The lift runs again since Monday.",
        "answered after less than 1 day",
        "Housing Office",
    ):
        assert shown in page
    assert "Wang Min" not in page
    assert "min@example.org" not in page


def test_a_letter_that_is_not_public_is_not_there(visitor):
    case = cast.answered(cast.send(visitor))
    refused, absent = visitor.get(f"/letters/{case.number}/"), visitor.get("/letters/0000000000/")
    assert refused.status_code == absent.status_code == 404
    assert refused.content == absent.content


def test_filters_narrow_the_list(visitor, public):
    housing = make.unit("housing")
    assert public.number in visitor.get("/letters/", {"unit": housing.code}).content.decode()
    assert public.number in visitor.get("/letters/", {"year": str(public.answered_at.year)}).content.decode()


@pytest.mark.parametrize(
    "asked",
    [{"words": "x" * 5000}, {"leader": "nobody"}, {"year": "20x6"}, {"unit": "9" * 300}, {"after": "nonsense"},
     {"after": "9999-99-99T99:99:99_9"}, {"words": "\x07"}, {"after": "2026-01-01T00:00:00_1"}],
)  # fmt: skip
def test_nonsense_in_the_filters_breaks_nothing(visitor, public, asked):
    assert visitor.get("/letters/", asked).status_code < 500
