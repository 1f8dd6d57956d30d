"""The form of a prepared answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from accounts.rules import BadInput
from accounts.viewers import Viewer
from engagement import queries
from engagement.models import CannedReply
from engagement.rules.canned import MOST_TEXT, MOST_TITLE, MOST_WORD, check_canned_text, check_word, keeps_for_all

from .fields import PlainText


class CannedForm(forms.Form):
    """A prepared answer: whose it is, how it is found and what it says."""

    title = PlainText(most=MOST_TITLE, least=1, label=_("Title"))
    word = PlainText(
        most=MOST_WORD, label=_("Short name"), help_text=_("In a conversation, / and this name insert it.")
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language"))
    unit: Any = forms.ModelChoiceField(queryset=Unit.objects.none(), label=_("Unit"), required=False)
    text = PlainText(most=MOST_TEXT, least=1, lines=4, label=_("Text"))

    def __init__(self, viewer: Viewer, reply: CannedReply | None, *given: Any, **named: Any) -> None:
        if reply is not None:
            known = {name: getattr(reply, name) for name in ("title", "word", "language", "unit", "text")}
            named.setdefault("initial", known)
        named["auto_id"] = f"id_{reply.pk if reply else 'new'}_%s"
        super().__init__(*given, **named)
        unit: Any = self.fields["unit"]
        unit.queryset = queries.units_kept(viewer)
        unit.required = not keeps_for_all(viewer)
        unit.empty_label = None if unit.required else _("all units")

    def clean_word(self) -> str:
        """Return the short name as it is kept."""
        return _told(check_word, self.cleaned_data["word"])

    def clean_text(self) -> str:
        """Return the text if each of its variables is known."""
        return _told(check_canned_text, self.cleaned_data["text"])

    @property
    def fields_said(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        unit = said.pop("unit")
        return {**said, "unit_id": unit.pk if unit else None}


def _told(check: Any, value: str) -> str:
    try:
        return str(check(value))
    except BadInput as broken:
        raise forms.ValidationError(str(broken), code=broken.code) from broken
