"""What somebody takes along of the forums: their topics and replies."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.exporting import Chapter, Item, Line
from accounts.models import Person

from ..models import Reply, Topic


def data_of_person(person: Person) -> Chapter:
    """Return the person's topics and replies, oldest first."""
    return Chapter(_("What I wrote in the forum"), _posts(person))


def _posts(person: Person) -> Iterator[Item]:
    for topic in Topic.objects.filter(author=person).select_related("board").order_by("pk").iterator(200):
        facts = [("board", _("Board"), str(topic.board)), ("opened_at", _("Opened"), topic.opened_at)]
        yield Item("topic", str(topic.pk), topic.title, facts, [Line(topic.opened_at, "", topic.text)])
    for reply in Reply.objects.filter(user=person).select_related("topic").order_by("pk").iterator(200):
        yield Item("reply", str(reply.pk), reply.topic.title, [], [Line(reply.submit_date, "", reply.comment)])
