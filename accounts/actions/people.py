"""Accounts of persons: made, changed, closed and erased."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .. import nicknames, rules
from ..models import Person, Post, Unit
from .mail import ask_to_confirm
from .recording import note, subject_of

# What a name becomes when its person is erased: the rows that others need keep pointing at nobody in particular.
ERASED = "—"


@transaction.atomic
def register_citizen(
    *, username: str, name: str, password: str, phone: str = "", email: str = "", language: str = "zh-hans"
) -> Person:
    """Create an account for a citizen. Raises BadInput with the field that cannot be used.

    The e-mail address becomes theirs once its owner follows the link that is sent to it.
    """
    person = Person(
        username=rules.clean_username(username),
        name=rules.clean_text(name, most=80, least=1, field="name", newlines=False),
        phone=rules.clean_phone(phone),
        language=rules.clean_language(language),
    )
    _set_password(person, password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise rules.BadInput(_("This user name is taken."), field="username", code="taken") from None
    note("account.made", subject_of(person.pk), by=person.pk)
    if email:
        ask_to_confirm(person_id=person.pk, email=email)
    return person


@transaction.atomic
def change_details(*, person_id: int, name: str, nickname: str, phone: str, language: str) -> Person:
    """Change what a person says of themselves. Raises BadInput with the field that cannot be used."""
    person = _locked(person_id)
    person.name = rules.clean_text(name, most=80, least=1, field="name", newlines=False)
    if nickname != person.nickname:
        _take_nickname(person, nickname)
    person.phone = rules.clean_phone(phone)
    person.language = rules.clean_language(language)
    try:
        with transaction.atomic():
            person.save(update_fields=["name", "nickname", "nickname_key", "phone", "language"])
    except IntegrityError:
        raise _taken() from None
    return person


def _take_nickname(person: Person, nickname: str) -> None:
    names = [name for both in Unit.objects.values_list("name", "name_en") for name in both]
    person.nickname = nicknames.clean_nickname(nickname, names)
    person.nickname_key = nicknames.key_of(person.nickname)
    others = Person.objects.filter(nickname_key=person.nickname_key).exclude(pk=person.pk)
    if person.nickname_key and others.exists():
        raise _taken()


def _taken() -> rules.BadInput:
    return rules.BadInput(_("Somebody has this nickname, or one that looks like it."), field="nickname", code="taken")


@transaction.atomic
def change_password(*, person_id: int, password: str) -> Person:
    """Set a new password, which ends every other session, open sockets included. Raises BadInput."""
    person = _locked(person_id)
    _set_password(person, password)
    person.save(update_fields=["password"])
    note("account.password", subject_of(person.pk))
    signed_out(person_id=person.pk)
    return person


@transaction.atomic
def sign_out_everywhere(*, person_id: int) -> Person:
    """End every session of the person."""
    person = _locked(person_id)
    # Part of what each session is checked against, so that all of them stop fitting.
    person.session_round += 1
    person.save(update_fields=["session_round"])
    note("account.signed_out", subject_of(person.pk))
    signed_out(person_id=person.pk)
    return person


@transaction.atomic
def set_active(*, person_id: int, active: bool) -> Person:
    """Close an account, or open it again. A closed one can neither sign in nor go on with what is open."""
    person = Person.objects.select_for_update().get(pk=person_id)
    rules.check_not_erased(person)
    person.is_active = active
    person.save(update_fields=["is_active"])
    note("account.opened" if active else "account.closed", subject_of(person.pk))
    signed_out(person_id=person.pk)
    return person


@transaction.atomic
def erase_person(*, person_id: int, end_matters: bool = False, at: datetime | None = None) -> Person:
    """Forget who somebody was: name, addresses and password go, what they caused stays, by nobody in particular.

    Raises WrongStatus while the person serves at a post, and while something of theirs is open unless `end_matters`
    ends it in their name. Rooms listed in ERASURES forget their part in the same transaction.
    """
    moment = at or timezone.now()
    person = _locked(person_id)
    rules.check_erase(list(Post.objects.filter(person=person)), moment)
    if end_matters:
        import_string(settings.END_MATTERS)(person_id=person.pk, at=at)
    person.username = f"erased-{person.pk}"
    person.name, person.nickname, person.email, person.phone = ERASED, "", "", ""
    person.nickname_key = ""
    person.first_name = person.last_name = ""
    person.set_unusable_password()
    person.is_active, person.erased_at = False, moment
    person.save()
    for path in settings.ERASURES:
        import_string(path)(person_id=person.pk)
    note("account.erased", subject_of(person.pk), at=moment)
    signed_out(person_id=person.pk)
    return person


@transaction.atomic
def signed_out(*, person_id: int, leaving: bool = False) -> None:
    """Have open sockets of the person look at their sessions again, in every process; recorded when they left."""
    if leaving:
        note("session.closed", subject_of(person_id), by=person_id)
    if settings.RETRACT_BY:
        import_string(settings.RETRACT_BY)(f"person-{person_id}")


def _set_password(person: Person, password: str) -> None:
    if not isinstance(password, str) or not rules.is_plain(password, newlines=False) or len(password) > 200:
        raise rules.BadInput(_("This password cannot be used."), field="password", code="bad_password")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise rules.BadInput(" ".join(error.messages), field="password", code="weak_password") from None
    person.set_password(password)


def _locked(person_id: int) -> Person:
    person = Person.objects.select_for_update().filter(pk=person_id, is_active=True).first()
    if person is None:
        raise rules.NotFound()
    return person
