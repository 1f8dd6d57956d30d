"""What officials enter at the workbench, one small form for each verb."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Unit
from engagement.models import Case, ReturnGround

from .fields import FilesField, PlainText

OUTCOMES = [("", _("– how it ended –")), *Case.Outcome.choices]


class VersionForm(forms.Form):
    """Nothing but the version of the case that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


class RefuseForm(VersionForm):
    """Why it is not taken, and where to go instead."""

    ground = PlainText(most=2_000, least=1, lines=2, label=_("Ground of the refusal (the citizen reads it)"))
    route = PlainText(most=2_000, least=1, lines=2, label=_("Where the citizen can go instead"))


class AskForm(VersionForm):
    """A question to the citizen."""

    question = PlainText(most=2_000, least=1, lines=3, label=_("Question to the citizen; the clock pauses"))


class DispatchForm(VersionForm):
    """Where it goes, and which units assist."""

    unit_id = forms.TypedChoiceField(coerce=int, label=_("Unit"))
    assisting = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pick"}),
        label=_("Together with (joint handling)"),
        help_text=_("Each of them gets a task of its own; the unit above leads and answers."),
    )
    due_at = forms.DateTimeField(
        required=False,
        label=_("Due, if not the usual time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    note = PlainText(most=2_000, required=False, lines=2, label=_("Note to the unit (internal)"))

    def __init__(
        self,
        *given: object,
        units: list[Unit],
        usual: int | None = None,
        joint: bool = False,
        assisting: Sequence[int] = (),
        why: str = "",
        **named: object,
    ) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        deep = "\u2003"
        self.fields["unit_id"].choices = [  # type: ignore[attr-defined]
            (unit.pk, deep * max(unit.path.count("/") - 2, 0) + unit.label) for unit in units
        ]
        self.fields["unit_id"].initial = usual
        self.fields["unit_id"].help_text = why
        if not joint:
            del self.fields["assisting"]
            return
        self.fields["assisting"].choices = [(unit.pk, unit.label) for unit in units]  # type: ignore[attr-defined]
        self.fields["assisting"].initial = list(assisting)


class ReturnForm(VersionForm):
    """Why the unit is not the right one, and which one would be."""

    ground = forms.ChoiceField(label=_("Ground"))
    reason = PlainText(most=2_000, least=1, lines=2, label=_("Why is your unit not competent?"))
    proposed_unit_id = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=_("Unit you propose"))

    def __init__(
        self, *given: object, units: list[Unit], grounds: list[ReturnGround] | None = None, **named: object
    ) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        resting = _("%(ground)s (%(basis)s)")
        named_grounds = [
            (each.code, resting % {"ground": each.label, "basis": each.basis} if each.basis else each.label)
            for each in grounds or []
        ]
        self.fields["ground"].choices = [("", _("– choose –")), *named_grounds]  # type: ignore[attr-defined]
        if not named_grounds:
            del self.fields["ground"]
        self.fields["proposed_unit_id"].choices = [  # type: ignore[attr-defined]
            ("", _("– none –")),
            *((unit.pk, unit.label) for unit in units),
        ]


class TransferForm(VersionForm):
    """To whom inside the unit it goes."""

    person_id = forms.TypedChoiceField(coerce=int, label=_("Colleague"))

    def __init__(self, *given: object, people: list[Person], **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.fields["person_id"].choices = [(person.pk, str(person)) for person in people]  # type: ignore[attr-defined]
        if not people:
            self.fields["person_id"].help_text = _("Nobody else handles cases at this unit.")


class ReplyForm(VersionForm):
    """The reply on its way to review, and how the matter ended."""

    text = PlainText(most=20_000, least=1, lines=8, label=_("Reply to the citizen"))
    outcome = forms.ChoiceField(choices=OUTCOMES, label=_("Outcome"))


class AtOnceForm(VersionForm):
    """An answer where the question comes in."""

    text = PlainText(most=20_000, least=1, lines=6, label=_("Answer to the citizen, sent at once"))
    outcome = forms.ChoiceField(choices=OUTCOMES, initial=Case.Outcome.EXPLAINED, label=_("Outcome"))


class MissingForm(VersionForm):
    """Everything that is missing, told once."""

    items = PlainText(
        most=2_000,
        least=1,
        lines=5,
        label=_("What is missing, one thing a line"),
        help_text=_("The applicant is told once and completely; the clock pauses until it is there."),
    )


class DraftForm(VersionForm):
    """A reply that is still being written."""

    text = PlainText(most=20_000, required=False, lines=8, label=_("Reply to the citizen"))
    outcome = forms.ChoiceField(choices=OUTCOMES, required=False, label=_("Outcome"))


class SignForm(VersionForm):
    """The reply as the leader signs it."""

    text = PlainText(most=20_000, least=1, lines=8, label=_("Reply to the citizen"))


class SendBackForm(VersionForm):
    """What has to be done better."""

    reason = PlainText(most=2_000, least=1, lines=2, label=_("What should be changed?"))


class NoteForm(VersionForm):
    """A note that never leaves the house."""

    text = PlainText(most=20_000, least=1, lines=3, label=_("Internal note; the citizen never sees it"))
    files = FilesField(label=_("Files for the office"))  # type: ignore[assignment]  # Django keeps fields apart


class CommentForm(VersionForm):
    """A leader's word to the office."""

    text = PlainText(most=2_000, least=1, lines=2, label=_("Your word to the office (internal)"))


class UrgeOfficeForm(VersionForm):
    """A reminder to whoever has the case."""

    words = PlainText(most=300, required=False, lines=2, label=_("Words of the reminder"))


class PublishForm(VersionForm):
    """The redacted copy that a second person must approve."""

    title = PlainText(most=200, least=1, label=_("Title, without names"))
    text = PlainText(most=20_000, least=1, lines=6, label=_("Letter, without names, telephones and addresses"))
    reply = PlainText(most=20_000, least=1, lines=6, label=_("Reply, without names, telephones and addresses"))


class ApproveForm(VersionForm):
    """Which public copy was looked at: nobody approves words that they have not seen."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)


class ExtendForm(VersionForm):
    """How many working days more, and the reason the citizen reads."""

    days = forms.IntegerField(min_value=1, max_value=60, label=_("Working days more"))
    reason = PlainText(most=2_000, least=1, lines=2, label=_("Reason (the citizen reads it)"))


class ReasonForm(forms.Form):
    """Why; it is kept."""

    reason = PlainText(most=2_000, least=1, lines=2, label=_("Reason"))


class FilterForm(forms.Form):
    """What the list is narrowed to."""

    words = PlainText(
        most=100,
        required=False,
        label=_("Number or words"),
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Number or words")}),
    )
    light = forms.ChoiceField(
        required=False,
        label=_("Light"),
        choices=[("", _("any light")), ("red", _("overdue")), ("yellow", _("due soon")), ("green", _("in time"))],
    )
    kind = forms.ChoiceField(required=False, label=_("Kind"), choices=[("", _("any kind")), *Case.Kind.choices])
    status = forms.ChoiceField(required=False, label=_("Status"), choices=[("", _("any status")), *Case.Status.choices])
