"""What somebody wrote, made safe once at the edge."""

import pytest

from accounts.masking import masked
from forums.markup import links_in, mentioned, plain, quoted, rendered, squeezed


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![x](https://e.example/a.png)",
        "[a](data:text/html,<script>)", "<a href='javascript:x'>a</a>", "<https://x.example/\"onmouseover=alert(1)>",
        "`<b>`<style>*{}</style>", "> <iframe src=//e.example>",
    ],
)  # fmt: skip
def test_nothing_that_runs_comes_through(text):
    for article in (False, True):
        html = rendered(text, article=article)
        assert not any(
            mark in html for mark in ("<script", "<img", "<iframe", "<style", 'href="javascript', 'href="data')
        )
        assert " onmouseover=" not in html.replace("&quot;", "")


def test_citizens_write_plainly_and_it_looks_as_meant():
    html = rendered("#7 楼电梯\n**急** 见https://e.example/x。谢谢 @王五你好\n\n- 一\n- 二", ["王五", "王"])
    assert "<h" not in html
    assert "<strong>急</strong>" in html
    assert '<a href="https://e.example/x" rel="nofollow noopener ugc">https://e.example/x</a>。' in html
    assert '<span class="mention">@王五</span>你好' in html
    assert "<li>二</li>" in html
    assert rendered("![灯](https://e.example/l.png)") == (
        '<p><a href="https://e.example/l.png" rel="nofollow noopener ugc">灯</a></p>\n'
    )
    assert rendered("# Heat", article=True).startswith("<h2>Heat")


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        ("call 138 1234 5678 now", "1234", "call 138"), ("电话１３８１２３４５６７８。", "５６７８", "电话"),
        ("write to a.b@mail.example.org!", "a.b@", "!"), ("0571-88881234转2", "88881234", "转2"),
        ("身份证110101199001011234", "19900101", "身份证"), ("微信：abc_12345", "abc_12345", "微信：••••"),
        ("+44 20 7946 0958", "7946", "+"),
    ],
)  # fmt: skip
def test_contacts_are_masked(text, gone, kept):
    assert gone not in masked(text)
    assert kept in masked(text)
    assert "<em>" not in rendered(f"{masked(text)}或{masked(text)}")


@pytest.mark.parametrize("text", ["热线12345", "2026-11-22 16:30", "价格1000000元", "3号楼2单元", "编号 20261122001"])
def test_other_numbers_stay(text):
    assert masked(text) == text


def test_words_links_and_quotes_are_found_and_left_out():
    assert squeezed("代 办—证 Ｊian") == "代办证jian"
    assert links_in("see https://a.example/x, [b](https://b.example) and [here](/forums/)") == [
        "https://a.example/x,", "https://b.example)", "https://b.example"
    ]  # fmt: skip
    assert mentioned("> @li said\n@wang2 hi @li", ["li", "wang", "wang2"]) == {"wang2", "li"}
    assert quoted("a\n> old\nb") == "> a\n> b\n\n"
    assert plain("_See_ http://a.example/_v/1-2/ *now*", 60) == "See http://a.example/_v/1-2/ now"
    assert plain("**a** [b](c)\n> old\n| t | u |\n|---|---|\n`d`", 20) == "a b d"
