"""Officials of other units come into a talk: asked in, joined, gone, each seen by everybody in it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Post
from accounts.queries import open_posts
from accounts.viewers import Viewer
from journal.actions import retract
from notices.actions import notify

from .. import queries, rules
from ..models import Guest, Talk
from .locks import lock_talk, record


@transaction.atomic
def invite_guest(*, talk_id: int, by: Viewer, person_id: int, unit_id: int, at: datetime | None = None) -> Guest:
    """Ask an official of a unit into the talk; they are told, and join when they open it.

    Asking the same one again changes nothing. Raises NotYours, WrongStatus, NotFound, Conflict for too many.
    """
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    rules.check_holder(talk, by)
    rules.check_possible(talk, "invite")
    post = _post(person_id, unit_id, at)
    if by.person is None or post.person_id in (by.person.pk, talk.citizen_id):
        raise rules.Conflict(_("This person is in the conversation already."), code="in_it")
    found = Guest.objects.filter(talk=talk, person=post.person, left_at=None).first()
    if found is not None:
        return found
    if talk.guests.filter(left_at=None).count() >= rules.MOST_GUESTS:
        raise rules.Conflict(_("More guests than %(most)d are too many.") % {"most": rules.MOST_GUESTS}, code="full")
    guest = Guest.objects.create(talk=talk, person=post.person, unit=post.unit, invited_by=by.person, invited_at=at)
    entry = record(talk, "talk.invited", _told(guest), by=by, at=at)
    notify(
        entry=entry,
        kind="talk_invited",
        person=post.person,
        context={"talk": talk, "sender": by.person},
        url=f"/beside/{talk.number}/",
    )
    return guest


def _post(person_id: int, unit_id: int, at: datetime) -> Post:
    posts = open_posts(at).filter(person_id=person_id, unit_id=unit_id, role__in=rules.INVITED, unit__active=True)
    post = posts.select_related("person", "unit").first()
    if post is None:
        raise rules.NotFound()
    return post


def _told(guest: Guest) -> dict[str, str]:
    return {
        "name": str(guest.person),
        "unit": guest.unit.name,
        "unit_en": guest.unit.name_en,
        "side": rules.GUEST,
    }


@transaction.atomic
def join_talk(*, talk_id: int, by: Viewer, at: datetime | None = None) -> Guest:
    """Come in as a guest who was asked; everybody in the talk sees it. Raises NotYours, WrongStatus once it is over."""
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    guest = queries.guest_of(talk, by)
    if guest is None:
        raise rules.NotYours()
    rules.check_possible(talk, "say_guest")
    if guest.joined_at is None:
        guest.joined_at = at
        guest.save(update_fields=["joined_at"])
        record(talk, "talk.joined", _told(guest), by=by, at=at)
    return guest


@transaction.atomic
def leave_talk(*, talk_id: int, by: Viewer, at: datetime | None = None) -> Guest:
    """Go out of a talk, or decline to come. Raises NotYours."""
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    guest = queries.guest_of(talk, by)
    if guest is None:
        raise rules.NotYours()
    _go(talk, guest, by, at)
    return guest


@transaction.atomic
def show_out(*, talk_id: int, by: Viewer, guest_id: int, at: datetime | None = None) -> Guest:
    """Let a guest go, or take an invitation back, as the officer who holds the talk. Raises NotYours, NotFound."""
    at = at or timezone.now()
    talk = lock_talk(pk=talk_id)
    rules.check_holder(talk, by)
    guest = talk.guests.select_related("person", "unit").filter(pk=guest_id, left_at=None).first()
    if guest is None:
        raise rules.NotFound()
    _go(talk, guest, by, at)
    return guest


def _go(talk: Talk, guest: Guest, by: Viewer, at: datetime) -> None:
    guest.left_at = at
    guest.save(update_fields=["left_at"])
    record(talk, "talk.left", {**_told(guest), "came": guest.joined_at is not None}, by=by, at=at)
    retract(talk.aside_name, talk.stream_name)
