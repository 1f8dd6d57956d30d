"""Mails about an account: confirming an address, and a new password."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .. import rules
from ..models import Person
from ..queries import person_by_email
from ..rates import limit_rate

CONFIRM_SALT = "accounts.confirm-email"
CONFIRM_SECONDS = 3 * 24 * 3600
# Links to one address in an hour, whoever asks: nobody's box is filled from here.
MAILS, MAILS_SECONDS = 5, 3600


@transaction.atomic
def ask_to_confirm(*, person_id: int, email: str) -> None:
    """Send a link by which the owner of the address makes it the person's.

    The answer is the same whether or not somebody has the address already, so nobody learns who has an account; and the
    mail says nothing of who asks, for the address may be a stranger's. Raises BadInput, TooMany.
    """
    person = Person.objects.get(pk=person_id)
    address = rules.clean_email(email)
    limit_rate("confirm-to", address.lower(), MAILS, MAILS_SECONDS)
    token = signing.dumps({"person": person.pk, "email": address}, salt=CONFIRM_SALT)
    link = settings.PUBLIC_URL + reverse("accounts:confirm-email", args=[token])
    _mail("confirm", address, person.language, {"link": link})


@transaction.atomic
def confirm_email(*, token: str) -> Person:
    """Make the address in the link its person's. Raises BadInput for a link too old, changed, or of a taken address."""
    try:
        told = signing.loads(token, salt=CONFIRM_SALT, max_age=CONFIRM_SECONDS)
    except signing.BadSignature:
        raise rules.link_is_spent() from None
    person = Person.objects.select_for_update().filter(pk=told["person"], is_active=True).first()
    if person is None:
        raise rules.link_is_spent()
    person.email = told["email"]
    try:
        with transaction.atomic():
            person.save(update_fields=["email"])
    except IntegrityError:
        raise rules.link_is_spent() from None
    return person


@transaction.atomic
def send_reset(*, email: str) -> None:
    """Send a link for a new password to the person with this address; where nobody has it, the mail says so.

    One mail either way: neither the answer nor the time that it takes tells who has an account. Raises BadInput.
    """
    address = rules.clean_email(email)
    person = person_by_email(address)
    if person is None:
        link = settings.PUBLIC_URL + reverse("engagement:track")
        _mail("nobody", address, translation.get_language() or settings.LANGUAGE_CODE, {"link": link})
        return
    uid, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    link = settings.PUBLIC_URL + reverse("accounts:reset-confirm", args=[uid, token])
    _mail("reset", person.email, person.language, {"person": person, "link": link})


def _mail(name: str, to: str, language: str, context: dict[str, object]) -> None:
    with translation.override(language):
        text = render_to_string(f"accounts/mail/{name}.txt", context)
    # As every mail of the house: the first line is its subject.
    subject, _blank, body = text.partition("\n")
    try:
        import_string(settings.MAIL_BY)(to=to, subject=subject.strip(), body=body.strip() + "\n", language=language)
    # The outbox is stricter than the form about what it can deliver to.
    except ValueError:
        raise rules.BadInput(_("This is not an e-mail address."), field="email", code="bad_email") from None
