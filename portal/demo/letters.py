"""Making one letter out of a matter, a place and a little chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.models import Person
from engagement.models import Case, Category, Mailbox

from . import matters_en, matters_zh, people
from .city import City
from .matter import Matter
from .places import SPOTS, Spot

# Of a hundred letters so many are in English, and so many come through each channel.
ENGLISH = 22
CHANNELS = (
    (Case.Channel.LETTER, 40),
    (Case.Channel.FORM, 30),
    (Case.Channel.CHAT, 10),
    (Case.Channel.PHONE, 12),
    (Case.Channel.COUNTER, 4),
    (Case.Channel.SMS, 4),
)
ANONYMOUS = 45
PUBLIC = 75
# Whose mailbox people choose for which unit's matters.
BOXES = {
    "housing": ("du-hong", "bai-zhiqiang", "he-jianping"),
    "transport": ("bai-zhiqiang", "he-jianping"),
    "environment": ("bai-zhiqiang", "he-jianping"),
    "water": ("bai-zhiqiang",),
    "urban": ("bai-zhiqiang", "fang-yun"),
    "education": ("yan-jingyi", "he-jianping"),
    "health": ("yan-jingyi",),
    "social": ("yan-jingyi", "he-jianping"),
    "hotline": ("he-jianping",),
}


@dataclass(frozen=True)
class Letter:
    """Everything about a letter but when it came and what became of it."""

    matter: Matter
    spot: Spot
    language: str
    title: str
    text: str
    reply: str
    unit: str
    channel: str
    category: Category
    mailbox: Mailbox | None
    citizen: Person | None
    public: bool


def write(city: City, dice: Random, at: datetime, box: str = "") -> Letter:
    """Return a letter that might have been written at the moment `at`, to the mailbox `box` if one is named."""
    letter = _write(city, dice, at)
    while box and (letter.mailbox is None or letter.mailbox.slug != box):
        letter = _write(city, dice, at)
    return letter


def _write(city: City, dice: Random, at: datetime) -> Letter:
    english = dice.randrange(100) < ENGLISH
    matter = dice.choice(matters_en.MATTERS if english else matters_zh.MATTERS)
    spot = dice.choice(SPOTS)
    unit = matter.unit or spot.unit
    channel = dice.choices([code for code, _share in CHANNELS], [share for _code, share in CHANNELS])[0]
    names = {
        "place": spot.name_en if english else spot.name,
        "n": dice.randint(2, 8),
        "month": f"{(at - timedelta(days=31)).month}月",
    }
    boxes = BOXES.get(unit, ("fang-yun",))
    return Letter(
        matter=matter,
        spot=spot,
        language="en" if english else "zh-hans",
        title=dice.choice(matter.titles).format(**names),
        text=matter.text.format(**names),
        reply=matter.reply.format(**names),
        unit=unit,
        channel=channel,
        category=city.categories[matter.category],
        mailbox=city.mailboxes[dice.choice(boxes)] if channel == Case.Channel.LETTER else None,
        citizen=_writer(city, dice, english, channel),
        public=dice.randrange(100) < PUBLIC,
    )


def _writer(city: City, dice: Random, english: bool, channel: str) -> Person | None:
    """Return somebody with an account, or None for a visitor and for what an official wrote down."""
    if dice.randrange(100) < ANONYMOUS or channel in (Case.Channel.PHONE, Case.Channel.COUNTER, Case.Channel.SMS):
        return None
    speakers = [one for one in people.CITIZENS if (one.language == "en") == english]
    return city.people[dice.choice(speakers).username]
