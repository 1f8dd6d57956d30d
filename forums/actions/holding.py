"""What keeps a post from everybody's eyes until a moderator has looked, and the moderators' queue."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import BadInput
from accounts.viewers import Viewer

from .. import rules
from ..markup import links_in, squeezed
from ..models import Member, Reply, Review, Topic, WatchedWord
from .telling import ring_queue

# How many links to other sites somebody may post at once, by trust.
LINKS = (0, 2, 5, 50)


def why_held(viewer: Viewer, member: Member, words: str, at: datetime) -> tuple[str, str] | None:
    """Return (cause, why) when a moderator has to see the post first. Raises BadInput for a refused word."""
    word = _watched(words)
    if viewer.holds(*rules.HANDLES):
        return None
    if word is not None:
        return Review.Cause.WORD, word
    if member.posts < settings.FORUM_HELD_POSTS:
        return Review.Cause.FIRST, ""
    foreign = [link for link in links_in(words) if not _is_ours(link)]
    if len(foreign) > LINKS[rules.trust_of(member, at)]:
        return Review.Cause.LINK, foreign[0][:1000]
    return None


def _watched(words: str) -> str | None:
    plain, held = squeezed(words), None
    for word, does in WatchedWord.objects.values_list("word", "does"):
        if squeezed(word) and squeezed(word) in plain:
            if does == WatchedWord.Does.REFUSE:
                raise BadInput(_("“%(word)s” cannot be posted here.") % {"word": word}, code="refused_word")
            held = word
    return held


def _is_ours(link: str) -> bool:
    try:
        return urlsplit(link).hostname in {urlsplit(settings.PUBLIC_URL).hostname, *settings.HOSTS}
    except ValueError:
        return False


def open_review(
    topic: Topic, reply: Reply | None, cause: str, why: str, at: datetime, by: Person | None = None
) -> Review:
    """Put the post into the moderators' queue, or return the review that waits there already."""
    known = Review.objects.filter(topic=topic, reply=reply, decision="").first()
    if known is not None:
        return known
    review = Review.objects.create(topic=topic, reply=reply, cause=cause, why=why[:1000], opened_at=at)
    ring_queue(review, "review.opened", by)
    return review


def close_reviews(
    topic: Topic, reply: Reply | None, decision: str, by: Person | None, at: datetime, ground: str = "",
    reason: str = "",
) -> None:  # fmt: skip
    """Note what was decided of the post; what was taken away without a review that waited gets one: for appeals."""
    review = Review.objects.filter(topic=topic, reply=reply, decision="").first()
    if review is None and decision == Review.Decision.KEPT:
        return
    review = review or Review(topic=topic, reply=reply, cause=Review.Cause.FLAGS, weight=0, opened_at=at)
    review.decision, review.decided_by, review.decided_at = decision, by, at
    review.ground, review.reason = ground, reason
    review.save()
    ring_queue(review, "review.decided", by)
