"""What an officer has at hand beside a talk: prepared answers filled in, and pages of the handbook that may help."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.functional import lazy
from django.utils.safestring import SafeString

from accounts.viewers import Viewer
from engagement.queries import Filled, filled_replies, telling_words
from journal.queries import entries_of
from search.queries import Hit, find

from .. import rules
from ..models import Talk

# Of the citizen's last messages so many count, and of their words the most telling ones.
LAST_MESSAGES, WORDS, SHOWN = 4, 6, 4
# The room of the handbook's pages in the search index.
PAGES = "article"


@dataclass(frozen=True)
class Suggestion:
    """A page that may help: its title, the words that match, where it is, and whether citizens can open it, too."""

    title: SafeString
    snippet: SafeString
    plain_title: str
    url: str
    public: bool


def suggestions(talk: Talk) -> list[Suggestion]:
    """Return pages for officials and everybody that share the most telling words with what the citizen writes."""
    said = entries_of(talk.stream_name).filter(kind="message.said", data__side=rules.CITIZEN)
    texts = list(said.order_by("-seq").values_list("data__text", flat=True)[:LAST_MESSAGES])
    wanted = telling_words("\n".join(str(text) for text in texts))[:WORDS]
    scores: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    found: dict[str, Hit] = {}
    for rank, word in enumerate(wanted):
        for hit in find(word, audiences=("public", "officials"), room=PAGES, limit=10):
            ref, weight = hit.document.ref, 2 if "<mark>" in hit.title else 1
            # A word of the title says more than one somewhere in the text, of which one alone says nothing.
            scores[ref] += (WORDS - rank) * weight
            shared[ref] += weight
            found.setdefault(ref, hit)
    best = [ref for ref, _score in scores.most_common() if shared[ref] >= min(2, len(wanted))]
    return [_suggestion(found[ref]) for ref in best[:SHOWN]]


def _suggestion(hit: Hit) -> Suggestion:
    page = hit.document
    return Suggestion(hit.title, hit.snippet, page.title, page.url, page.audience == "public")


def canned_for(talk: Talk, viewer: Viewer) -> list[Filled]:
    """Return the officer's prepared answers in the citizen's language, filled in for this talk."""
    name = talk.name or (talk.citizen.name if talk.citizen else "")
    number = talk.case.number if talk.case else ""
    # In the language of each answer, not of the officer's page.
    desk: Any = lazy(lambda: talk.desk.label, str)()
    return filled_replies(viewer, talk.language, {"citizen": name, "desk": desk, "number": number})
