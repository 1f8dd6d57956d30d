"""What others see of those who write."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Person

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


def trust_label(member: Member | None, at: datetime) -> str:
    """Return in words how far a member is trusted; "" for most, so that pages stay quiet."""
    trust = rules.trust_of(member, at)
    return "" if trust == rules.NEIGHBOUR else str(rules.TRUST_LABELS[trust])
