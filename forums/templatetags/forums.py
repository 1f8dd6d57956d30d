"""How posts and their writers are shown."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.template import Context
from django.template.backends.utils import csrf_input
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Person
from engagement.queries import light_of

from ..markup import plain
from ..models import Topic
from ..queries import shown_name

register = template.Library()


@register.filter
def safe_post(html: str) -> SafeString:
    """Return the HTML of a post as HTML: it was made of plain text and cleaned by nh3 when it was written."""
    return mark_safe(html)  # noqa: S308


@register.simple_tag(takes_context=True)
def reply_words(context: Context, **icons: SafeString) -> dict[str, SafeString]:
    """Return what every reply shows alike, words with their icons: made once for a page of fifty."""
    words = {
        "agree": _("Agree"), "thanks": _("Thanks"), "answer": pgettext("post", "Answer"), "quote": _("Quote"),
        "change": _("Change"), "take_back": _("Take back"), "flag": _("Tell the moderators"),
        "case": _("Make a case of it"), "moderate": _("Moderate"), "number": pgettext("number", "Reply"),
        "more_for": _("More for reply"), "sure": _("Take this reply back for good?"), "more": "",
    }  # fmt: skip
    said = {name: format_html("{}{}", icons.get(name, ""), word) for name, word in words.items()}
    return said | {"csrf": csrf_input(context["request"])}


@register.filter
def nickname(person: Person) -> str:
    """Return what others see of a citizen."""
    return shown_name(person)


@register.filter
def byline(topic: Topic) -> str:
    """Return who opened a topic, as others see it: in a blog people stand by their names."""
    return topic.author.name if topic.board.is_blog else shown_name(topic.author)


@register.filter
def opening(text: str, most: int = 160) -> str:
    """Return how a post begins, as plain words."""
    return plain(text, most)


@register.filter
def unread_of(counts: dict[int, int] | None, topic: Topic) -> int:
    """Return how many replies of the topic are unread, for a dict of counts."""
    return counts.get(topic.pk, 0) if counts else 0


@register.filter
def light(topic: Topic, at: datetime | None = None) -> str:
    """Return the light of a topic's official answer, "" for one that is not asked for or has come."""
    if topic.asked_at is None or topic.answered_at is not None:
        return ""
    return light_of(topic.due_at, topic.yellow_at, at or timezone.now())
