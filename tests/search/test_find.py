"""Finding what was indexed, the same on both databases."""

import pytest
from django.db import connection, transaction

from search import actions
from search.models import Document
from search.queries import find

from . import cast
from .cast import START, document

pytestmark = pytest.mark.django_db
PUBLIC = ["public"]


def refs(words, **more):
    return [hit.document.ref for hit in find(words, **{"audiences": PUBLIC, **more})]


@pytest.fixture
def letters():
    document("water", "自来水水质差", "我们小区的水质一直不好,有异味。", days=1)
    document("lift", "Lifts out of order", "The lift in Block A3 of 明湖花园 has stood still since Monday.", days=2)
    document("lift-zh", "电梯停运", "A3区的电梯坏了,水也停了。", days=3)
    document("noise", "夜间施工噪音", "工地夜里施工,影响休息。水质没有问题。", days=4)


def test_it_finds_two_characters_anywhere_with_title_hits_first(letters):
    assert refs("水质") == ["water", "noise"]


def test_newer_comes_before_older_within_a_tier(letters):
    document("newer", "电梯异响", days=9)
    assert refs("电梯") == ["newer", "lift-zh"]


def test_it_finds_what_like_would_find_in_chinese(letters):
    rows = list(Document.objects.order_by("-at"))
    for words in [
        "水",
        "水质",
        "水质一直不好",
        "区",
        "A3区",
        "A3区的电梯",
        "坏了",
        "了",
        "夜里施工",
        "停运",
        "湖花园",
        "好",
    ]:
        expected = {row.ref for row in rows if words in row.title or words in row.text}
        assert set(refs(words)) == expected, words


def test_english_words_are_whole_words_that_may_go_on(letters):
    assert refs("LIFT") == ["lift"]
    assert refs("ift") == []
    assert refs("block a3") == ["lift"]


def test_all_words_must_occur_in_title_or_text(letters):
    assert refs("电梯 停运") == ["lift-zh"]
    assert refs("电梯 噪音") == []


def test_characters_of_two_sentences_are_no_phrase(letters):
    assert refs("了水") == []


def test_nobody_finds_what_was_indexed_for_others(letters):
    document("secret", "水质内部通报", audience="officials", days=9)
    assert refs("水质") == ["water", "noise"]
    assert refs("水质", audiences=["public", "officials"])[0] == "secret"
    assert refs("水质", audiences=[]) == []


def test_room_and_time_narrow_the_search(letters):
    document("topic", "水质讨论", room="topic", days=8)
    assert refs("水质", room="topic") == ["topic"]
    assert refs("水质", since=START.replace(day=5), until=START.replace(day=9)) == ["noise"]


def test_language_and_facets_narrow_the_search_and_never_count_as_words(letters):
    document("unit-3", "水质达标", "plain words", days=7, language="en", facets={"unit": [3], "category": [7, 1]})
    document("unit-33", "水质超标", "plain words", days=8, language="zh-hans", facets={"unit": [33]})
    assert refs("水质", language="en") == ["unit-3"]
    assert refs("水质", facets={"unit": 3}) == ["unit-3"]
    assert refs("水质", facets={"unit": 33}) == ["unit-33"]
    assert refs("水质", facets={"unit": 3, "category": 1}) == ["unit-3"]
    assert refs("水质", facets={"unit": 3, "category": 2}) == []
    for word in ("audiencepublic", "audience", "unit3", "roomcase", "=unit3", "enhans"):
        assert refs(word) == []


def test_other_forms_of_an_english_word_are_found_and_marked(letters):
    document("parks", "Two parks in the city", days=5)
    document("stops", "A stop for buses", days=6)
    document("carpet", "Carpets", days=7)
    assert refs("parking") == ["parks"]
    assert refs("cities") == ["parks"]
    assert refs("stopped bus") == ["stops"]
    assert refs("lifting") == ["lift"]
    assert refs("cars") == []
    (hit,) = find("cities", audiences=PUBLIC)
    assert hit.title == "Two parks in the <mark>city</mark>"


def test_newest_first_pays_no_heed_to_titles_and_pages_through_all(letters):
    for number in range(9):
        document(
            f"n{number}", "水质" if number % 3 else "其他", "水质", days=20 + number, facets={"unit": [number % 2]}
        )
    seen, after = [], None
    while page := find("水质", audiences=PUBLIC, facets={"unit": 0}, limit=2, after=after, newest=True):
        seen += [hit.document.ref for hit in page]
        after = page[-1].cursor
    assert seen == ["n8", "n6", "n4", "n2", "n0"]


def test_many_hits_are_paged_without_a_gap_or_a_repeat(monkeypatch):
    """Also where PostgreSQL goes on from period to period, or walks because there are too many to sort."""
    monkeypatch.setattr("search.order.FEW", 6)
    monkeypatch.setattr("search.queries.READ_AHEAD", 1)
    for number in range(40):
        words = ("水质", "") if number % 4 == 0 else ("其他", "水质") if number % 4 == 1 else ("其他", "别的")
        document(f"m{number}", *words, days=number)
    seen, after = [], None
    while page := find("水质", audiences=PUBLIC, limit=3, after=after):
        seen += [hit.document.ref for hit in page]
        after = page[-1].cursor
    assert seen == [f"m{n}" for n in range(36, -1, -4)] + [f"m{n}" for n in range(37, 0, -4)]


def test_a_phrase_whose_signs_stand_apart_everywhere_is_looked_for_page_by_page(monkeypatch):
    monkeypatch.setattr("search.queries.MOST_READ", 8)
    for number in range(30):
        document(f"p{number}", "水质", "质差水质差异" if number == 3 else "质差。水质", days=number)
    first = find("水质差", audiences=PUBLIC)
    assert (list(first), bool(first.goes_on)) == ([], True)
    seen, after = [], first.goes_on
    while after:
        page = find("水质差", audiences=PUBLIC, after=after)
        seen += [hit.document.ref for hit in page]
        after = page.goes_on
    assert seen == ["p3"]
    # More words than the index is asked for: the others are read in the text.
    document("many", "one", "two three four five six seven eight nine ten", days=40)
    assert refs("one two three four five six seven eight nine ten") == ["many"]
    assert refs("one two three four five six seven eight nine eleven") == []


def test_the_index_is_built_anew_from_the_rooms(letters, settings):
    settings.SEARCH_ROOMS = {"case": "tests.search.cast.told"}
    assert actions.reindex() == {"case": 2}
    assert refs("水质") == []
    assert refs("told") == ["told-1", "told-0"]


def test_a_rebuild_locks_no_reader_out(settings, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's readers read the state before, whatever is written")
    settings.SEARCH_ROOMS = {"case": "tests.search.cast.told"}
    held = []

    def told():
        yield from cast.told()
        with connection.cursor() as cursor:
            cursor.execute("SELECT mode FROM pg_locks WHERE relation::regclass::text LIKE 'search_document%'")
            held.extend(mode for (mode,) in cursor)

    monkeypatch.setattr("search.actions.BATCH", 1)
    monkeypatch.setattr("search.actions.import_string", lambda path: told)
    assert actions.reindex() == {"case": 2}
    assert "RowExclusiveLock" in held
    assert "AccessExclusiveLock" not in held


def test_a_list_goes_on_where_it_stopped(letters):
    for number in range(7):
        document(f"more-{number}", "水质" if number % 2 else "其他", "水质", days=20 + number)
    seen, after = [], None
    while page := find("水质", audiences=PUBLIC, limit=2, after=after):
        seen += [hit.document.ref for hit in page]
        after = page[-1].cursor
    assert seen == refs("水质", limit=100)
    assert len(seen) == len(set(seen)) == 9


def test_the_matching_part_is_marked_and_everything_else_escaped(letters):
    document("script", "<b>水质</b>", "x" * 200 + " <script>alert(1)</script> 水质 & more " + "y" * 200)
    (hit,) = [hit for hit in find("水质", audiences=PUBLIC) if hit.document.ref == "script"]
    assert hit.title == "&lt;b&gt;<mark>水质</mark>&lt;/b&gt;"
    assert "<mark>水质</mark> &amp; more" in hit.snippet
    assert "<script>" not in hit.snippet
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")


def test_an_english_match_is_marked_as_a_whole_word(letters):
    (hit,) = find("lift", audiences=PUBLIC)
    assert hit.title == "<mark>Lifts</mark> out of order"


def test_an_excerpt_begins_and_ends_with_a_whole_word():
    document("long", "Words", "extraordinary " * 9 + "aardvark " + "considerable " * 30)
    shown = find("aardvark", audiences=PUBLIC)[0].snippet
    words = shown.replace("<mark>", "").replace("</mark>", "").strip("…").split()
    assert set(words) == {"extraordinary", "aardvark", "considerable"}
    assert (shown[0], shown[-1]) == ("…", "…")
    document("whole", "Word", "x" * 300 + " zebra")
    assert find("zebra", audiences=PUBLIC)[0].snippet == "…<mark>zebra</mark>"
    assert find("word", audiences=PUBLIC, limit=1)[0].snippet


def test_indexing_again_replaces(letters):
    document("water", "新的标题", "别的内容", days=1)
    assert refs("水质") == ["noise"]
    assert refs("别的内容") == ["water"]
    assert Document.objects.filter(ref="water").count() == 1


def test_unindex_takes_every_audience_or_the_named_one(letters):
    document("water", "水质", audience="officials", days=9)
    actions.unindex("case", "water", "officials")
    assert refs("水质", audiences=["officials"]) == []
    actions.unindex("case", "water")
    actions.unindex("case", "water")
    assert refs("水质") == ["noise"]


def test_it_is_kept_or_lost_with_the_callers_transaction(letters):
    with transaction.atomic():
        document("gone", "水质消失")
        transaction.set_rollback(True)
    assert refs("消失") == []


NONSENSE = [
    "", '"', "'", '"水质', "水质\0", "\ud800", "* OR", "NEAR(a b)", "title:x", "a AND", "-水", "(((", "^水质",
    "{title}: x", "水" * 10_000, "a " * 5_000, "'; DROP TABLE search_document; --", "%s %d {0}", "&|!<->:*", "\\",
    "﷽" * 300, "🙂", "é" * 500,
]  # fmt: skip


@pytest.mark.parametrize("words", NONSENSE)
def test_nonsense_gives_a_clear_result(letters, words):
    assert isinstance(find(words, audiences=PUBLIC), list)


@pytest.mark.parametrize("after", ["", "x", "2.5", "1.99999999999999999999", "0.-1", "1.1.1", "\0"])
def test_a_nonsense_cursor_starts_over_or_ends(letters, after):
    assert isinstance(find("水质", audiences=PUBLIC, after=after), list)


def test_a_text_that_uses_a_word_very_often_is_stored(letters):
    document("often", "often", "水水水 " * 9_000)
    assert refs("often") == ["often"]
    assert "often" in refs("水水")
