"""Flags and appeals of readers, and what moderators decide about what waits in the queue."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import limit_rate
from accounts.models import Role
from accounts.queries import open_posts
from accounts.rules import WrongStatus, clean_text
from accounts.viewers import Viewer
from journal.actions import append

from .. import rules
from ..models import Flag, Member, Reply, Review, Topic
from .counting import count_board, count_posts, index_topic, is_standing, settle_one
from .holding import open_review
from .locks import check_inside, locked_post
from .moderate import hide_reply, hide_topic, show_reply, show_topic
from .telling import QUEUE, ring_queue, tell

Cause, Decision = Review.Cause, Review.Decision


@transaction.atomic
def flag_post(
    *, viewer: Viewer, topic_id: int, reply_id: int | None = None, ground: str, words: str = "",
    at: datetime | None = None,
) -> Review:  # fmt: skip
    """Say that something is wrong with a post; the moderators are told, and enough flags take it from view.

    Once a person and review. Raises SignInFirst, NotFound, BadInput, TooMany, WrongStatus for a second flag.
    """
    ground, at = rules.clean_ground(ground), at or timezone.now()
    words = clean_text(words, most=rules.MOST_REASON, field="words", newlines=False)
    topic, reply = locked_post(topic_id, reply_id)
    check_inside(viewer, topic.board)
    person = rules.check_flag(viewer, topic, reply)
    limit_rate("forum-flag", viewer.key, *rules.FLAGS)
    review = open_review(topic, reply, Cause.FLAGS, "", at)
    if Flag.objects.filter(review=review, person=person).exists():
        raise WrongStatus(_("You have told the moderators already. Thank you."))
    Flag.objects.create(review=review, person=person, ground=ground, words=words, at=at)
    review.weight = max(1, Flag.objects.filter(review=review).count())
    review.save(update_fields=["weight"])
    if _trusted_flags(review, at) >= rules.FLAGS_THAT_HOLD:
        _hold(topic, reply, at)
    return review


def _trusted_flags(review: Review, at: datetime) -> int:
    people = Flag.objects.filter(review=review).values("person_id")
    members = Member.objects.filter(person_id__in=people)
    return sum(rules.trust_of(member, at) > rules.NEWCOMER for member in members)


def _hold(topic: Topic, reply: Reply | None, at: datetime) -> None:
    """Take what several trusted readers flagged from view until a moderator has looked; official words stay."""
    if reply is not None:
        if not (reply.held or reply.official):
            Reply.objects.filter(pk=reply.pk).update(held=True)
            append(topic.stream_name, "topic.reply_held", {"reply": reply.pk, "official": False}, at=at)
            count_posts(reply.user_id, -1)
            settle_one(topic, reply)
    elif not topic.held and topic.official_reply is None:
        count_board(topic.board_id, -int(is_standing(topic)))
        topic.held = True
        topic.save(update_fields=["held"])
        append(topic.stream_name, "topic.held", {}, at=at)
        count_posts(topic.author_id, -1)
        index_topic(topic)


@transaction.atomic
def appeal(
    *, viewer: Viewer, topic_id: int, reply_id: int | None = None, words: str, at: datetime | None = None
) -> Review:
    """Ask that a post of one's own which was taken away be looked at again, once. Raises NotFound, WrongStatus."""
    at = at or timezone.now()
    words = clean_text(words, most=rules.MOST_APPEAL, least=1, field="words")
    topic, reply = locked_post(topic_id, reply_id)
    past = Review.objects.filter(topic=topic, reply=reply)
    rules.check_appeal(viewer, topic, reply, past.filter(cause=Cause.APPEAL).exists())
    return open_review(topic, reply, Cause.APPEAL, words, at, viewer.person)


@transaction.atomic
def decide(
    *, by: Viewer, review_id: int, keep: bool, ground: str = "other", reason: str = "", at: datetime | None = None
) -> Review:
    """Decide what waits in the queue: `keep` leaves or gives back the post, otherwise it is taken away with a reason.

    Raises NotFound, WrongStatus when it is decided already or one would judge one's own act, BadInput.
    """
    at = at or timezone.now()
    rules.check_moderate(by)
    found = Review.objects.filter(pk=review_id).first()
    if found is None:
        raise rules.NotYours()
    topic, reply = locked_post(found.topic_id, found.reply_id)
    review = Review.objects.get(pk=review_id)
    rules.check_decide(by, review, _who_hid(review), _others(by))
    if review.cause == Cause.APPEAL and not keep:
        _refuse(review, by, reason, at)
    elif reply is not None and keep:
        show_reply(by=by, reply_id=reply.pk, at=at)
    elif reply is not None:
        hide_reply(by=by, reply_id=reply.pk, reason=reason, ground=ground, at=at)
    elif keep:
        show_topic(by=by, topic_id=topic.pk, at=at)
    else:
        hide_topic(by=by, topic_id=topic.pk, reason=reason, ground=ground, at=at)
    return Review.objects.get(pk=review_id)


def _who_hid(review: Review) -> int | None:
    past = Review.objects.filter(topic=review.topic_id, reply=review.reply_id, decision=Decision.HIDDEN)
    return past.order_by("-decided_at").values_list("decided_by_id", flat=True).first()


def _others(by: Viewer) -> bool:
    return open_posts().filter(role=Role.MODERATOR).exclude(person=by.person).exists()


def _refuse(review: Review, by: Viewer, reason: str, at: datetime) -> None:
    """The post stays taken away; its author learns why, and that this is final."""
    review.decision, review.decided_by, review.decided_at = Decision.HIDDEN, by.person, at
    review.reason = rules.clean_reason(reason)
    review.save(update_fields=["decision", "decided_by", "decided_at", "reason"])
    author = review.reply.user if review.reply else review.topic.author
    entry = append(QUEUE, "appeal.refused", {"review": review.pk}, by=by.person, at=at)
    tell(entry, "appeal_refused", [author], "/forums/mine/", title=review.topic.title, reason=review.reason)
    ring_queue(review, "review.decided", by.person)
