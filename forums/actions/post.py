"""Opening topics and replying to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import limit_rate
from accounts.masking import masked
from accounts.models import Unit
from accounts.rules import BadInput, Conflict, clean_text
from accounts.viewers import Viewer
from journal.actions import append
from journal.queries import entry_of_key

from .. import marks, rules
from ..markup import rendered
from ..models import Draft, Member, Option, Poll, Reply, Tagged, Topic, Writer
from .answers import ask_if_needed
from .counting import count_board, count_posts, index_topic
from .finding import REPLIES_INDEXED
from .following import note_own
from .holding import open_review, why_held
from .locks import check_inside, digest, locked, locked_board, member_of, token_digest, writer
from .pictures import Drawn, drawn, keep_pictures
from .sources import note_sources
from .telling import participants, tell_of_reply


def open_topic(
    *, viewer: Viewer, board_id: int, title: str, text: str, tags: Any = (), pictures: Iterable[Any] = (),
    question: str = "", options: Sequence[str] = (), most: int = 1, closes_at: datetime | None = None, token: str = "",
    at: datetime | None = None,
) -> Topic:  # fmt: skip
    """Open a topic, with a poll when `question` and `options` are given (of which `most` may be chosen).

    The same `token` of the same person again gives the same topic. Raises SignInFirst, NotFound for a board that is
    not there, BadInput, TooMany, Muted.
    """
    title = masked(clean_text(title, most=rules.MOST_TITLE, least=rules.LEAST_TITLE, field="title", newlines=False))
    text = masked(clean_text(text, most=rules.MOST_ARTICLE, least=1))
    poll = rules.clean_options(question, options, most)
    at = at or timezone.now()
    if poll[0] and closes_at is not None and closes_at <= at:
        raise BadInput(_("A poll closes later than now."), field="closes_at")
    given = {"title": title, "text": text, "tags": rules.clean_tags(tags), "poll": poll, "closes_at": closes_at}
    sent = token_digest(writer(viewer).pk, token)
    found = Topic.objects.filter(token=sent).first() if sent else None
    if found:
        return found
    _limit(viewer, at)
    with drawn(pictures) as kept:
        return _opened(viewer, board_id, given, kept, sent, at)


@transaction.atomic
def _opened(
    viewer: Viewer, board_id: int, given: dict[str, Any], pictures: list[Drawn], sent: str | None, at: datetime
) -> Topic:
    # The board's row keeps two presses of the same button apart: the second finds what the first made.
    board, author = locked_board(board_id), writer(viewer)
    check_inside(viewer, board)
    rules.check_open_topic(viewer, board, Writer.objects.filter(board=board, person=author).exists())
    text, tags = given["text"], given["tags"]
    if len(text) > rules.MOST_TEXT and not board.is_blog:
        raise BadInput(_("At most %(most)d characters, please.") % {"most": rules.MOST_TEXT}, field="text")
    found = Topic.objects.filter(token=sent).first() if sent else None
    if found:
        return found
    member = member_of(author, at)
    rules.check_not_muted(member, at)
    words = "\n".join([given["title"], text, given["poll"][0], *given["poll"][1], *tags])
    held = why_held(viewer, member, words, at)
    topic = Topic.objects.create(
        board=board, author=author, title=given["title"], text=text, html=rendered(text, article=board.is_blog),
        language=viewer.language, opened_at=at, last_at=at, tags=tags, held=bool(held), token=sent,
    )  # fmt: skip
    tag(topic, tags)
    _keep_poll(topic, given["poll"], given["closes_at"])
    keep_pictures(topic, None, pictures, author, at)
    append(topic.stream_name, "topic.opened", {"board": board.slug}, by=author, at=at)
    Draft.objects.filter(person=author, board=board).delete()
    if held:
        open_review(topic, None, *held, at)
    else:
        stand_topic(topic, at)
    return topic


def stand_topic(topic: Topic, at: datetime) -> None:
    """Count, index and put the clock to a topic that everybody may read from now on."""
    count_board(topic.board_id, 1)
    count_posts(topic.author_id, 1)
    index_topic(topic)
    ask_if_needed(topic, at)


def tag(topic: Topic, tags: list[str]) -> None:
    """Give the topic exactly these tags."""
    Tagged.objects.filter(topic=topic).exclude(tag__in=tags).delete()
    Tagged.objects.bulk_create([Tagged(topic=topic, tag=one) for one in tags], ignore_conflicts=True)


def _keep_poll(topic: Topic, asked: tuple[str, list[str], int], closes_at: datetime | None) -> None:
    question, options, most = asked
    if question:
        poll = Poll.objects.create(topic=topic, question=masked(question), most=most, closes_at=closes_at)
        Option.objects.bulk_create(
            [Option(poll=poll, text=masked(one), position=place) for place, one in enumerate(options)]
        )


def reply_to(
    *, viewer: Viewer, topic_id: int, text: str, parent_id: int | None = None, official: bool = False,
    unit_id: int | None = None, pictures: Iterable[Any] = (), token: str = "", at: datetime | None = None,
) -> Reply:  # fmt: skip
    """Reply to a topic, or to the reply `parent_id` in it; `official` answers in the name of a unit of the viewer's.

    Raises SignInFirst, NotFound, WrongStatus when the topic is locked, BadInput, TooMany, Muted, and Conflict if the
    same `token` came with another text.
    """
    text = clean_text(text, most=rules.MOST_TEXT, least=1)
    # What an office gives as its own telephone number is meant to be called.
    text = text if official and viewer.holds(*rules.HANDLES) else masked(text)
    at = at or timezone.now()
    with drawn(pictures) as kept:
        return _replied(viewer, topic_id, text, parent_id, _unit(viewer, official, unit_id), kept, token, at)


@transaction.atomic
def _replied(
    viewer: Viewer, topic_id: int, text: str, parent_id: int | None, unit: Unit | None, pictures: list[Drawn],
    token: str, at: datetime,
) -> Reply:  # fmt: skip
    topic = locked(topic_id)
    check_inside(viewer, topic.board)
    rules.check_reply(viewer, topic, unit is not None)
    author = writer(viewer)
    repeated = _repeated(viewer, topic, token, text)
    if repeated:
        return repeated
    _limit(viewer, at)
    member = member_of(author, at)
    rules.check_not_muted(member, at)
    parent = parent_of(topic, parent_id)
    held = None if unit else why_held(viewer, member, text, at)
    reply = Reply(user=author, comment=text, submit_date=at, official=unit is not None, unit=unit, held=bool(held))
    reply.html = rendered(text, participants(topic) if "@" in text else (), article=unit is not None)
    store(topic, reply, parent)
    keep_pictures(topic, reply, pictures, author, at)
    _count(topic, reply, at)
    kind = "topic.reply_held" if held else "topic.replied"
    told = {"reply": reply.pk, "official": reply.official}
    entry = append(topic.stream_name, kind, told, by=author, at=at, key=token[:64], digest=digest(text))
    note_own(author, topic, reply.number, at)
    if held:
        open_review(topic, reply, *held, at)
    else:
        count_posts(author.pk, 1)
        tell_of_reply(topic, reply, entry, parent)
        if unit is not None:
            note_sources(reply, author, at)
        if topic.replies <= REPLIES_INDEXED:
            index_topic(topic)
    return reply


def _limit(viewer: Viewer, at: datetime) -> None:
    trust = rules.trust_of(Member.objects.filter(person=viewer.person).first(), at)
    most = rules.POSTS[rules.PILLAR if viewer.is_official else trust]
    limit_rate("forum-post", viewer.key, most, rules.POSTS_SECONDS)


def _unit(viewer: Viewer, official: bool, unit_id: int | None) -> Unit | None:
    """Return the unit whose name an official answer bears. Raises NotYours for somebody without one."""
    if not official:
        return None
    own = [post.unit for post in viewer.posts if post.role in rules.HANDLES]
    found = next((unit for unit in own if unit.pk == unit_id), None) if unit_id else next(iter(own), None)
    if found is None:
        raise rules.NotYours()
    return found


def _repeated(viewer: Viewer, topic: Topic, token: str, text: str) -> Reply | None:
    entry = entry_of_key(topic.stream_name, viewer.key, token[:64])
    if entry is None:
        return None
    if entry.digest != digest(text):
        raise Conflict(_("This form was sent already with other words. Please reload the page."))
    found: Reply | None = Reply.objects.filter(pk=entry.data.get("reply", 0)).first()
    return found


def parent_of(topic: Topic, parent_id: int | None) -> Reply | None:
    """Return what the reply is to hang below; what is too deep hangs beside what it answers. Raises BadInput."""
    if not parent_id:
        return None
    rows = Reply.objects.filter(topic=topic).select_related("user")
    parent = rows.filter(pk=min(parent_id, 2**31 - 1), held=False).first()
    if parent is None:
        raise BadInput(_("The reply you answer is not there any more."), field="parent")
    if parent.level >= settings.COMMENTS_XTD_MAX_THREAD_LEVEL:
        parent = rows.filter(pk=parent.parent_id).first()
    found: Reply | None = parent
    return found


def store(topic: Topic, reply: Reply, parent: Reply | None) -> None:
    """Store a new reply of the locked topic through comments-xtd, with its number and its place in reading order."""
    topic.numbers += 1
    reply.topic, reply.number, reply.answers = topic, topic.numbers, parent.number if parent else 0
    reply.content_type = ContentType.objects.get_for_model(Topic)
    reply.object_pk, reply.site_id, reply.is_public = str(topic.pk), settings.SITE_ID, True
    reply.parent_id = parent.pk if parent else 0
    reply.save()
    reply.path = (parent.path if parent else "") + path_part(reply)
    Reply.objects.filter(pk=reply.pk).update(path=reply.path)


def path_part(reply: Reply) -> str:
    """Return a reply's part of the path: 7 signs for the second, 6 for the id, both in base 36."""
    return _base36(max(0, int(reply.submit_date.timestamp())), 7) + _base36(reply.pk, 6)


def _base36(number: int, width: int) -> str:
    signs = ""
    while number:
        number, rest = divmod(number, 36)
        signs = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + signs
    return signs.rjust(width, "0")


def _count(topic: Topic, reply: Reply, at: datetime) -> None:
    if reply.held:
        topic.gone = marks.add(topic.gone, [reply.number])
    else:
        topic.replies += 1
        topic.shown += 1
        topic.last_at = max(topic.last_at, at)
    if reply.official and topic.official_reply is None:
        topic.official_reply, topic.answered_at = reply.pk, at
    topic.save(update_fields=["replies", "shown", "numbers", "gone", "last_at", "official_reply", "answered_at"])
