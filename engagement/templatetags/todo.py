"""What the templates of the to-do list need."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from accounts.wording import named
from engagement.queries.todo import LIGHTS_SAID, Row

register = template.Library()

PICK = (
    '<label class="bench-pick"><input type="checkbox" form="together" name="cases" value="{number}"'
    ' aria-label="{choose}"></label>'
)
LINE = """<li>{pick}<a class="bench-item" href="{work}{number}/{asked}" data-number="{number}"{current}>
<span class="bench-left">{left}</span>
<strong>{title}</strong>
<span class="meta">{about}</span>
</a></li>
"""


@register.simple_tag
def todo_lines(rows: Sequence[Row], asked: str, here: str, tab: str, chooses: bool) -> SafeString:
    """Return the lines of a list, each the way to its case with `asked` behind it; `here` is the open case's number.

    A desk fetches fifty of them whenever something moves, so that a line is put together at once, not tag by tag.
    """
    work, asked, choose = reverse("engagement:work"), escape(asked), gettext("Choose")
    lights = {light: escape(str(words)) for light, words in LIGHTS_SAID.items()}
    lines = []
    for row in rows:
        number = escape(row.number)
        lines.append(LINE.format(
            pick=PICK.format(number=number, choose=escape(named(choose, row.title))) if chooses else "",
            work=work, number=number, asked=asked, title=escape(row.title),
            current=' aria-current="true"' if row.number == here else "",
            left=_left(row.light, lights.get(row.light, ""), escape(row.left)),
            about=escape(row.about_mine if tab == "mine" else row.about),
        ))  # fmt: skip
    return mark_safe("".join(lines))  # noqa: S308 - every part is escaped or our own


def _left(light: str, said: str, left: str) -> str:
    """Return how long there is, on its light if there is one."""
    if not said:
        return f'<span class="muted">{left}</span>'
    return f'<span class="light light-{light}"><span class="visually-hidden">{said}, </span>{left}</span>'
