"""Fields written without a template say what Django's own templates say."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from portal.templating import WRITTEN, Forms

SIGNS = "<b>\"'&\u200b"
CHOICES = [("", "– choose –"), (1, SIGNS), ("Group <i>", [("a&b", mark_safe("<i>safe</i>")), (None, "none")])]
ATTRS = {"id": "x", "class": SIGNS, "hidden": True, "readonly": False, "rows": 3}
WIDGETS = (
    (forms.TextInput, ("", None, SIGNS, mark_safe("a&amp;b"), 12345)),
    (forms.NumberInput, (0, 12345)),
    (forms.CheckboxInput, (True, False, "yes")),
    (forms.HiddenInput, (3, SIGNS)),
    (forms.FileInput, (None,)),
    (forms.Textarea, (None, "", SIGNS + "\n\n two")),
    (forms.Select, ("1", 1, "a&b", None, "unknown")),
    (forms.SelectMultiple, (["1", "a&b"], [])),
    (forms.RadioSelect, ("1",)),
)


@pytest.mark.parametrize(("kind", "values"), WIDGETS)
def test_a_field_reads_as_django_writes_it(kind, values):
    widget = kind(choices=CHOICES) if issubclass(kind, forms.widgets.ChoiceWidget) else kind()
    for value in values:
        ours, theirs = (
            re.sub(r">\s+<", "><", widget.render("n&m", value, ATTRS, each())) for each in (Forms, DjangoTemplates)
        )
        assert ours == theirs


def test_the_fields_of_every_form_are_among_those_written_so():
    usual = (forms.TextInput, forms.EmailInput, forms.PasswordInput, forms.Textarea, forms.Select, forms.DateInput)
    assert {kind.template_name for kind in usual} <= set(WRITTEN)
