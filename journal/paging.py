"""Pages of a stream as they leave: read and encoded once, for all who stand at the same number."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from .queries import pages_after
from .rules import PAGE

# A page leaves as one frame of about this many bytes at most.
PAGE_BYTES = 512 * 1024


class Page(NamedTuple):
    """Entries for a follower: the last number, how many, their frame, and whether nothing was left behind them."""

    last: int
    entries: int
    payload: bytes
    complete: bool


def read_pages(wanted: list[tuple[str, int]]) -> dict[tuple[str, int], Page]:
    """Read and encode, in the reading thread, a page for each (stream, after)."""
    made = {}
    for stream, after in wanted:
        page = pages_after([(stream, after)])[stream]
        frames: list[bytes] = []
        size = 0
        for encoded_entry in encoded(page):
            if frames and size + len(encoded_entry) > PAGE_BYTES:
                break
            frames.append(encoded_entry)
            size += len(encoded_entry)
        last = page[len(frames) - 1]["seq"] if frames else after
        complete = len(frames) == len(page) < PAGE
        made[stream, after] = Page(last, len(frames), together(frames), complete)
    return made


def encoded(page: list[dict[str, Any]]) -> list[bytes]:
    """Return each frame as JSON text in UTF-8."""
    return [orjson.dumps(entry) for entry in page]


def together(frames: list[bytes]) -> bytes:
    """Return one frame as it is and several as a JSON array."""
    return frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]"
