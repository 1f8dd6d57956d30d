"""Supporting, agreeing, thanking, voting: counted under the topic's lock, once a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import limit_rate
from accounts.rules import BadInput, WrongStatus
from accounts.viewers import Viewer

from .. import rules
from ..models import Option, Poll, Reaction, Reply, Vote
from .answers import ask_if_needed
from .locks import check_inside, locked, locked_post

COUNTS = {Reaction.Kind.AGREE: "agrees", Reaction.Kind.THANKS: "thanks"}


@transaction.atomic
def support_topic(*, viewer: Viewer, topic_id: int, on: bool, at: datetime | None = None) -> int:
    """Support a topic, or no longer; with enough support it must be answered. Returns how many support it.

    Raises SignInFirst, NotFound, WrongStatus for the archive, TooMany.
    """
    at = at or timezone.now()
    topic = locked(topic_id)
    check_inside(viewer, topic.board)
    person = rules.check_take_part(viewer, topic)
    limit_rate("forum-react", viewer.key, *rules.REACTIONS)
    mine = Reaction.objects.filter(topic=topic, reply=None, person=person, kind=Reaction.Kind.SUPPORT)
    if on == mine.exists():
        return topic.supports
    if on:
        Reaction.objects.create(topic=topic, person=person, kind=Reaction.Kind.SUPPORT, at=at)
    else:
        mine.delete()
    topic.supports = Reaction.objects.filter(topic=topic, reply=None, kind=Reaction.Kind.SUPPORT).count()
    topic.save(update_fields=["supports"])
    ask_if_needed(topic, at)
    return topic.supports


@transaction.atomic
def react(*, viewer: Viewer, topic_id: int, reply_id: int, kind: str, on: bool, at: datetime | None = None) -> int:
    """Agree with ("agree") or thank for ("thanks") a reply, or no longer. Returns how many do.

    Raises SignInFirst, NotFound, BadInput, WrongStatus for the archive, TooMany.
    """
    if kind not in COUNTS:
        raise BadInput(field="kind")
    topic, reply = locked_post(topic_id, reply_id)
    check_inside(viewer, topic.board)
    person = rules.check_take_part(viewer, topic)
    if reply is None or reply.is_removed or reply.held:
        raise rules.NotYours()
    limit_rate("forum-react", viewer.key, *rules.REACTIONS)
    column = COUNTS[Reaction.Kind(kind)]
    mine = Reaction.objects.filter(reply=reply, person=person, kind=kind)
    if on != mine.exists():
        if on:
            Reaction.objects.create(topic=topic, reply=reply, person=person, kind=kind, at=at or timezone.now())
        else:
            mine.delete()
        Reply.objects.filter(pk=reply.pk).update(**{column: F(column) + (1 if on else -1)})
    return int(Reply.objects.values_list(column, flat=True).get(pk=reply.pk))


@transaction.atomic
def vote(*, viewer: Viewer, topic_id: int, option_ids: Iterable[int], at: datetime | None = None) -> None:
    """Choose options of the topic's poll; choosing again replaces the first choice, nothing takes it back.

    Raises SignInFirst, NotFound, BadInput for too many or foreign options, WrongStatus when the poll has closed.
    """
    topic = locked(topic_id)
    check_inside(viewer, topic.board)
    person = rules.check_take_part(viewer, topic)
    poll = Poll.objects.select_for_update().filter(topic=topic).first()
    if poll is None:
        raise rules.NotYours()
    if topic.closed or (poll.closes_at is not None and poll.closes_at <= (at or timezone.now())):
        raise WrongStatus(_("This poll is closed."))
    chosen = set(option_ids)
    options = list(Option.objects.filter(poll=poll, pk__in=chosen))
    if len(options) != len(chosen) or len(chosen) > poll.most:
        raise BadInput(_("Please choose at most %(most)d.") % {"most": poll.most}, field="option")
    _choose(poll, person.pk, chosen)


def _choose(poll: Poll, person_id: int, chosen: set[int]) -> None:
    before = set(Vote.objects.filter(option__poll=poll, person_id=person_id).values_list("option_id", flat=True))
    Vote.objects.filter(option_id__in=before - chosen, person_id=person_id).delete()
    Vote.objects.bulk_create([Vote(option_id=one, person_id=person_id) for one in sorted(chosen - before)])
    for ids, step in ((before - chosen, -1), (chosen - before, 1)):
        Option.objects.filter(pk__in=ids).update(votes=F("votes") + step)
    poll.voters += bool(chosen) - bool(before)
    poll.save(update_fields=["voters"])
