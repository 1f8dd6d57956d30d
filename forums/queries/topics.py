"""Who sees which topic, and pages of a board's topics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

import search.queries
from accounts.models import Person
from accounts.prepared import Given, Prepared
from accounts.rules import NotFound
from accounts.viewers import Viewer
from engagement.models import Case
from engagement.queries import telling_words
from journal.models import Entry

from ..models import Board, Draft, Option, Poll, Reaction, Reading, Reply, Topic, Vote
from ..rules import is_moderator
from .boards import inside, is_inside
from .people import shown_name

TOPICS_A_PAGE = 30
MOST_ID = 2**63 - 1
MOST_LINES = 100
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")
# What lists never need: the words.
WORDS = ("text", "html", "gone", "token")


@dataclass(frozen=True)
class TopicPage:
    """Some topics of a board, the latest first; `after` continues the list, "" at its end."""

    topics: list[Topic]
    after: str


@dataclass(frozen=True)
class PollView:
    """A poll as a reader sees it: the options with their share, what they chose, whether it is over."""

    poll: Poll
    options: Sequence[tuple[Option, int, bool]]
    closed: bool
    voted: bool


@dataclass(frozen=True)
class Line:
    """One post of a topic, for those who work on its case."""

    at: datetime
    side: str
    name: str
    text: str


def visible_to(viewer: Viewer) -> QuerySet[Topic]:
    """Return the topics that the viewer may read: those of readable boards, hidden ones only for moderators.

    What waits for review is there for its author too.
    """
    found = Topic.objects.filter(inside(viewer, "board"), board__active=True)
    if viewer.person is None:
        return found.filter(hidden=False, held=False)
    if is_moderator(viewer):
        return found
    return found.filter(Q(held=False) | Q(author=viewer.person), hidden=False)


def standing(found: QuerySet[Topic], archived: bool = False) -> QuerySet[Topic]:
    """Return those that stand in the lists of boards, or in their archives."""
    return found.filter(hidden=False, held=False, archived=archived, merged_into__isnull=True)


FOUND: Prepared[Topic] = Prepared(
    lambda: Topic.objects.filter(pk=Given("pk")).select_related("board__unit", "author__member", "case", "poll")
)


def topic_for(viewer: Viewer, topic_id: int) -> Topic:
    """Return the topic with its board and author. Raises NotFound.

    Who may read it is what `visible_to` says, decided on the topic in hand: that question takes longer to write than to
    answer.
    """
    found = FOUND.first(pk=topic_id)
    if found is None or not _is_shown(viewer, found) or not is_inside(viewer, found.board):
        raise NotFound()
    return found


def _is_shown(viewer: Viewer, topic: Topic) -> bool:
    if not topic.board.active:
        return False
    own = viewer.person is not None and topic.author_id == viewer.person.pk
    return is_moderator(viewer) or (not topic.hidden and (own or not topic.held))


def may_follow_topic(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the stream topic-<key>."""
    with suppress(NotFound):
        return key.isascii() and key.isdigit() and len(key) < 19 and bool(topic_for(viewer, int(key)))
    return False


def topics_of(viewer: Viewer, board: Board | None, after: str = "", tag: str = "", show: str = "") -> TopicPage:
    """Return the board's topics, or those of all boards, those with the latest post first, from behind `after`.

    `show` narrows them to "waiting" (an official answer is due), "answered", "mine" or "archive".
    """
    found = standing(visible_to(viewer), archived=show == "archive")
    found = found.filter(board=board) if board else found
    match show:
        case "waiting":
            found = found.filter(asked_at__isnull=False, answered_at__isnull=True)
        case "answered":
            found = found.filter(official_reply__isnull=False)
        case "mine":
            found = found.filter(author=viewer.person) if viewer.person else found.none()
    if tag:
        found = found.filter(tagged__tag=tag)
    found = found.select_related("author", "board")
    found = (found if board and board.is_blog else found.defer(*WORDS)).order_by("-last_at", "-pk")
    pinned: list[Topic] = []
    if match := _CURSOR.fullmatch(after):
        moment = _moment(int(match[1]))
        found = found.filter(Q(last_at__lt=moment) | Q(last_at=moment, pk__lt=int(match[2])))
    elif not (tag or show):
        pinned = list(found.filter(pinned=True)[:5])
    topics = list(found.exclude(pinned=True)[: TOPICS_A_PAGE + 1] if not (tag or show) else found[: TOPICS_A_PAGE + 1])
    shown = topics[:TOPICS_A_PAGE]
    return TopicPage(pinned + shown, _cursor(shown[-1]) if len(topics) > TOPICS_A_PAGE else "")


def _cursor(topic: Topic) -> str:
    # Whole microseconds: a float would lose some, and then a topic.
    since = topic.last_at - _moment(0)
    return f"{(since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds}.{topic.pk}"


def _moment(microseconds: int) -> datetime:
    seconds, rest = divmod(microseconds, 1_000_000)
    moment = datetime.fromtimestamp(min(seconds, 10**10), timezone.get_fixed_timezone(0))
    return moment.replace(microsecond=rest)


def latest_topics(viewer: Viewer, most: int) -> list[Topic]:
    """Return the topics with the latest posts over all boards."""
    found = standing(visible_to(viewer)).select_related("board", "author").defer(*WORDS)
    return list(found.order_by("-last_at", "-pk")[:most])


def supported_topics(viewer: Viewer, most: int) -> list[Topic]:
    """Return topics that wait for an official answer, those with the most supporters first."""
    found = standing(visible_to(viewer)).filter(asked_at__isnull=False, answered_at__isnull=True)
    return list(found.select_related("board").defer(*WORDS).order_by("-supports", "due_at")[:most])


def topics_by(person: Person, most: int) -> list[Topic]:
    """Return the topics that the person opened, the latest first."""
    found = Topic.objects.filter(author=person, hidden=False, merged_into=None, board__active=True)
    return list(found.select_related("board").defer(*WORDS).order_by("-last_at", "-pk")[:most])


def similar_topics(words: str, most: int = 4) -> list[tuple[str, str]]:
    """Return (title, address) of public topics that share two telling words with a title, the likest first."""
    wanted = telling_words(words[:200])[:6]
    shared: Counter[tuple[str, str]] = Counter()
    for word in wanted:
        hits = search.queries.find(word, audiences=["public"], room="topic", limit=20)
        shared.update({(hit.document.title, hit.document.url) for hit in hits})
    return [found for found, words_shared in shared.most_common(most) if words_shared >= min(2, len(wanted))]


def topics_alike(topic: Topic) -> list[tuple[str, str]]:
    """Return (title, address) of other public topics that seem to be about the same matter."""
    own = topic.get_absolute_url()
    return [(title, url) for title, url in similar_topics(topic.title) if url != own]


def closed_because(topic: Topic) -> str:
    """Return the reason that a moderator gave for closing or archiving the topic, "" for none."""
    kind = "topic.archived" if topic.archived else "topic.locked"
    entry = Entry.objects.filter(stream__name=topic.stream_name, kind=kind).order_by("-seq").first()
    return str(entry.data.get("reason", "")) if entry else ""


def poll_of(viewer: Viewer, topic: Topic) -> PollView | None:
    """Return the topic's poll in one question, None without one."""
    poll: Poll | None = getattr(topic, "poll", None)
    if poll is None:
        return None
    person = viewer.person.pk if viewer.person else 0
    chosen = Vote.objects.filter(option__poll=poll, person_id=person).values("option_id")
    rows = Option.objects.filter(poll=poll).annotate(mine=Q(pk__in=chosen)).order_by("position")
    options = [(row, round(100 * row.votes / poll.voters) if poll.voters else 0, bool(row.mine)) for row in rows]
    over = topic.closed or (poll.closes_at is not None and poll.closes_at <= timezone.now())
    return PollView(poll, options, over, any(mine for _row, _share, mine in options))


def reading_of(viewer: Viewer, topic: Topic) -> Reading | None:
    """Return what the viewer has read and begun in the topic."""
    if viewer.person is None:
        return None
    return Reading.objects.filter(person=viewer.person, topic=topic).first()


def draft_of(viewer: Viewer, board: Board) -> Draft | None:
    """Return the topic that the viewer has begun in the board."""
    return Draft.objects.filter(person=viewer.person, board=board).first() if viewer.person else None


def supports(viewer: Viewer, topic: Topic) -> bool:
    """Return whether the viewer supports the topic."""
    if viewer.person is None:
        return False
    return Reaction.objects.filter(topic=topic, reply=None, person=viewer.person).exists()


def thread_of_case(case: Case) -> list[Line]:
    """Return what was written in the topics that the case came from, for those who may read the case."""
    lines: list[Line] = []
    here = Reply.objects.filter(case=case).values("topic_id")
    found = Topic.objects.filter(Q(case=case) | Q(pk__in=here)).select_related("author")
    for topic in found.order_by("pk"):
        lines.append(Line(topic.opened_at, "citizen", shown_name(topic.author), f"{topic.title}\n{topic.text}"))
        replies = Reply.objects.filter(topic=topic, held=False, is_removed=False).select_related("unit", "user")
        for reply in replies.order_by(F("number").desc())[:MOST_LINES][::-1]:
            name = str(reply.unit) if reply.unit else shown_name(reply.user) if reply.user else ""
            lines.append(Line(reply.submit_date, "officer" if reply.official else "citizen", name, reply.comment))
    return lines
