"""The figures page: sentences, tables, filters, without scripts."""

import json
import re
from datetime import timedelta

import pytest

from tests import make

from .cast import START, answered, waiting

pytestmark = pytest.mark.django_db
URL = "/figures/"


@pytest.fixture
def some(db):
    water = make.unit("water", name="水务局", name_en="Water Bureau")
    answered([1, 2, 3, 4] * 4, unit=water, due_at=START + timedelta(days=3))
    waiting(2, unit=water, due_at=START + timedelta(days=3))


def page(client, query="", language="en"):
    return client.get(URL + query, headers={"Accept-Language": language})


def test_it_says_it_in_three_sentences_and_in_tables(client, some):
    found = page(client)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found.content.decode()))
    assert found.status_code == 200
    assert "Of 16 replies, half came within 2.5 days and nine in ten within 4.0 days." in text
    assert "12 of 18 cases that fell due were answered by their due time (66.7%)." in text
    assert "Nobody has rated a reply of this period yet; 16 replies could be rated." in text
    assert "Water Bureau" in text
    assert "16 / 18" in text


def test_the_charts_carry_the_numbers_of_the_tables(client, some):
    body = page(client).content.decode()
    charts = json.loads(re.search(r'<script id="figures-data" type="application/json">(.*?)</script>', body).group(1))
    assert charts["groups"]["labels"] == ["Water Bureau"]
    assert charts["groups"]["series"][0]["values"] == [2.5]
    assert sum(charts["spans"]["series"][0]["values"]) == 16


def test_it_can_be_narrowed(client, some):
    body = page(client, "?from=2026-04-01&to=2026-04-30&by=channel").content.decode()
    assert "No case received in this period has been answered yet." in body


def test_it_says_something_when_the_house_is_empty(client, db):
    assert page(client).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "?from=yesterday",
        "?from=0001-01-01",
        "?to=9999-12-31",
        "?from=2026-02-02&to=2026-02-01",
        "?by=nonsense",
        "?from=%00",
    ],
)
def test_nonsense_is_a_clear_400(client, some, query):
    found = page(client, query)
    assert found.status_code == 400
    assert "error" in found.content.decode()


def test_nothing_inline_stands_on_the_page(client, some):
    body = page(client).content.decode()
    assert "style=" not in body
    assert not re.search(r"<script(?![^>]*(src=|application/json))", body)


def test_numbers_of_groups_do_not_need_more_queries(client, some, django_assert_max_num_queries):
    for number in range(5):
        answered([1] * 6, unit=make.unit(f"unit-{number}"))
    with django_assert_max_num_queries(14):
        page(client)
