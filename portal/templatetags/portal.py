"""Icons, vendored scripts and the words of lights: what every room's templates need."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.wording import comma, listed, named

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon of portal/icons.svg; it is decoration, so a word stands beside it."""
    return _drawn(name)


@cache
def _drawn(name: str) -> SafeString:
    # A page of fifty posts shows three hundred: their address is looked up once.
    address = static("portal/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', address, name)


register.filter("listed", listed)
register.filter("named", named)
register.simple_tag(comma)


@register.simple_tag
def gap() -> str:
    """Return what stands between two sentences: a space, and nothing in Chinese."""
    # No text for a catalogue: one that is empty there counts as not translated.
    return "" if (get_language() or "").startswith("zh") else " "


@register.simple_tag
def vendored(name: str) -> str:
    """Return the address of a file in static/vendor, or "" where front-end files were not fetched."""
    return static(f"vendor/{name}") if _is_there(name) else ""


@cache
def _is_there(name: str) -> bool:
    return any(Path(folder, f"vendor/{name}").exists() for folder in settings.STATICFILES_DIRS)


@register.simple_tag
def querystring_for(**parameters: str) -> str:
    """Return the parameters that are not empty as a query string without its question mark."""
    return urlencode({name: value for name, value in parameters.items() if value})


@register.filter
def with_pages(text: str) -> SafeString:
    """Return the text escaped, addresses of our own handbook in it as links; no other address becomes one."""
    pattern = re.compile(rf"(?:(?<![\w/.-])|{re.escape(settings.PUBLIC_URL)})(/wiki/[a-z0-9_/-]{{1,300}}/)")
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts.append(format_html('{}<a href="{}">{}</a>', text[end : found.start()], found.group(1), found.group()))
        end = found.end()
    return format_html("{}{}", mark_safe("".join(parts)), text[end:])  # noqa: S308 - every part is escaped already


@register.filter
def days_ago(moment: datetime) -> str:
    """Return how long ago a moment of the past was, in the words of a calendar: "yesterday", "3 months ago"."""
    days = (timezone.localdate() - timezone.localdate(moment)).days
    if days < 1:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days < 60:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    if days < 730:
        return ngettext("%(n)d month ago", "%(n)d months ago", days // 30) % {"n": days // 30}
    return ngettext("%(n)d year ago", "%(n)d years ago", days // 365) % {"n": days // 365}
