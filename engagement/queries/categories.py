"""Categories: the tree, and which of them a text seems to be about."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from django.core.cache import cache

from ..models import Case, Category

LEARNED = "engagement-learned-words"
LEARNED_SECONDS = 600
LEARNED_CASES = 3000
# Words so common in letters that they say nothing about the subject.
EMPTY = frozenset(
    {
        "我们", "你们", "他们", "请问", "您好", "你好", "领导", "市长", "局长",
        "书记", "尊敬", "问题", "反映", "希望", "能否", "可以", "已经", "没有",
        "什么", "怎么", "为什么", "关于", "建议", "投诉", "咨询",
        "the", "and", "for", "are", "with", "this", "that", "have", "has", "our",
        "your", "please", "about", "from", "what", "when", "not", "was", "will",
        "my", "me", "we", "us", "you", "it", "is", "am", "be", "do", "does", "did", "how", "who", "whom", "why",
        "where", "can", "could", "would", "should", "ask", "tell", "need", "want", "to", "of", "in", "on", "at", "an",
    }
)  # fmt: skip


def categories() -> list[Category]:
    """Return the active categories in the order of their codes."""
    return list(Category.objects.filter(active=True))


def category_of(code: str | None) -> Category | None:
    """Return the active category with the code; None for an empty or unknown one."""
    return Category.objects.filter(code=code, active=True).first() if code else None


def telling_words(text: str) -> list[str]:
    """Return the words of a text that can carry its subject, the most frequent first."""
    # Loads its dictionary, which no start of the house should wait for.
    import rjieba

    counted = Counter(word.lower() for word in rjieba.cut(text[:4000]) if len(word.strip()) > 1)
    return [word for word, _count in counted.most_common(60) if word not in EMPTY and not word.isdigit()]


def suggest_category(text: str, most: int = 3) -> list[Category]:
    """Return the categories that the text seems to be about, the best first; [] when nothing fits.

    A category's own words and name count most; words learned from the titles of earlier cases help.
    """
    words = telling_words(text)
    if not words:
        return []
    low, learned = text[:4000].lower(), _learned()
    scores: dict[int, float] = {}
    known = {category.pk: category for category in categories()}
    for category in known.values():
        own = [line.strip().lower() for line in category.words.splitlines() if line.strip()]
        named = [name.lower() for name in (category.name, category.name_en) if len(name) > 1]
        score = sum(3.0 + len(word) / 4 for word in own if word in low) + sum(2.0 for name in named if name in low)
        if score:
            scores[category.pk] = score * (1 + category.level / 20)
    for word in words:
        for pk, weight in learned.get(word, {}).items():
            if pk in known:
                scores[pk] = scores.get(pk, 0) + weight
    best = sorted(scores, key=lambda pk: (-scores[pk], known[pk].code))
    return [known[pk] for pk in best[:most] if scores[pk] >= 1]


def _learned() -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = cache.get_or_set(LEARNED, _learn, LEARNED_SECONDS) or {}
    return found


def _learn() -> dict[str, dict[int, float]]:
    """Weigh each word of the latest titles by how much more often one category has it than all together."""
    rows: Any = Case.objects.filter(category__isnull=False, confidential=False).order_by("-pk")
    counts: dict[str, Counter[int]] = {}
    for title, category in rows.values_list("title", "category_id")[:LEARNED_CASES]:
        for word in set(telling_words(title)):
            counts.setdefault(word, Counter())[category] += 1
    learned = {}
    for word, found in counts.items():
        whole = sum(found.values())
        if whole >= 3:
            learned[word] = {pk: n / whole * math.log1p(n) for pk, n in found.items() if n / whole >= 0.4}
    return learned
