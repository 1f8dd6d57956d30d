"""What a text is cut into, and what a query asks for."""

import sys

import pytest

from search.words import (
    HAN_RUN,
    LIKE_HAN,
    MOST_TOKENS,
    MOST_WORDS,
    is_as_written,
    loosened,
    phrases,
    plain,
    tokens,
)


def test_it_cuts_han_text_into_signs_and_pairs_and_latin_text_into_words_and_their_beginnings():
    assert tokens("电梯坏 in A3") == ["电", "梯", "坏", "电梯", "梯坏", "in", "a3"]
    assert tokens("lifts 2026") == ["lifts", "lif~", "lift~", "lifts~", "2026"]


def test_it_folds_case_and_full_width_forms_and_keeps_each_token_once():
    assert tokens("ＬＩＦ Lif") == ["lif", "lif~"]


def test_punctuation_ends_a_run():
    assert tokens("停水,停电") == ["停", "水", "电", "停水", "停电"]


def test_it_survives_what_is_no_text():
    assert tokens("\0\ud800 ''\"* ()") == []


def test_it_stops_where_postgresql_would():
    assert len(tokens("".join(map(chr, range(0x4E00, 0x9F00))))) == MOST_TOKENS
    assert len(tokens("a" * 100_000)[0]) == 64


def test_a_phrase_asks_for_all_its_pairs_and_what_the_index_cannot_tell_is_read_in_the_text():
    (water,), (single,), (pair,) = phrases("水质差"), phrases("水"), phrases("水质")
    assert (water.asks, water.settled) == ((("水质",), ("质差",)), False)
    assert (single.asks, single.settled) == ((("水",),), True)
    assert (pair.asks, pair.settled) == ((("水质",),), True)


def test_a_last_word_may_go_on_and_a_number_never_does():
    asked = [(phrase.asks, phrase.settled) for phrase in phrases("A3区 lifts 12 interchangeable")]
    assert asked == [
        ((("a3",), ("区",)), False),
        ((("lifts~", "lift~"),), True),
        ((("12",),), True),
        ((("interchang~",),), False),
    ]


@pytest.mark.parametrize("query", ["", "   ", "\0", '"', "AND ( ) * : ^ -"[4:], "\ud800"])
def test_a_query_without_words_asks_for_nothing(query):
    assert phrases(query) == []


def test_an_endless_query_is_cut():
    assert len(phrases("a " * 10_000)) == MOST_WORDS


def test_words_written_together_are_taken_apart():
    assert [loosened(words) for words in ("电梯故障", "小区的电梯", "电梯", "bus stop", "水")] == [
        "电梯 故障", "小区 电梯", "", "", ""
    ]  # fmt: skip


def test_only_what_is_like_han_signs_becomes_some():
    known = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    becoming = [sign for sign in known if plain(sign) != sign and HAN_RUN.search(plain(sign))]
    assert [sign for sign in becoming if not LIKE_HAN.match(sign)] == []


@pytest.mark.parametrize(
    ("text", "same"), [("居民反应", True), ("㊣民反映 ABC", False), ("居民反\uf9c6", False), ("ＡＢＣ，居民", True)]
)
def test_a_text_of_plain_han_signs_is_read_as_it_was_written(text, same):
    assert is_as_written("居民反映", text) is same
    assert not is_as_written("lift", text)
