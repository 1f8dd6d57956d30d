"""Masks contacts that nobody should put before the whole city by accident."""

from __future__ import annotations

import re

# Full-width digits count as digits. Dots instead: stars mean something in Markdown.
CONTACTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "•••@•••"),
    # Citizen identity numbers of GB 11643.
    (re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?![\dA-Za-z])"), "••••••"),
    (re.compile(r"(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?\d{4}(?!\d)"), r"\1••••••••"),
    # Area code and number, and other international numbers.
    (re.compile(r"(?<![\d.])\(?0\d{2,3}\)?[- ]?\d{7,8}(?!\d)"), "••••"),
    (re.compile(r"(?<![\d.\w])\+\d(?:[ -]?\d){7,14}(?!\d)"), "+••••"),
    (re.compile(r"((?:QQ|微信|WeChat|weixin|VX)(?:号|群)?\s?[:：]\s?)[\w-]{5,20}", re.I | re.ASCII), r"\1••••"),
)  # fmt: skip
WIDE = str.maketrans("０１２３４５６７８９＠．＋－", "0123456789@.+-")


def masked(text: str) -> str:
    """Return the text with e-mail addresses, telephone and identity numbers and messenger names masked."""
    for pattern, instead in CONTACTS:
        # Looked for in plain signs of the same length, cut out of what was written.
        plain = text.translate(WIDE)
        for found in reversed(list(pattern.finditer(plain))):
            text = text[: found.start()] + found.expand(instead) + text[found.end() :]
    return text
