"""Forms of rooms and of live interviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from engagement.forms.fields import PlainText

from .. import rules
from .roster import moment
from .routing import Told
from .talks import SALT, TOKEN_SECONDS


class GroupForm(Told):
    """A new group: a title and who belongs to it."""

    title = PlainText(label=_("Title"), most=rules.MOST_TITLE, least=1)


class InterviewForm(Told):
    """The announcement of a live interview."""

    unit_id = forms.TypedChoiceField(label=_("Unit"), coerce=int)
    title = PlainText(label=_("Title"), most=rules.MOST_TITLE, least=2)
    title_en = PlainText(label=_("Title in English"), most=rules.MOST_TITLE)
    guests = PlainText(label=_("Who answers (office and name)"), most=300, least=2)
    guests_en = PlainText(label=_("Who answers, in English"), most=300)
    about = PlainText(label=_("What it is about"), most=rules.MOST_ABOUT, least=2, lines=5)
    about_en = PlainText(label=_("What it is about, in English"), most=rules.MOST_ABOUT, lines=5)
    starts_at = moment(label=_("From"))
    ends_at = moment(label=_("Until"))

    def __init__(self, *args: Any, units: list[Unit], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["unit_id"].choices = [(unit.pk, unit.label) for unit in units]  # type: ignore[attr-defined]


class QuestionForm(Told):
    """A reader's question."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=200)
    text = PlainText(label=_("Your question"), most=rules.MOST_QUESTION, least=2, lines=3)
    name = PlainText(label=_("What may we call you?"), most=rules.MOST_NAME)

    def clean_token(self) -> str:
        """Return the token if this house made it not too long ago."""
        value = str(self.cleaned_data["token"])
        try:
            signing.loads(value, salt=SALT, max_age=TOKEN_SECONDS)
        except signing.BadSignature as error:
            raise ValidationError(gettext("This page was open for very long. Please send it once more.")) from error
        return value


class AnswerForm(Told):
    """An answer to a question, or words to everybody."""

    text = PlainText(label=_("Answer"), most=rules.MOST_TEXT, least=1, lines=3)
    key = forms.CharField(max_length=64)
