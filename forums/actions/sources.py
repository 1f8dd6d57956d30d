"""Official answers that rest on pages: whoever keeps pages reads them, and their readers are told of changes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Person
from journal.actions import append

from ..models import Reading, Reply, Topic
from .locks import locked_reply
from .telling import tell

# Followers of one topic who are told at once.
MOST_TOLD = 1000


def note_sources(reply: Reply, by: Person | None, at: datetime) -> None:
    """Let rooms that keep what officials refer to read the answer (settings.ANSWER_READERS), instead of what it said.

    The stream they are given is the answer's own name, "reply-<id>": it stays when the topic is split or merged.
    """
    for path in settings.ANSWER_READERS:
        import_string(path)(stream=f"reply-{reply.pk}", text=reply.comment, by=by, at=at, anew=True)


def tell_source_changed(*, stream: str, title: str, url: str, at: datetime) -> None:
    """Mark an official answer whose source says something else now, and tell those who read along in its topic.

    Called in a transaction (settings.TELL_CITED).
    """
    reply_id = int(stream.partition("-")[2])
    if not Reply.objects.filter(pk=reply_id).exists():
        return
    reply, topic = locked_reply(reply_id)
    sources = [source for source in reply.changed_sources if source["url"] != url] + [{"title": title, "url": url}]
    Reply.objects.filter(pk=reply.pk).update(changed_sources=sources)
    entry = append(topic.stream_name, "topic.source_changed", {"reply": reply.pk, "title": title, "url": url}, at=at)
    if not (reply.is_removed or topic.hidden or topic.held):
        where = f"{topic.get_absolute_url()}?reply={reply.pk}"
        page_url = f"{settings.PUBLIC_URL}{url}"
        tell(entry, "topic_source_changed", _readers(topic, reply), where, ("email",),
             title=topic.title, page=title, page_url=page_url)  # fmt: skip


def _readers(topic: Topic, reply: Reply) -> set[Person]:
    """Return who got the answer: whoever asked, whom it answers and who follows; a case's citizen hears of the case."""
    people = {topic.author}
    asked = Reply.objects.filter(topic=topic, number=reply.answers).select_related("user").first()
    if asked is not None and asked.user is not None:
        people.add(asked.user)
    follows = Reading.objects.filter(topic=topic, person__is_active=True).exclude(follow="").select_related("person")
    people |= {row.person for row in follows.order_by("pk")[:MOST_TOLD]}
    case = reply.answer_of
    return {person for person in people if case is None or person.pk != case.citizen_id}
