"""Which nicknames there may be: each once, however its letters are dressed up, and none that sounds official."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from .masking import masked
from .rules import BadInput, clean_text

# Signs of other scripts and digits that look like Latin letters (after Unicode's list of confusables, TR 39).
ALIKE = str.maketrans(
    "аеорсухкмтвніїјѕԁһԛԝɡɑαεορνικτυχηω01і|!$@5",
    "aeopcyxkmtbhiijsdhqwgaaeopviktuxnwoliiisas",
)
# What "i" and "l" look like in many types is one sign.
ONE_STROKE = str.maketrans("i", "l")
OFFICIAL_SIGNS = (
    "官方", "政府", "市长", "区长", "县长", "局长", "书记", "主任", "管理员", "版主", "客服", "值班员", "工作人员",
    "发言人", "纪委", "公安", "信访",
)  # fmt: skip
OFFICIAL_WORDS = (
    "official", "admin", "administrator", "moderator", "mayor", "government", "police", "officer", "staff", "openhall",
    "city hall", "help desk", "support",
)  # fmt: skip
# How those are shown who have no nickname.
NAMELESS = re.compile(r"(?:citizen|市民)\s*[0-9a-f]{4}")


def key_of(nickname: str) -> str:
    """Return what two nicknames share that readers cannot tell apart: "Ｗáng 1", "wang-l" and "Wаng I" are one."""
    plain = unicodedata.normalize("NFKD", nickname.casefold())
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(ALIKE).translate(ONE_STROKE)
    return re.sub(r"[\W_]+", "", bare)


def clean_nickname(value: Any, official_names: Iterable[str]) -> str:
    """Return a nickname, "" for none. Raises BadInput for contacts, signs alone, and what sounds official."""
    nickname = clean_text(value, most=40, field="nickname", newlines=False)
    if not nickname:
        return ""
    if not key_of(nickname) or masked(nickname) != nickname:
        raise BadInput(
            _("Please choose a nickname of letters, without a number or address of yours."), field="nickname"
        )
    if _sounds_official(nickname, official_names):
        raise BadInput(_("This sounds like an office or its people. Please choose another nickname."), field="nickname")
    return nickname


def _sounds_official(nickname: str, official_names: Iterable[str]) -> bool:
    whole = key_of(nickname)
    parts = {whole, *(key_of(part) for part in re.split(r"[\W_]+", nickname))}
    return (
        any(sign in whole for sign in OFFICIAL_SIGNS)
        or not parts.isdisjoint(key_of(word) for word in OFFICIAL_WORDS)
        or whole in {key_of(name) for name in official_names if name}
        or NAMELESS.fullmatch(nickname.casefold()) is not None
    )
