"""One answer to many cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import CannedReply, Case

from .board import ChosenForm
from .fields import PlainText


class TogetherForm(ChosenForm):
    """A prepared answer or one's own words, and how the matters ended."""

    canned = forms.ChoiceField(required=False, label=_("A prepared answer"))
    text = PlainText(
        most=20_000,
        required=False,
        lines=8,
        label=_("Or your own words"),
        help_text=_("{citizen}, {number} and the other words in braces are filled in for each case."),
    )
    outcome = forms.ChoiceField(required=False, choices=[("", _("– how it ended –")), *Case.Outcome.choices])

    def __init__(self, *given: Any, replies: list[CannedReply], **named: Any) -> None:
        super().__init__(*given, **named)
        self._texts = {str(reply.pk): reply.text for reply in replies}
        self.fields["canned"].choices = [("", _("– choose –")), *((str(each.pk), each.title) for each in replies)]  # type: ignore[attr-defined]
        self.fields["outcome"].label = _("Outcome")

    @property
    def words(self) -> str:
        """The text to be sent: one's own words, else the prepared answer's."""
        return str(self.cleaned_data["text"] or self._texts.get(self.cleaned_data["canned"], ""))
