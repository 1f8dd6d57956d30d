"""A topic or one post becomes a case, and the case's public answer comes back to the topic."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import engagement.actions
from accounts.viewers import Viewer, person_viewer
from engagement.models import Case
from engagement.rules import grouped
from journal.actions import append

from .. import rules
from ..markup import rendered
from ..models import Reply, Topic
from .counting import index_topic, settle
from .locks import check_inside, locked, locked_post, token_digest
from .post import store
from .sources import note_sources
from .telling import tell, tell_of_reply


@transaction.atomic
def raise_case(
    *, by: Viewer, topic_id: int, reply_id: int | None = None, kind: str = "", at: datetime | None = None
) -> Case:
    """File the topic, or one reply of it, as its author's case; readers see that it became one.

    `kind` (Case.Kind) is the board's usual one when "". Raises NotFound for everybody but officials, WrongStatus if it
    has become one already.
    """
    at = at or timezone.now()
    topic, reply = locked_post(topic_id, reply_id)
    check_inside(by, topic.board)
    rules.check_raise_case(by, topic, reply)
    author = reply.user if reply is not None and reply.user is not None else topic.author
    text = reply.comment if reply else topic.text
    filed = engagement.actions.file_case(
        viewer=person_viewer(author), kind=kind or topic.board.case_kind, title=topic.title, text=text,
        channel=Case.Channel.FORUM, public=True, contact=None, language=topic.language, at=at, thread_of=topic,
        token=token_digest(topic.pk, f"topic-{reply.pk}" if reply else "topic") or "",
    )  # fmt: skip
    if reply is not None:
        Reply.objects.filter(pk=reply.pk).update(case=filed.case)
    else:
        topic.case = filed.case
        topic.save(update_fields=["case"])
    entry = append(topic.stream_name, "topic.became_case", {"reply": reply.pk} if reply else {}, by=by.person, at=at)
    number = grouped(filed.case.number)
    tell(entry, "topic_became_case", [author], topic.get_absolute_url(), title=topic.title, number=number)
    return filed.case


def bring_answers(at: datetime | None = None) -> int:
    """Bring the answers of cases back to the topics they came from; return how many topics changed. For the worker.

    When a case is answered the topic says so; when its redacted answer has been approved by a second person it is
    posted as the unit's official answer; when that is taken down, so is the post.
    """
    at = at or timezone.now()
    steps = (
        (_say_answered, _answered()), (_post_answer, _published()), (_post_answer, _published_of_posts()),
        (_take_back, _unpublished()),
    )  # fmt: skip
    return sum(change(topic_id, case_id, at) for change, found in steps for topic_id, case_id in list(found[:100]))


def _answered() -> QuerySet[Topic, tuple[int, Any]]:
    topics = Topic.objects.filter(case__isnull=False, case_told_at=None, case__answered_at__isnull=False)
    return topics.values_list("pk", "case_id")


def _published() -> QuerySet[Topic, tuple[int, Any]]:
    here = Reply.objects.filter(topic=OuterRef("pk"), answer_of=OuterRef("case"))
    whole = Topic.objects.filter(case__isnull=False, case__publication__published_at__isnull=False)
    return whole.filter(~Exists(here), merged_into=None).values_list("pk", "case_id")


def _published_of_posts() -> QuerySet[Reply, tuple[int, Any]]:
    here = Reply.objects.filter(topic=OuterRef("topic"), answer_of=OuterRef("case"))
    posts = Reply.objects.filter(case__isnull=False, case__publication__published_at__isnull=False)
    found: QuerySet[Reply, tuple[int, Any]] = (
        posts.filter(~Exists(here)).order_by("pk").values_list("topic_id", "case_id")
    )
    return found


def _unpublished() -> QuerySet[Reply, tuple[int, Any]]:
    lost = Q(answer_of__publication=None) | Q(answer_of__publication__published_at=None)
    rows = Reply.objects.filter(lost, answer_of__isnull=False, is_removed=False)
    found: QuerySet[Reply, tuple[int, Any]] = rows.order_by("pk").values_list("topic_id", "answer_of_id")
    return found


@transaction.atomic
def _say_answered(topic_id: int, case_id: int, at: datetime) -> int:
    topic = locked(topic_id)
    if topic.case_told_at is not None:
        return 0
    topic.case_told_at = at
    topic.save(update_fields=["case_told_at"])
    append(topic.stream_name, "topic.case_answered", {}, at=at)
    return 1


@transaction.atomic
def _post_answer(topic_id: int, case_id: int, at: datetime) -> int:
    topic = locked(topic_id)
    case = Case.objects.select_related("publication__approved_by", "publication__unit", "unit").get(pk=case_id)
    copy = case.publication
    if Reply.objects.filter(topic=topic, answer_of=case).exists():
        return 0
    asked = Reply.objects.filter(topic=topic, case=case).first()
    reply = Reply(
        user=copy.approved_by, comment=copy.reply, html=rendered(copy.reply), submit_date=at, official=True,
        unit=copy.unit or case.unit, answer_of=case,
    )  # fmt: skip
    store(topic, reply, asked)
    settle(topic)
    told = {"reply": reply.pk, "official": True}
    entry = append(topic.stream_name, "topic.replied", told, by=copy.approved_by, at=at)
    tell_of_reply(topic, reply, entry, asked)
    note_sources(reply, copy.approved_by, at)
    index_topic(topic)
    return 1


@transaction.atomic
def _take_back(topic_id: int, case_id: int, at: datetime) -> int:
    topic = locked(topic_id)
    gone = Reply.objects.filter(topic=topic, answer_of=case_id)
    for reply in gone:
        append(topic.stream_name, "topic.reply_hidden", {"reply": reply.pk, "reason": ""}, at=at)
    # Free for a later publication of the same case.
    gone.update(is_removed=True, answer_of=None)
    settle(topic)
    index_topic(topic)
    return 1
