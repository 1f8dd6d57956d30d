"""Taking out of a text what could tell who wrote it; a person checks the result before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable

GAP = "〔…〕"
# The hundred most frequent surnames: with a form of address behind it, such a sign is somebody's name.
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# What ends a name in running text: ASCII and full-width punctuation, a space, the end. Escapes, since they look alike.
END = r"(?=[,.;:!?\s\uff0c\u3002\u3001\uff1b\uff1a\uff01\uff1f\uff08\uff09]|$)"
COLON = r"\s?[:\uff1a]?\s?"
SELF = rf"我叫|我的名字是|(?:本人)?姓名{COLON}|联系人{COLON}|我是居民"
HAN_NUMBER = "[一二三四五六七八九十]{1,3}"
# A room's number; not a year, a count or a sum that happens to follow.
ROOM = r"\d{1,5}\s?(?:室|号|房)|\d{3,4}(?![\d年户元米万层平个人家])"
FLAT = rf"(?:\d{{1,3}}|{HAN_NUMBER})\s?单元\s?(?:{ROOM})?"
# "7号楼", "13#栋", "e栋", "A座1203", "三栋二单元": a Han number or 座 alone is mostly a count of houses or bridges.
BUILDING = (
    r"\d{1,4}\s?[#\uff03]?\s?(?:号楼|栋|幢|座)|\d{1,4}[#\uff03]楼|(?<![A-Za-z])[A-Za-z]\d{0,2}\s?(?:号楼|栋|幢)"
    rf"|(?<![A-Za-z])[A-Za-z]\d{{0,2}}座(?=\s?\d)|{HAN_NUMBER}(?:号楼|栋|幢)(?=\s?(?:{FLAT}|{ROOM}))"
)
HOUSE = rf"(?:{BUILDING})\s?(?:{FLAT}|{ROOM})?|{FLAT}|\d{{2,5}}室"

# Replacement, pattern. Longer numbers first, so that an identity number is not taken for a telephone.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # E-mail addresses.
    (GAP, re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")),
    # Citizen identity numbers of GB 11643: 17 digits and a check sign.
    (GAP, re.compile(r"(?<![\dA-Za-z])[1-9]\d{16}[\dXx](?![\dA-Za-z])")),
    # Number plates of GA 36: a province, a letter, five or six signs.
    (GAP, re.compile(
        rf"[{PROVINCES}][A-Z][·.\s]?(?:[A-Z0-9]{{5,6}}|[A-Z0-9]{{4}}[挂学警港澳])(?![A-Z0-9])", re.IGNORECASE | re.ASCII
    )),
    # Names in messengers.
    (rf"\1{GAP}", re.compile(rf"((?:QQ|微信|WeChat|weixin)(?:号|群)?{COLON})[\w-]{{5,20}}", re.IGNORECASE | re.ASCII)),
    # What somebody is called on a platform.
    (rf"\1{GAP}", re.compile(r"((?:网友|用户)[\s:\uff1a]{0,2}[“\"']?)[A-Za-z0-9_-]{4,24}")),
    (GAP, re.compile(r"(?<=[“\"])[A-Za-z]{1,4}\d{5,12}(?=[”\"])")),
    # Telephone numbers: seven digits and more, with spaces or dashes between; neither dates nor sums.
    (GAP, re.compile(
        r"(?<![\dA-Za-z.])(?!(?:19|20)\d\d-\d{1,2}-\d{1,2}(?!\d))\+?\d(?:[ -]?\d){6,17}(?![\dA-Za-z]|\s?(?:元|平方|%))"
    )),
    # The house and the flat, and the number in a street or a village.
    (GAP, re.compile(HOUSE)),
    (GAP, re.compile(r"(?<![\d-])\d{1,3}-\d{1,2}-\d{3,4}(?![\d-])")),
    (rf"\1{GAP}", re.compile(r"((?:村|社区)\S{0,6}?\d{1,3}组)\s?\d{1,4}\s?号")),
    (rf"\1{GAP}", re.compile(r"((?:路|街|大道|巷|弄|胡同)\s?)\d{1,5}\s?(?:号院?|弄)(?!线)")),
    (GAP, re.compile(r"\b(?:flat|apartment|apt\.?|room|unit)\s?\d{1,5}[A-Za-z]?\b", re.IGNORECASE)),
    (f"{GAP} ", re.compile(r"\b\d{1,5}[A-Za-z]?\s(?=(?:[A-Z][a-z]+\s){1,3}(?:Road|Street|Avenue|Lane|Rd|St|Ave)\b)")),
    # Somebody who introduces themselves, and others by surname and form of address.
    (rf"\1{GAP}", re.compile(rf"({SELF})[\u4e00-\u9fff·]{{2,6}}?{END}")),
    (rf"\1{GAP}", re.compile(r"(\b(?i:my name is)\s)[A-Z][\w'-]+(?:\s[A-Z][\w'-]+){0,2}")),
    (GAP, re.compile(rf"[{SURNAMES}](?=先生|女士|小姐|师傅|阿姨|大爷|大妈|某)")),
)  # fmt: skip


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """Return the text without `names`, telephones, identity numbers, plates, e-mail addresses and house numbers."""
    for name in sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True):
        text = re.sub(re.escape(name), GAP, text, flags=re.IGNORECASE)
    for replacement, pattern in PATTERNS:
        text = pattern.sub(replacement, text)
    return text
