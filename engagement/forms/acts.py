"""What officials and citizens enter for the acts around the graph."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import Callback, Pause, Point
from engagement.rules import acts

from .fields import FilesField, PlainText
from .office import VersionForm
from .own import SCORES

CAUSES = [(value, label) for value, label in Pause.Cause.choices if value in acts.PAUSES]


class Moment(forms.DateTimeField):
    """A day and time as browsers send it."""

    def __init__(self, **options: object) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M"], **options)  # type: ignore[arg-type]


class OrderForm(VersionForm):
    """What the unit must do, and how long it has to answer the order itself."""

    demand = PlainText(most=2_000, least=1, lines=3, label=_("What the unit must do"))
    days = forms.IntegerField(
        min_value=1, max_value=acts.ORDER_DAYS_MOST, initial=acts.ORDER_DAYS,
        label=_("Working days to answer the order"),
    )  # fmt: skip


class OrderAnswerForm(forms.Form):
    """What the unit has done about the order."""

    answer = PlainText(most=20_000, least=1, lines=4, label=_("Answer to the supervisor (internal)"))


class AcceptOrderForm(forms.Form):
    """A word to the unit, if any."""

    words = PlainText(most=2_000, required=False, lines=2, label=_("A word to the unit"))


class RenewOrderForm(forms.Form):
    """Why it is not enough, and the new time."""

    reason = PlainText(most=2_000, least=1, lines=2, label=_("What is missing?"))
    days = forms.IntegerField(
        min_value=1, max_value=acts.ORDER_DAYS_MOST, initial=acts.ORDER_DAYS, label=_("Working days for a new answer")
    )


class PauseForm(VersionForm):
    """Why the clock stands still, and until when at the latest."""

    cause = forms.ChoiceField(choices=CAUSES, label=_("Cause"))
    until = Moment(label=_("Until at the latest"))
    reason = PlainText(most=300, least=1, lines=2, label=_("Reason (the citizen reads it)"))


class MergeForm(VersionForm):
    """Into which case, and why."""

    into = PlainText(most=40, least=1, label=_("Number of the case that goes on"))
    reason = PlainText(most=2_000, required=False, lines=2, label=_("Why (internal)"))


class SplitForm(VersionForm):
    """The part that becomes a case of its own."""

    title = PlainText(most=200, least=1, label=_("Title of the part (the citizen reads it)"))
    text = PlainText(most=20_000, least=1, lines=4, label=_("What this part is about"))


class PromiseForm(VersionForm):
    """What is promised, and for which day."""

    words = PlainText(most=2_000, least=1, lines=2, label=_("What is promised (the citizen reads it)"))
    due_at = Moment(label=_("For which day"))


class MovePromiseForm(forms.Form):
    """Another day, and why."""

    due_at = Moment(label=_("New day"))
    reason = PlainText(most=2_000, least=1, lines=2, label=_("Reason (the citizen reads it)"))


class KeepPromiseForm(forms.Form):
    """The evidence."""

    evidence = PlainText(most=20_000, least=1, lines=3, label=_("What was done, and how one can see it"))
    files = FilesField(label=_("Photos or documents"))  # type: ignore[assignment]  # Django keeps fields apart


class ItemiseForm(forms.Form):
    """The questions of the letter."""

    points = PlainText(most=20_000, least=1, lines=5, label=_("Points of the letter, one a line"))


class PointsForm(forms.Form):
    """What becomes of each point."""

    def __init__(self, *given: object, points: list[Point], **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.points = points
        for point in points:
            number = point.position
            self.fields[f"state_{number}"] = forms.ChoiceField(
                choices=Point.State.choices, initial=point.state, label=f"{number}. {point.text}"
            )
            self.fields[f"answer_{number}"] = PlainText(
                most=2_000, required=False, lines=2, initial=point.answer,
                label=_("Answer to point %(number)d") % {"number": number},
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Return the answers as the action takes them."""
        given = super().clean() or {}
        answers = [
            {
                "position": point.position,
                "state": given.get(f"state_{point.position}", ""),
                "answer": given.get(f"answer_{point.position}", ""),
            }
            for point in self.points
        ]
        return {"answers": answers}


class DecideReviewForm(VersionForm):
    """Whether the reply stands, and the words for the citizen."""

    decision = forms.ChoiceField(
        choices=[("upheld", _("The reply stands")), ("redone", _("It is handled anew"))], label=_("Decision")
    )
    words = PlainText(most=2_000, least=1, lines=3, label=_("Words to the citizen"))


class CallbackForm(forms.Form):
    """What came of a call."""

    result = forms.ChoiceField(choices=Callback.Result.choices, widget=forms.RadioSelect, label=_("Result"))
    score = forms.TypedChoiceField(
        choices=[("", _("– not said –")), *SCORES], coerce=int, empty_value=None, required=False,
        label=_("How satisfied?"),
    )  # fmt: skip
    words = PlainText(most=2_000, required=False, lines=2, label=_("In their words"))


class AskReviewForm(forms.Form):
    """Why somebody else should look at it."""

    reason = PlainText(most=2_000, least=1, lines=3, label=_("What is wrong with the reply?"))
