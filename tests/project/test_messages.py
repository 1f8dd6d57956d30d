"""Gathering texts changes what changed in a catalogue, and nothing else."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def messages():
    spec = spec_from_file_location("messages", ROOT / "scripts/messages.py")
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def book(*texts, **chinese):
    made = polib.POFile(wrapwidth=0)
    made += [polib.POEntry(msgid=text, msgstr=chinese.get(text, ""), occurrences=[("views.py", "")]) for text in texts]
    return made


def test_what_is_new_comes_last_and_what_is_gone_goes(messages):
    ours = book("Send", "Old", "Open", Send="发送", Old="旧", Open="打开")
    messages.renew(ours, book("Close", "Open", "Send"))
    assert [(entry.msgid, entry.msgstr) for entry in ours] == [("Send", "发送"), ("Open", "打开"), ("Close", "")]


def test_a_catalogue_is_written_as_it_was_read(messages):
    for room in messages.ROOMS:
        path = messages.catalogue(room)
        assert str(messages.opened(path)).rstrip() == path.read_text().rstrip(), room
