"""The forms of the forums; what a post may be is decided by the actions."""

from __future__ import annotations

import secrets
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.viewers import Viewer
from engagement.forms.fields import SeveralFiles
from engagement.models import Case

from .models import RAISED, Board
from .rules import GROUNDS, HANDLES, MOST_APPEAL, MOST_ARTICLE, MOST_OPTIONS, MOST_REASON, MOST_TEXT, MOST_TITLE

ACCEPT = "image/jpeg,image/png,image/webp"


def new_token() -> str:
    """Return what makes a repeated POST of one form known as such."""
    return secrets.token_urlsafe(16)


class PicturesField(forms.FileField):
    """Several pictures; what they hold is looked at by the action."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(widget=SeveralFiles(attrs={"accept": ACCEPT}), **options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return what was sent, empty choices left out."""
        return [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]


class TopicForm(forms.Form):
    """A title and the words; tags, pictures and a poll besides."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=new_token)
    title = forms.CharField(label=pgettext_lazy("topic", "What is it about?"), max_length=MOST_TITLE)
    text = forms.CharField(
        label=pgettext_lazy("topic", "Your words"), max_length=MOST_ARTICLE, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Everybody can read this. Telephone numbers and e-mail addresses are masked; please leave out"
                    " names and addresses of others."),
    )  # fmt: skip
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=200, help_text=_("Up to five words, with commas between them.")
    )
    pictures = PicturesField(
        label=_("Pictures"),
        help_text=_("Up to 6. The place and the device that the camera wrote into them are removed."),
    )
    question = forms.CharField(label=_("Question of the poll"), required=False, max_length=200)
    options = forms.CharField(
        label=_("Options, one a line"), required=False, max_length=MOST_OPTIONS * 130,
        widget=forms.Textarea(attrs={"rows": 4, "class": "short"}),
    )  # fmt: skip
    most = forms.IntegerField(label=_("How many may be chosen"), required=False, min_value=1, max_value=MOST_OPTIONS)
    closes_at = forms.DateTimeField(
        label=_("The poll closes"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """Return what the action takes."""
        given = dict(self.cleaned_data)
        given["options"] = given["options"].split("\n")
        given["most"] = given["most"] or 1
        return given


class EditTopicForm(forms.Form):
    """The words of a topic, again."""

    title = forms.CharField(label=pgettext_lazy("topic", "What is it about?"), max_length=MOST_TITLE)
    text = forms.CharField(
        label=pgettext_lazy("topic", "Your words"), max_length=MOST_ARTICLE, widget=forms.Textarea(attrs={"rows": 12})
    )
    tags = forms.CharField(label=_("Tags"), required=False, max_length=200)


class ReplyForm(forms.Form):
    """The words of a reply, and what it answers."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=new_token)
    parent = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)
    text = forms.CharField(
        label=_("Your reply"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 4, "class": "short"})
    )
    pictures = PicturesField(label=_("Pictures"))
    official = forms.BooleanField(label=_("Answer in the name of my unit"), required=False)
    unit = forms.TypedChoiceField(label=_("Unit"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, viewer: Viewer, **options: Any) -> None:
        super().__init__(*args, **options)
        units = {post.unit_id: post.unit.label for post in viewer.posts if post.role in HANDLES}
        self.fields["unit"].choices = list(units.items())  # type: ignore[attr-defined]
        if len(units) < 2:
            self.fields["unit"].widget = forms.HiddenInput()
        if not units:
            del self.fields["official"], self.fields["unit"]


class EditForm(forms.Form):
    """The words of a reply, again."""

    text = forms.CharField(label=_("Your reply"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))


class CaseForm(forms.Form):
    """What kind of case a topic becomes; a report of wrongdoing is never made from a public topic."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False,
        choices=[choice for choice in Case.Kind.choices if choice[0] in RAISED],
    )  # fmt: skip


class GroundForm(forms.Form):
    """Why something is flagged or taken away."""

    ground = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=list(GROUNDS.items()), widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"), required=False, max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
    )  # fmt: skip


class AppealForm(forms.Form):
    """Why a post should come back."""

    words = forms.CharField(
        label=_("Why should it stand?"), max_length=MOST_APPEAL, widget=forms.Textarea(attrs={"rows": 4})
    )


class HideForm(forms.Form):
    """A ground, and a reason that the author reads."""

    ground = forms.ChoiceField(label=pgettext_lazy("post taken away", "Ground"), choices=list(GROUNDS.items()))
    reason = forms.CharField(label=_("Reason, as the author reads it"), max_length=MOST_REASON, required=False)


class PlaceForm(forms.Form):
    """Where a topic goes: a board, or another topic; and under which title."""

    board = forms.ModelChoiceField(label=_("Board"), queryset=Board.objects.none(), required=False)
    into = forms.RegexField(
        r"^(?:\S*/forums/topics/)?([0-9]{1,18})/?(?:[?#]\S*)?$", required=False, max_length=300,
        label=_("Address of the other topic"), help_text=_("Or its number, which stands at the end of the address."),
    )  # fmt: skip
    title = forms.CharField(label=_("Title of the new topic"), required=False, max_length=MOST_TITLE)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=MOST_REASON)

    def __init__(self, *args: Any, boards: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["board"].queryset = boards  # type: ignore[attr-defined]

    def clean_into(self) -> int | None:
        """Return the number of the topic that the address leads to."""
        field = cast(forms.RegexField, self.fields["into"])
        found = field.regex.match(self.cleaned_data["into"])
        return int(found.group(1)) if found else None
