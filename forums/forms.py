"""The forms of the forums; what a post may be is decided by the actions."""

from __future__ import annotations

import secrets

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.models import Case

from .rules import MOST_TEXT, MOST_TITLE


def new_token() -> str:
    """Return what makes a repeated POST of one form known as such."""
    return secrets.token_urlsafe(16)


class TopicForm(forms.Form):
    """A title and the words."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=new_token)
    title = forms.CharField(label=pgettext_lazy("topic", "What is it about?"), max_length=MOST_TITLE)
    text = forms.CharField(
        label=pgettext_lazy("topic", "Your words"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Everybody can read this. Please leave out names, telephone numbers and addresses."),
    )  # fmt: skip


class ReplyForm(forms.Form):
    """The words of a reply, and what it answers."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=new_token)
    parent = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)
    text = forms.CharField(
        label=_("Your reply"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 4, "class": "short"})
    )
    official = forms.BooleanField(label=_("Answer in the name of my unit"), required=False)


class EditForm(forms.Form):
    """The words of a reply, again."""

    text = forms.CharField(label=_("Your reply"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))


class CaseForm(forms.Form):
    """What kind of case a topic becomes; a report of wrongdoing is never made from a public topic."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[choice for choice in Case.Kind.choices if choice[0] != Case.Kind.REPORT]
    )
