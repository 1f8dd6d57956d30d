"""Form fields that know the house's one text validator, and a field for several files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts.rules import BadInput, clean_text
from accounts.wording import listed
from engagement.rules.files import CASE_BYTES, FILE_BYTES, TYPES

MOST_FILES = 10
# Media types beside the endings: phones then offer their camera, and turn their own formats into JPEG.
ACCEPT = ",".join(["image/jpeg", "image/png", "image/webp", *(f".{suffix}" for suffix in TYPES)])


class PlainText(forms.CharField):
    """Text of at most `most` characters, checked by accounts.rules.clean_text."""

    def __init__(self, *, most: int, least: int = 0, lines: int = 1, **options: Any) -> None:
        self.most, self.least, self.lines = most, least, lines
        options.setdefault("required", least > 0)
        options.setdefault("widget", forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput())
        super().__init__(strip=False, **options)
        # The validator below counts, also for NUL; Django's own would say the same twice.
        self.validators = []

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser count as well."""
        return {**super().widget_attrs(widget), "maxlength": str(self.most)}

    def clean(self, value: Any) -> str:
        """Return the text that may be stored, or say in words why it cannot be."""
        try:
            return clean_text(
                value or "", most=self.most, least=self.least if self.required else 0, newlines=self.lines > 1
            )
        except BadInput as broken:
            raise ValidationError(str(broken), code=broken.code) from broken


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes more than one."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Up to ten files of the allowed kinds; what they hold is looked at when they are taken in."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("widget", SeveralFiles(attrs={"accept": ACCEPT}))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files, or say which one cannot be taken and why."""
        given = data if isinstance(data, (list, tuple)) else [data]
        files = [file for file in given if file]
        for file in files:
            self._check(file)
        if len(files) > MOST_FILES:
            raise ValidationError(_("At most %(most)d files, please.") % {"most": MOST_FILES}, code="too_many")
        if sum(file.size or 0 for file in files) > CASE_BYTES:
            raise ValidationError(_("All files together may have 50 MB at most."), code="too_large")
        return files

    def _check(self, file: UploadedFile[Any]) -> None:
        name = file.name or ""
        if name.rpartition(".")[2].lower() not in TYPES:
            raise ValidationError(
                _("“%(name)s” is of a kind we cannot take. Possible are %(kinds)s.")
                % {"name": name[:80], "kinds": listed(TYPES)},
                code="wrong_type",
            )
        if not file.size:
            raise ValidationError(_("“%(name)s” is empty.") % {"name": name[:80]}, code="empty")
        if file.size > FILE_BYTES:
            words = _("“%(name)s” is larger than 20 MB. Please choose a smaller one.") % {"name": name[:80]}
            raise ValidationError(words, code="too_large")
