"""Writes docs/events.md from what the rooms say in their events.EVENTS."""

import os
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "events.md"
ROOMS = ["accounts", "journal", "notices", "sms", "engagement", "messaging", "forums", "wiki.knowledge", "portal"]
HEAD = """# Events

Every kind of entry that a stream can hold, room by room. Written by `scripts/events.py` from each room's
`events.EVENTS`; a test fails when the two differ, or when an action appends a kind that is not listed.
An entry has a number within its stream, a time, a sender and the data named here.
"""


def events() -> dict[str, dict[str, str]]:
    """Return the events of each room that has any."""
    found = {}
    for room in ROOMS:
        try:
            found[room] = dict(import_module(f"{room}.events").EVENTS)
        except ModuleNotFoundError as error:
            if error.name != f"{room}.events":
                raise
    return {room: kinds for room, kinds in found.items() if kinds}


def render() -> str:
    """Return the text of docs/events.md."""
    parts = [HEAD]
    for room, kinds in events().items():
        parts.append(f"## {room}\n\n| kind | meaning and data |\n|---|---|")
        parts[-1] += "".join(f"\n| `{kind}` | {' '.join(kinds[kind].split())} |" for kind in sorted(kinds)) + "\n"
    return "\n".join(parts)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    import django

    django.setup()
    TARGET.write_text(render(), encoding="utf-8")
