"""What is written in Chinese: full-width punctuation, one Chinese for one text, and short text messages."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import polib
import pytest
from django.template import Context
from django.template.loader import get_template
from django.utils.translation import override

ROOT = Path(__file__).resolve().parent.parent.parent
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,;:?!(]")
SPACED = re.compile(r"[\u3400-\u9fff] +[A-Za-z0-9%]|[A-Za-z0-9] +[\u3400-\u9fff]")
# Options of commands and formats of dates, where a space means something.
MAY_BE_SPACED = re.compile(r"--\w|^Y年")
CATALOGUES = sorted(path for path in ROOT.glob("*/**/zh_Hans/LC_MESSAGES/django.po") if ".venv" not in path.parts)
ONE_SEGMENT = 70
TEXT_MESSAGES = sorted(path.name for path in ROOT.glob("*/templates/notices/*.sms.txt"))


def translations() -> Iterator[tuple[str, polib.POEntry, str]]:
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            for words in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                yield path.relative_to(ROOT).parts[0], entry, words


def demo_texts() -> Iterator[str]:
    for path in sorted((ROOT / "portal/demo").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def written_texts() -> Iterator[str]:
    yield from demo_texts()
    yield (ROOT / "README.zh-CN.md").read_text()
    for path in (ROOT / "wiki/knowledge/handbook/zh").glob("*.md"):
        yield path.read_text()
    for path in (ROOT / "engagement/processes").glob("*.json"):
        yield json.loads(path.read_text())["name"]


def around(text: str, found: re.Match[str]) -> str:
    return text[max(found.start() - 8, 0) : found.end() + 8]


def test_translations_have_full_width_punctuation() -> None:
    assert [words for _, _, words in translations() if HALF_WIDTH.search(words)] == []


def test_handbook_demo_and_processes_have_full_width_punctuation() -> None:
    assert [around(text, found) for text in written_texts() for found in HALF_WIDTH.finditer(text)] == []


def test_the_style_sheet_spaces_chinese_and_latin_not_the_translator() -> None:
    spaced = [words for _, _, words in translations() if SPACED.search(words) and not MAY_BE_SPACED.search(words)]
    assert spaced == []


def test_one_text_has_one_chinese_in_every_room() -> None:
    """Django merges all rooms into one catalogue: of two translations of a text without context only one is shown."""
    known: dict[tuple[str | None, str], dict[str, str]] = defaultdict(dict)
    for room, entry, words in translations():
        known[entry.msgctxt, entry.msgid][words] = room
    assert {key: rooms for key, rooms in known.items() if len(rooms) > 1} == {}


@pytest.mark.parametrize("name", TEXT_MESSAGES)
def test_a_text_message_is_short_and_tells_nothing_of_the_case(name: str) -> None:
    """The sender and the words fit one segment of 70 signs; what the case is about stays out."""
    values = {
        "city": "明湖市", "number": "7K3M9-QX2TB", "title": "电梯停运",
        "unit": SimpleNamespace(label="住房和城乡建设局"),
        "due": datetime(2026, 12, 4, 17, tzinfo=ZoneInfo("Asia/Shanghai")), "reply_code": "#7K3M9QX2TB-ABCDEFGH",
        "officer": SimpleNamespace(name="林晓"), "link": "", "question": "几栋几单元",
        "talk": SimpleNamespace(desk=SimpleNamespace(label="综合咨询台")),
    }  # fmt: skip
    with override("zh-hans"):
        made = get_template(f"notices/{name}").template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
    text = made if "明湖市" in made else f"【明湖市】{made}"
    assert len(text.strip()) <= ONE_SEGMENT
    assert "电梯" not in text
    assert "几栋" not in text
