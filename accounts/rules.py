"""What every rule's refusal looks like, and the one validator of text at every edge."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from .models import Person, Post, Role, Unit

# The largest whole number that PostgreSQL's bigint, SQLite and our JSON readers all keep exactly.
MOST_INTEGER = 2**63 - 1
# Unicode's categories Cc and Cs, with and without tab and newline; a long text is scanned in one go.
UNPLAIN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
UNPLAIN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class RuleBroken(Exception):
    """A rule says no; `str()` is a sentence for the reader, `code` a word for machines, `status` the HTTP status."""

    status = 409
    code = "refused"

    def __init__(self, text: str = "", *, code: str = "") -> None:
        super().__init__(text or self.sentence())
        if code:
            self.code = code

    def sentence(self) -> str:
        """Return what the reader is told when the raiser says nothing more precise."""
        return _("This is not possible.")


class NotFound(RuleBroken):
    """There is no such thing, or the viewer has no right to know of it: both look the same."""

    status = 404
    code = "not_found"

    def sentence(self) -> str:
        """Say that nothing is here."""
        return _("We cannot find this.")


class NotYours(NotFound):
    """The viewer may not do this; told apart from absence only by our own tests and logs."""


class WrongStatus(RuleBroken):
    """The thing is in a state in which this cannot be done."""

    status = 409
    code = "wrong_status"

    def sentence(self) -> str:
        """Say that the state does not allow it."""
        return _("This is not possible at this stage.")


class Conflict(RuleBroken):
    """Somebody else was quicker, or the same key came with another body."""

    status = 409
    code = "conflict"

    def sentence(self) -> str:
        """Say that something changed meanwhile."""
        return _("Somebody changed this meanwhile. Please look again.")


class BadInput(RuleBroken):
    """What was given cannot be used; `field` names the part of it."""

    status = 400
    code = "bad_input"

    def __init__(self, text: str = "", *, field: str = "", code: str = "") -> None:
        super().__init__(text, code=code)
        self.field = field

    def sentence(self) -> str:
        """Say that the input cannot be used."""
        return _("This input cannot be used.")


class TooMany(RuleBroken):
    """Too often; try again in `retry_after` seconds."""

    status = 429
    code = "too_many"

    def __init__(self, text: str = "", *, retry_after: int = 60, code: str = "") -> None:
        super().__init__(text, code=code)
        self.retry_after = retry_after

    def sentence(self) -> str:
        """Ask for patience."""
        return _("Too many attempts. Please wait a moment.")


def is_plain(value: str, newlines: bool = True) -> bool:
    """Return whether the text has no NUL, other control characters or lone surrogates.

    PostgreSQL refuses NUL and lone surrogates where SQLite stores them, so they are refused before either.
    """
    return (UNPLAIN if newlines else UNPLAIN_LINE).search(value) is None


def clean_text(value: Any, *, most: int, least: int = 0, field: str = "text", newlines: bool = True) -> str:
    """Return `value` stripped, with newlines as "\\n"; lengths are counted in characters.

    Raises BadInput if it is not text, holds characters that cannot be stored, or is too short or too long.
    """
    if not isinstance(value, str):
        raise BadInput(_("Please enter text here."), field=field, code="not_text")
    # A bound on what is looked at: nobody pays for scanning a hundred times the limit.
    if len(value) > most * 2 + 1000:
        raise _too_long(most, field)
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not is_plain(text, newlines):
        raise BadInput(_("The text holds characters that cannot be stored."), field=field, code="bad_characters")
    if len(text) > most:
        raise _too_long(most, field)
    if len(text) < least:
        told = _("Please fill this in.") if not text else _("At least %(least)d characters, please.") % {"least": least}
        raise BadInput(told, field=field, code="too_short")
    return text


def _too_long(most: int, field: str) -> BadInput:
    return BadInput(_("At most %(most)d characters, please.") % {"most": most}, field=field, code="too_long")


def clean_username(value: Any) -> str:
    """Return a user name: 3 to 60 letters (Chinese ones too), digits and . _ - without spaces. Raises BadInput."""
    name = unicodedata.normalize("NFKC", clean_text(value, most=60, least=3, field="username", newlines=False))
    if not re.fullmatch(r"[\w.-]+", name) or name.startswith("erased-"):
        raise BadInput(_("A user name has letters, digits, dots and dashes."), field="username", code="bad_username")
    return name


def clean_phone(value: Any) -> str:
    """Return a telephone number as digits with an optional + in front, or "". Raises BadInput."""
    text = clean_text(value, most=30, field="phone", newlines=False)
    phone = re.sub(r"[\s().-]", "", text)
    if phone and not re.fullmatch(r"\+?[0-9]{5,18}", phone):
        raise BadInput(_("This is not a telephone number."), field="phone", code="bad_phone")
    return phone


def clean_language(value: Any) -> str:
    """Return one of the languages of the installation. Raises BadInput."""
    if value not in dict(settings.LANGUAGES):
        raise BadInput(_("We do not have this language."), field="language", code="bad_language")
    return str(value)


def clean_code(value: Any) -> str:
    """Return the code of a unit: small letters, digits and dashes. Raises BadInput."""
    code = clean_text(value, most=40, least=1, field="code", newlines=False)
    if not re.fullmatch(r"[a-z0-9_-]+", code):
        raise BadInput(_("A code has small letters, digits and dashes."), field="code", code="bad_code")
    return code


def clean_kind(value: Any) -> str:
    """Return a kind of unit. Raises BadInput."""
    if value not in Unit.Kind.values:
        raise BadInput(field="kind", code="bad_kind")
    return str(value)


def check_place(unit: Unit, parent: Unit | None) -> None:
    """Raise Conflict if the unit would hang below itself."""
    if parent is not None and unit.pk and (parent.pk == unit.pk or (unit.path and parent.path.startswith(unit.path))):
        raise Conflict(_("A unit cannot stand below itself."), code="circle")


# One person must not both configure the house and audit it.
APART = {Role.ADMINISTRATOR: Role.AUDITOR, Role.AUDITOR: Role.ADMINISTRATOR}


def check_post(held: Iterable[Post], unit: Unit, role: str, since: datetime, until: datetime | None) -> None:
    """Check a new post beside those the person has held.

    Raises BadInput for an unknown role or a wrong time, Conflict for a post held already or one that must be apart.
    """
    if role not in Role.values:
        raise BadInput(field="role", code="bad_role")
    if until is not None and until <= since:
        raise BadInput(_("A post ends after it begins."), field="until", code="bad_time")
    for post in held:
        if (until is not None and post.since >= until) or (post.until is not None and post.until <= since):
            continue
        if post.role == role and post.unit_id == unit.pk:
            raise Conflict(_("This person already serves there in this role."), code="held")
        if post.role == APART.get(Role(role)):
            raise Conflict(_("Nobody can be administrator and auditor at once."), code="apart")


def check_end(post: Post, at: datetime) -> None:
    """Raise WrongStatus if the post has ended by then."""
    if post.until is not None and post.until <= at:
        raise WrongStatus(_("This post has ended already."))


def check_erase(held: Iterable[Post], at: datetime) -> None:
    """Raise WrongStatus while the person serves at a post: an office ends before its account does."""
    if any(post.until is None or post.until > at for post in held):
        raise WrongStatus(_("You still serve at a post. Ask the administrator to end it first."))


def check_not_erased(person: Person) -> None:
    """Raise WrongStatus for somebody who was forgotten."""
    if person.erased_at is not None:
        raise WrongStatus(_("This account was erased."))


def clean_email(value: Any) -> str:
    """Return an e-mail address with its domain in small letters. Raises BadInput."""
    text = clean_text(value, most=254, least=3, field="email", newlines=False)
    try:
        validate_email(text)
    except ValidationError:
        raise BadInput(_("This is not an e-mail address."), field="email", code="bad_email") from None
    local, _at, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def link_is_spent() -> BadInput:
    """Return the error of a link that is too old, was changed, or can no longer be used."""
    return BadInput(_("This link is not valid any more."), field="link", code="spent")
