"""What the auditor looks for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Person

from .models import Record
from .rules import KINDS


class FilterForm(forms.Form):
    """Kind, person, subject and days; each may be empty."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("audit", "What happened"),
        required=False,
        choices=[("", _("Everything")), *KINDS.items()],
    )
    who = forms.CharField(
        label=_("Who"),
        required=False,
        max_length=60,
        help_text=_("User name of whoever did it, or of whom it was done to."),
    )
    subject = forms.CharField(
        label=_("About"), required=False, max_length=80, help_text=_("For example a case's number.")
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_who(self) -> Any:
        """Return the person, also one whose account was closed."""
        name = self.cleaned_data["who"].strip()
        if not name:
            return None
        found = Person.objects.filter(username=name).first()
        if found is None:
            raise forms.ValidationError(_("Nobody has this user name."))
        return found

    def applied(self, records: QuerySet[Record]) -> QuerySet[Record]:
        """Return the records that fit."""
        given = self.cleaned_data
        if given.get("kind"):
            records = records.filter(kind=given["kind"])
        if person := given.get("who"):
            records = records.filter(Q(actor=person.pk) | Q(subject=f"person-{person.pk}"))
        if subject := given.get("subject", "").strip():
            records = records.filter(subject__in=[subject, f"case-{subject.upper()}"])
        if given.get("since"):
            records = records.filter(at__gte=_midnight(given["since"]))
        if given.get("until"):
            records = records.filter(at__lt=_midnight(given["until"] + timedelta(days=1)))
        return records


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
