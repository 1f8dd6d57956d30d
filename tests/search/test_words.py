"""What a text is cut into, and what a query asks for."""

import pytest

from search.words import MOST_TOKENS, MOST_WORDS, phrases, tokens


def test_it_cuts_han_text_into_overlapping_pairs_and_latin_text_into_words():
    assert tokens("电梯坏了 in Block A3") == ["电梯", "梯坏", "坏了", "了", "in", "block", "a3"]


def test_it_folds_case_and_full_width_forms():
    assert tokens("ＬＩＦＴ Lift") == ["lift", "lift"]


def test_punctuation_ends_a_run():
    assert tokens("停水,停电") == ["停水", "水", "停电", "电"]


def test_it_survives_what_is_no_text():
    assert tokens("\0\ud800 ''\"* ()") == []


def test_it_stops_where_postgresql_would():
    assert len(tokens("水" * 100_000)) == MOST_TOKENS
    assert len(tokens("a" * 100_000)[0]) == 64


def test_a_query_word_is_a_phrase_and_a_single_character_a_prefix():
    (water,) = phrases("水质差")
    assert (water.tokens, water.prefix) == (("水质", "质差"), False)
    (single,) = phrases("水")
    assert (single.tokens, single.prefix) == (("水",), True)


def test_a_query_ends_inside_a_run_and_a_number_never_goes_on():
    assert [(p.tokens, p.prefix) for p in phrases("A3区 lift 12")] == [
        (("a3", "区"), True),
        (("lift",), True),
        (("12",), False),
    ]


@pytest.mark.parametrize("query", ["", "   ", "\0", '"', "AND ( ) * : ^ -"[4:], "\ud800"])
def test_a_query_without_words_asks_for_nothing(query):
    assert phrases(query) == []


def test_an_endless_query_is_cut():
    assert len(phrases("a " * 10_000)) == MOST_WORDS
