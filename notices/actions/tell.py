"""Telling somebody of an entry: the notice, its deliveries and the badge, in the transaction of the cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from accounts.models import Person
from journal.actions import append
from journal.models import Entry
from journal.rules import OutsideTransaction

from .. import queries, rules
from ..models import Delivery, Notice
from .push import push_to
from .queue import queue_parcel


@dataclass(frozen=True)
class Words:
    """What one reader is told: a title for the list, a mail, and a text message ("" without the channel)."""

    title: str
    mail: str
    text: str


def notify(
    *,
    entry: Entry,
    kind: str,
    person: Person | None = None,
    reader: str = "",
    email: str = "",
    phone: str = "",
    language: str = "",
    channels: Iterable[str] = ("email",),
    context: Mapping[str, Any] | None = None,
    url: str = "/",
    at: datetime | None = None,
) -> Notice | None:
    """Tell a person, or a reader without an account ("case-K7QM2FXP9T"), of `entry`; a repeat changes nothing.

    `kind` names the templates, `channels` those of "email" and "sms" to use where there is an address: the person's
    own, or `email` and `phone`. `url` is the path that the notice leads to. Returns None for somebody who is gone.
    Raises OutsideTransaction, rules.NoTemplate. To tell several persons, call it in the order of their ids: each
    call locks the person's stream.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(kind)
    if person is not None and not person.is_active:
        return None
    if person is None and not reader:
        raise ValueError("a notice needs a person or a reader")
    language = (person.language if person else "") or language or settings.LANGUAGE_CODE
    wanted = _addresses(person, email, phone, frozenset(channels))
    words = _words(kind, language, url, entry, context or {}, wanted)
    moment = at or entry.at
    notice, is_new = Notice.objects.get_or_create(
        reader=reader or f"person-{person.pk if person else ''}",
        entry=entry,
        kind=kind,
        defaults={"person": person, "title": words.title, "url": url, "at": moment},
    )
    if is_new:
        for channel, address in wanted.items():
            queue_parcel(
                channel,
                address,
                words.title,
                words.mail if channel == "email" else words.text,
                language,
                notice,
                moment,
            )
        push_to(stream=notice.reader, words=rules.NEWS, url=url, notice=notice, at=moment)
        if person is not None:
            told = {"notice": notice.pk, "kind": kind, "unread": queries.unread_count(person)}
            append(f"person-{person.pk}", "notice.made", told, at=moment)
    return notice


def deliver_mail(*, to: str, subject: str, body: str, language: str = "", at: datetime | None = None) -> Delivery:
    """Put a mail without a notice into the outbox, for example a password reset. Raises ValueError for no address."""
    if not rules.usable_email(to):
        raise ValueError("not an e-mail address")
    return queue_parcel(
        "email", to, _one_line(subject), body, language or settings.LANGUAGE_CODE, None, at or timezone.now()
    )


def deliver_text(*, to: str, body: str, language: str = "", at: datetime | None = None) -> Delivery:
    """Put an SMS without a notice into the outbox, for example a code. Raises ValueError for no number."""
    number = rules.dialable(to)
    if not number:
        raise ValueError("not a telephone number")
    return queue_parcel("sms", number, "", body, language or settings.LANGUAGE_CODE, None, at or timezone.now())


def _addresses(person: Person | None, email: str, phone: str, channels: frozenset[str]) -> dict[str, str]:
    """Return the address of each asked channel that has a usable one."""
    email, phone = email or (person.email if person else ""), phone or (person.phone if person else "")
    found = {"email": email if rules.usable_email(email) else "", "sms": rules.dialable(phone)}
    return {channel: found[channel] for channel in sorted(channels) if found[channel]}


def _words(
    kind: str, language: str, url: str, entry: Entry, context: Mapping[str, Any], channels: Collection[str]
) -> Words:
    """Render what is told, in the recipient's language, at once: what was true now is what is told."""
    with_text = "sms" in channels
    rules.check_url(url)
    rules.check_kind(kind, "sms" if with_text else "email")
    mail_name, text_name = rules.template_names(kind)
    with translation.override(language):
        known = {**_about_us(language), **context, "link": settings.PUBLIC_URL + url, "reply_code": _reply_code(entry)}
        title, _, body = _render(mail_name, known).strip().partition("\n")
        mail = _render("notices/parts/mail.txt", {**known, "body": body.strip()}) if "email" in channels else ""
        text = (
            _render("notices/parts/text.txt", {**known, "body": _one_line(_render(text_name, known))})
            if with_text
            else ""
        )
    return Words(_one_line(title)[: rules.TITLE], mail.strip() + "\n", _one_line(text)[: rules.TEXT_MESSAGE])


def _about_us(language: str) -> dict[str, str]:
    name = settings.CITY_NAME_EN if language.startswith("en") and settings.CITY_NAME_EN else settings.CITY_NAME
    return {"city": name or "Openhall", "site": settings.PUBLIC_URL}


def _reply_code(entry: Entry) -> str:
    """Return the code for replies by SMS when the entry belongs to a case; only citizens' templates print it."""
    prefix, _, number = entry.stream.name.partition("-")
    return rules.reply_code(number) if prefix == "case" else ""


def _render(name: str, values: Mapping[str, Any]) -> str:
    # Plain text: escaping for HTML would show "&amp;" in every mail.
    made: str = get_template(name).template.render(Context(dict(values), autoescape=False))  # type: ignore[attr-defined]
    return made


def _one_line(text: str) -> str:
    return " ".join(text.split())
