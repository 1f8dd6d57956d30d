"""What somebody enters who sets up routing rules, and a letter to try them with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from engagement.models import Case, Category, RoutingRule
from engagement.queries.places import areas
from engagement.rules.routing import KINDS, corners_of

from .fields import PlainText

POLITE = [choice for choice in Case.Kind.choices if choice[0] in KINDS]


class RuleForm(forms.Form):
    """A rule: conditions, all of which must be true, and where it sends."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    name = PlainText(most=120, least=1, label=_("Name of the rule"))
    kinds = forms.MultipleChoiceField(
        choices=POLITE, required=False, widget=forms.CheckboxSelectMultiple, label=_("Kinds")
    )
    channels = forms.MultipleChoiceField(
        choices=Case.Channel.choices, required=False, widget=forms.CheckboxSelectMultiple, label=_("Channels")
    )
    category_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("Subject, and all below it")
    )
    words = PlainText(most=20_000, required=False, lines=3, label=_("Any of these words, one a line"))
    areas = PlainText(most=20_000, required=False, lines=3, label=_("Any of these places, one a line"))
    area = forms.ChoiceField(required=False, label=_("or inside this part of the city’s map"))
    polygon = PlainText(
        most=20_000,
        required=False,
        lines=3,
        label=_("or inside an area of your own"),
        help_text=_("Its corners, one a line: latitude, longitude. Or paste a polygon as GeoJSON."),
    )
    hours = forms.ChoiceField(choices=RoutingRule.Hours.choices, required=False, label=_("Time it came"))
    unit_id = forms.TypedChoiceField(coerce=int, label=_("Goes to"))
    assisting = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pick"}),
        label=_("Together with"),
    )
    automatic = forms.BooleanField(
        required=False,
        label=_("Send at once when it is accepted"),
        help_text=_("Otherwise the dispatcher sees a proposal."),
    )
    active = forms.BooleanField(required=False, initial=True, label=_("In force"))

    def __init__(
        self,
        *given: Any,
        units: Iterable[Unit],
        categories: Iterable[Category],
        rule: RoutingRule | None = None,
        **named: Any,
    ) -> None:
        super().__init__(*given, **{"initial": _initial(rule) if rule else None, **named})
        tree = [(unit.pk, unit.label) for unit in units]
        self.parts = areas()
        self.fields["area"].choices = [("", "–"), *((str(n), each.label) for n, each in enumerate(self.parts))]  # type: ignore[attr-defined]
        if not self.parts:
            del self.fields["area"]
        self.fields["unit_id"].choices = [("", _("– choose –")), *tree]  # type: ignore[attr-defined]
        self.fields["assisting"].choices = tree  # type: ignore[attr-defined]
        deep = "\u2003"
        self.fields["category_id"].choices = [  # type: ignore[attr-defined]
            ("", _("any subject")),
            *((each.pk, deep * (each.level - 1) + each.label) for each in categories),
        ]

    def clean_polygon(self) -> list[list[float]]:
        """Return the corners as numbers, or say how they are written."""
        try:
            return corners_of(str(self.cleaned_data.get("polygon") or ""))
        except ValueError as error:
            said = _("An area has at least three corners, one a line: latitude, longitude.")
            raise ValidationError(said, code="bad_polygon") from error

    def clean(self) -> dict[str, Any]:
        """Take the corners of a part of the map that was chosen."""
        given = super().clean() or {}
        chosen = given.pop("area", "")
        if chosen:
            given["polygon"] = [list(corner) for corner in self.parts[int(chosen)].corners]
        return given


def _initial(rule: RoutingRule) -> dict[str, Any]:
    names = (
        "version",
        "name",
        "kinds",
        "channels",
        "category_id",
        "words",
        "areas",
        "hours",
        "unit_id",
        "automatic",
        "active",
    )
    return {
        **{name: getattr(rule, name) for name in names},
        "polygon": "\n".join(f"{latitude}, {longitude}" for latitude, longitude in rule.polygon),
        "assisting": [unit.pk for unit in rule.assisting.all()],
    }


class TryForm(forms.Form):
    """A letter that nobody has written, to see which rule would catch it."""

    kind = forms.ChoiceField(choices=POLITE, label=_("Kind"))
    channel = forms.ChoiceField(choices=Case.Channel.choices, initial=Case.Channel.FORM, label=_("Channel"))
    category_id = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=_("Subject"))
    text = PlainText(most=20_000, required=False, lines=4, label=_("Words of the letter"))
    place = PlainText(most=200, required=False, label=_("Place"))
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, label=_("Latitude"))
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, label=_("Longitude"))
    working = forms.BooleanField(required=False, initial=True, label=_("It came in working hours"))

    def __init__(self, *given: Any, categories: Iterable[Category], **named: Any) -> None:
        super().__init__(*given, **named)
        deep = "\u2003"
        self.fields["category_id"].choices = [  # type: ignore[attr-defined]
            ("", _("no subject")),
            *((each.pk, deep * (each.level - 1) + each.label) for each in categories),
        ]
