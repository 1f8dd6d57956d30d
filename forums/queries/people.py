"""What others see of those who write."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.viewers import Viewer

from .. import rules
from ..models import Member


def shown_name(person: Person) -> str:
    """Return what others see of a citizen: a nickname, or a name that is the same in every post."""
    if person.erased_at:
        return _("Somebody who has left")
    if person.nickname:
        return person.nickname
    return _("Citizen %(sign)s") % {"sign": hashlib.sha256(f"nickname-{person.pk}".encode()).hexdigest()[:4].upper()}


def member_of(person: Person | None) -> Member | None:
    """Return what the forum knows of the person, None for somebody who has never written."""
    return Member.objects.filter(person=person).first() if person else None


def newcomer_hint(viewer: Viewer, at: datetime) -> str:
    """Return what somebody who is new here should know before writing: what a moderator sees first; "" for nothing."""
    if viewer.person is None or viewer.holds(*rules.HANDLES):
        return ""
    member = member_of(viewer.person)
    if (member.posts if member else 0) < settings.FORUM_HELD_POSTS:
        return _("You are new here: a moderator looks at your first post before others see it.")
    if rules.trust_of(member, at) == rules.NEWCOMER:
        return _("While you are new here, a moderator looks at posts with links to other sites before others see them.")
    return ""


def trust_label(member: Member | None, at: datetime) -> str:
    """Return in words how far a member is trusted; "" for most, so that pages stay quiet."""
    trust = rules.trust_of(member, at)
    return "" if trust == rules.NEIGHBOUR else str(rules.TRUST_LABELS[trust])
