"""Six-digit codes that show that somebody holds a number."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import limit_rate
from accounts.models import Person
from accounts.rules import BadInput
from accounts.sealing import seal, unseal
from accounts.wording import city_name
from notices.actions import deliver_text
from notices.rules import dialable

from .. import rules
from ..models import Code

SEALED = "code"


def send_code(*, person: Person, phone: str, at: datetime | None = None) -> str:
    """Send a code to the number and return the number as +<country>…; an earlier code is void.

    Raises BadInput for no number, TooMany beyond five an hour for the number or the person.
    """
    number = dialable(phone) if isinstance(phone, str) and len(phone) < 60 else ""
    if not number:
        raise BadInput(_("Please give a mobile number, with the country code if it is foreign."), field="phone")
    limit_rate("code-number", number, rules.CODES_AN_HOUR, 3600)
    limit_rate("code-person", person.pk, rules.CODES_AN_HOUR, 3600)
    code, moment = f"{secrets.randbelow(1_000_000):06d}", at or timezone.now()
    with transaction.atomic():
        Code.objects.update_or_create(
            person=person,
            defaults={
                "phone": seal(number.encode(), SEALED),
                "digest": rules.code_digest(person.pk, number, code),
                "tries": 0,
                "expires_at": moment + rules.CODE_LIFE,
            },
        )
        deliver_text(to=number, body=_message(code, person.language), language=person.language, at=moment)
    return number


def _message(code: str, language: str) -> str:
    with translation.override(language):
        said = _("[%(city)s] Your code is %(code)s. It is valid for 10 minutes. We never ask you for it.")
    return said % {"city": city_name(language), "code": code}


def check_code(*, person: Person, code: str, at: datetime | None = None) -> str:
    """Confirm the number that waits for the code: it becomes the person's. Returns the number.

    Raises rules.WrongCode, also for a right code that is too old or comes after five wrong ones.
    """
    digits, moment = rules.clean_code(code), at or timezone.now()
    number = _confirm(person, digits, moment)
    # Raised only here, outside the transaction: a wrong try must stay counted.
    if not number:
        raise rules.WrongCode(field="code")
    return number


@transaction.atomic
def _confirm(person: Person, code: str, at: datetime) -> str:
    row = Code.objects.select_for_update().filter(person=person).first()
    if row is None or not rules.is_fresh(row.expires_at, row.tries, at):
        return ""
    number = unseal(row.phone, SEALED).decode()
    if not hmac.compare_digest(row.digest, rules.code_digest(person.pk, number, code)):
        Code.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
        return ""
    Person.objects.filter(pk=person.pk).update(phone=number)
    row.delete()
    return number


def forget_person(person_id: int) -> None:
    """Forget the number that an erased person wanted to confirm."""
    Code.objects.filter(person_id=person_id).delete()
