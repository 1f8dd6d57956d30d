"""What a request may look like before any room sees it; the same answer whatever database lies behind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.rules import BadInput, RuleBroken

# NUL and lone surrogates cannot be stored; the replacement sign stands where bytes were no UTF-8.
_UNREADABLE = re.compile("[\0\ufffd\ud800-\udfff]")
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?')
_JSON_BRACKET = re.compile(rb"[\[\]{}]")
MOST_JSON_DEPTH = 20
# Files of one case and the form around them.
MOST_BODY = 60 * 1024 * 1024


class TooLarge(RuleBroken):
    """More was sent than is taken."""

    status = 413
    code = "too_large"

    def sentence(self) -> str:
        """Say that it was too much."""
        return _("What you sent is too large. One file may have 20 MB, all files of a case together 50 MB.")


def check_readable(values: Iterable[str]) -> None:
    """Raise BadInput if a text holds signs that cannot be stored or were not readable as UTF-8."""
    for value in values:
        if _UNREADABLE.search(value):
            raise BadInput(_("Your text holds characters that cannot be read. Please remove them and send it again."))


def check_size(length: str) -> None:
    """Raise TooLarge if the Content-Length header says so, BadInput if it is no number."""
    if length and not (length.isascii() and length.isdigit()):
        raise BadInput()
    if length and int(length[:12]) > MOST_BODY:
        raise TooLarge()


def check_json_depth(body: bytes) -> None:
    """Raise BadInput if the JSON text is nested deeper than MOST_JSON_DEPTH, without parsing it."""
    depth = 0
    for bracket in _JSON_BRACKET.findall(_JSON_STRING.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_JSON_DEPTH:
            raise BadInput(_("This is nested too deeply."))


def check_charset(charset: str) -> None:
    """Raise BadInput for a form in anything but UTF-8."""
    if charset and charset.strip("\"' ").lower() not in ("utf-8", "utf8"):
        raise BadInput(_("Forms must be sent as UTF-8."))
