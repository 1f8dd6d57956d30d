"""The forms of the handbook; what a page may be is decided by the actions."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Unit

from .models import Page
from .queries import Node
from .rules import (
    MOST_REASON,
    MOST_REMARK,
    MOST_SLUG,
    MOST_SUMMARY,
    MOST_TEXT,
    MOST_TITLE,
    MOST_WORDS,
    BadInput,
    clean_words,
)


def new_token() -> str:
    """Return what makes a repeated POST of one form known as such."""
    return secrets.token_urlsafe(16)


class PageForm(forms.Form):
    """Title and words of a page."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False, initial=new_token)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    title = forms.CharField(label=_("Title"), max_length=MOST_TITLE)
    text = forms.CharField(
        label=_("Text"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 20}),
        help_text=_("Markdown: ## heading, - list, [words](/wiki/zh/…/) link, **strong**."),
    )  # fmt: skip
    summary = forms.CharField(
        label=_("What did you change, and why?"), max_length=MOST_SUMMARY, required=False,
        help_text=_("The reviewer reads it first."),
    )  # fmt: skip
    minor = forms.BooleanField(
        label=_("Only the wording changes, not what it means"), required=False,
        help_text=_("Then nobody who was given the old words is told, and the other language stays up to date."),
    )  # fmt: skip
    same = forms.BooleanField(label=_("Afterwards it says the same as the other language"), required=False)

    def __init__(self, *args: Any, paired: bool = True, simple: bool = False, **named: Any) -> None:
        super().__init__(*args, **named)
        if not paired or simple:
            del self.fields["same"]
        if simple:
            del self.fields["minor"]

    def clean_text(self) -> str:
        """Check the words before they are shown, not only when they are sent."""
        try:
            return clean_words(self.cleaned_data["text"])
        except BadInput as refused:
            raise forms.ValidationError(str(refused)) from refused


def _places(nodes: list[Node]) -> list[tuple[int, str]]:
    return [(node.url_id, f"{'　' * (node.depth - 1)}{node.title}") for node in nodes]


class NewPageForm(PageForm):
    """The same, with the place in the tree and who may read it."""

    parent = forms.TypedChoiceField(label=_("Below"), coerce=int)
    slug = forms.CharField(
        label=_("Address"), max_length=MOST_SLUG, help_text=_("Letters a to z, digits and hyphens: water-bill")
    )
    audience = forms.ChoiceField(label=_("Who may read it?"), choices=Page.Audience.choices)
    letter = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    twin = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    field_order = ["token", "seen", "parent", "title", "slug", "audience", "text"]

    def __init__(self, *args: Any, nodes: list[Node], **named: Any) -> None:
        super().__init__(*args, simple=True, **named)
        del self.fields["summary"], self.fields["seen"]
        self.fields["parent"].choices = _places(nodes)  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """Another place in the tree."""

    parent = forms.TypedChoiceField(label=_("Below"), coerce=int)
    slug = forms.CharField(label=_("Address"), max_length=MOST_SLUG)

    def __init__(self, *args: Any, nodes: list[Node], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["parent"].choices = _places(nodes)  # type: ignore[attr-defined]


class CareForm(forms.Form):
    """Who owns a page, until when it is right, and its translation."""

    unit = forms.TypedChoiceField(label=_("Belongs to"), coerce=int, empty_value=None, required=False)
    expires_on = forms.DateField(
        label=_("Check again by"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The unit is reminded two weeks before, and on the day. Afterwards readers see that it is late."),
    )  # fmt: skip
    twin = forms.TypedChoiceField(
        label=_("The same in the other language"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args: Any, units: list[Unit], pages: list[Node], **named: Any) -> None:
        super().__init__(*args, **named)
        none = [("", "—")]
        choices = [(unit.pk, f"{'　' * (unit.path.count('/') - 2)}{unit.label}") for unit in units]
        self.fields["unit"].choices = [*none, *choices]  # type: ignore[attr-defined]
        self.fields["twin"].choices = [*none, *((node.page.pk, node.title) for node in pages)]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why words are sent back."""

    reason = forms.CharField(
        label=_("What should be different? The author reads this."), max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class VoteForm(forms.Form):
    """Whether a page helped."""

    helpful = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda value: value == "yes")
    words = forms.CharField(
        label=_("What is missing or hard to understand?"), max_length=MOST_WORDS, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only officials read this. For an answer, please write to us instead."),
    )  # fmt: skip


class RemarkForm(forms.Form):
    """What somebody says below a page."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False, initial=new_token)
    text = forms.CharField(
        label=pgettext_lazy("remark", "Your words"), max_length=MOST_REMARK, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody can read this. Please leave out names, telephone numbers and addresses."),
    )  # fmt: skip


class HideForm(forms.Form):
    """Why a remark is hidden."""

    reason = forms.CharField(label=_("Why? Its author reads this."), max_length=300)


class FileForm(forms.Form):
    """A file to stand beside a page."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("jpg, png, webp, pdf, txt, docx, xlsx, mp3, mp4; at most 20 MB. Photographs lose their place."),
    )
