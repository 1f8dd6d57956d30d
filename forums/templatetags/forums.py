"""How posts and their writers are shown."""

from __future__ import annotations

import hashlib

import nh3
from django import template
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import Person

from ..models import Reply

register = template.Library()


@register.filter
def posted(text: str) -> SafeString:
    """Return a post as HTML: its own text, line breaks, and links that search engines do not follow.

    Posts are plain text and escaped; nh3 afterwards is a second lock on the same door.
    """
    linked = urlize(escape(text), nofollow=True, autoescape=False)
    kept = nh3.clean(linked, tags={"a"}, attributes={"a": {"href"}}, url_schemes={"http", "https"},
                     link_rel="nofollow noopener ugc")  # fmt: skip
    return mark_safe(kept)  # noqa: S308


@register.filter
def nickname(person: Person) -> str:
    """Return what others see of a citizen: a nickname, or a name that is the same in every post."""
    if person.erased_at:
        return _("Somebody who has left")
    if person.nickname:
        return person.nickname
    return _("Citizen %(sign)s") % {"sign": hashlib.sha256(f"nickname-{person.pk}".encode()).hexdigest()[:4].upper()}


@register.filter
def writer(reply: Reply) -> str:
    """Return who wrote a reply: for an official answer the unit, else the citizen's nickname."""
    if reply.official and reply.unit:
        return str(reply.unit.label)
    return nickname(reply.user) if reply.user else _("Somebody who has left")


@register.filter
def depth(reply: Reply) -> int:
    """Return how far a reply is indented: at most three levels, so that phones keep room for words."""
    return min(int(reply.level), 3)
