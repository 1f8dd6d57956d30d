"""The forms of the handbook; what a page may be is decided by the actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Page
from .queries import Node
from .rules import MOST_SLUG, MOST_SUMMARY, MOST_TEXT, MOST_TITLE


class PageForm(forms.Form):
    """Title and words of a page."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    title = forms.CharField(label=_("Title"), max_length=MOST_TITLE)
    text = forms.CharField(
        label=_("Text"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 20}),
        help_text=_("Markdown: ## heading, - list, [words](/wiki/zh/…/) link, **strong**."),
    )  # fmt: skip
    summary = forms.CharField(label=_("What did you change?"), max_length=MOST_SUMMARY, required=False)


def _places(nodes: list[Node]) -> list[tuple[int, str]]:
    return [(node.url_id, f"{'　' * (node.depth - 1)}{node.title}") for node in nodes]


class NewPageForm(PageForm):
    """The same, with the place in the tree and who may read it."""

    parent = forms.TypedChoiceField(label=_("Below"), coerce=int)
    slug = forms.CharField(
        label=_("Address"), max_length=MOST_SLUG, help_text=_("Letters a to z, digits and hyphens: water-bill")
    )
    audience = forms.ChoiceField(label=_("Who may read it?"), choices=Page.Audience.choices)
    field_order = ["seen", "parent", "title", "slug", "audience", "text"]

    def __init__(self, *args: Any, nodes: list[Node], **named: Any) -> None:
        super().__init__(*args, **named)
        del self.fields["summary"], self.fields["seen"]
        self.fields["parent"].choices = _places(nodes)  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """Another place in the tree."""

    parent = forms.TypedChoiceField(label=_("Below"), coerce=int)
    slug = forms.CharField(label=_("Address"), max_length=MOST_SLUG)

    def __init__(self, *args: Any, nodes: list[Node], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["parent"].choices = _places(nodes)  # type: ignore[attr-defined]
