"""Topics from a folder of Markdown files."""

import csv

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from forums.models import Topic
from tests import make
from tests.forums import cast

pytestmark = pytest.mark.django_db
GOOD = """---
board: housing-board
title: 电梯坏了
nickname: 老街坊
tags: [电梯, 物业]
date: 2024-03-05 09:30
---
**急** 请看 ![灯](lamp.jpg) ![无](gone.png) <script>alert(1)</script>，电话13812345678
"""


def folder(tmp_path):
    cast.board()
    (tmp_path / "a.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "lamp.jpg").write_bytes(make.picture().read())
    (tmp_path / "deep").mkdir()
    head = "board: housing-board\r\nauthor: wang\r\ndate: 2024-03-06\r\nclosed: yes"
    known = f"---\r\n{head}\r\n---\r\n# A heading\r\n\r\nWords"
    (tmp_path / "deep" / "b.md").write_bytes(b"\xef\xbb\xbf" + known.encode())
    bad = {
        "none.md": b"just words",
        "latin.md": b"---\nboard: x\n---\n\xff\xfe",
        "board.md": GOOD.replace("housing-board", "nope"),
        "date.md": GOOD.replace("2024-03-05 09:30", "2024-13-45"),
        "future.md": GOOD.replace("2024", "2924"),
        "who.md": GOOD.replace("nickname: 老街坊", "author: nobody"),
        "empty.md": GOOD.split("**急**")[0],
        "nul.md": GOOD + "\0 and on",
        "z-copy.md": GOOD.encode(),
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "huge.md").write_bytes(b"x" * 1_000_001)
    return len(bad) + 1


def test_good_files_come_in_bad_ones_are_reported_and_twice_changes_nothing(tmp_path, capsys):
    make.person("wang")
    bad = folder(tmp_path)
    call_command("import_topics", str(tmp_path))
    first, second = Topic.objects.order_by("opened_at")
    assert (first.title, first.author.nickname, first.author.is_active, first.tags) == (
        "电梯坏了",
        "老街坊",
        False,
        ["电梯", "物业"],
    )
    assert "<script" not in first.html
    assert "1381234" not in first.text
    assert first.opened_at.isoformat() == "2024-03-05T01:30:00+00:00"
    assert (second.title, second.text, second.author.username, second.locked) == ("A heading", "Words", "wang", True)
    assert cast.board().topic_count == 2
    report = list(csv.reader((tmp_path / "import-report.csv").read_text(encoding="utf-8-sig").splitlines()))[1:]
    outcomes = [row[1] for row in report]
    assert (outcomes.count("new"), outcomes.count("refused")) == (2, bad)
    assert all(row[3] for row in report if row[1] == "refused")
    assert "gone.png" in next(row[3] for row in report if row[0] == "a.md")
    assert len(first.pictures) == 1
    (tmp_path / "none.md").write_text(GOOD.replace("电梯坏了", "电梯又坏了"), encoding="utf-8")
    call_command("import_topics", str(tmp_path), report=tmp_path / "again.csv")
    assert Topic.objects.count() == 3
    outcomes = [row[1] for row in csv.reader((tmp_path / "again.csv").read_text(encoding="utf-8-sig").splitlines())]
    assert (outcomes.count("new"), outcomes.count("known")) == (1, 2)
    assert str(tmp_path / "again.csv") in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError):
        call_command("import_topics", str(tmp_path / "nothing"))
