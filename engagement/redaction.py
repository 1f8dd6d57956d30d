"""Taking out of a text what could tell who wrote it; a person checks the result before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Replacement, pattern. Longer numbers first, so that an identity number is not taken for a telephone.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # E-mail addresses.
    ("〔…@…〕", re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")),
    # Citizen identity numbers of GB 11643: 17 digits and a check sign.
    ("〔…〕", re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])")),
    # Number plates of GA 36: a province, a letter, five or six signs.
    ("〔…〕", re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z]·?[A-Z0-9]{5,6}")),
    # Telephone numbers: seven digits and more, with spaces or dashes between.
    ("〔…〕", re.compile(r"(?<![0-9A-Za-z.])\+?\d(?:[ -]?\d){6,17}(?![0-9A-Za-z])")),
    # The house: building, entrance, flat.
    ("〔…〕", re.compile(r"\d{1,4}(?:号楼|栋|幢|座)(?:\d{1,3}单元)?(?:\d{1,5}(?:室|号|房))?|\d{1,3}单元\d{1,5}(?:室|号|房)?|\d{2,5}室")),
    ("〔…〕", re.compile(r"\b(?:flat|apartment|apt\.?|room|unit)\s?\d{1,5}[A-Za-z]?\b", re.IGNORECASE)),
    # Somebody who introduces themselves.
    (r"\1〔…〕", re.compile(r"((?:我叫|本人姓名[::]?|联系人[::]?|我是居民))[\u4e00-\u9fff]{2,4}(?=[,,。.;;、\s]|$)")),
)


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """Return the text without `names`, telephones, identity numbers, plates, e-mail addresses and house numbers."""
    for name in sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True):
        text = text.replace(name, "〔…〕")
    for replacement, pattern in PATTERNS:
        text = pattern.sub(replacement, text)
    return text
