"""The words of a notice, rendered at once in its reader's language: what was true now is what is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from accounts.wording import city_name

from .. import rules


@dataclass(frozen=True)
class Words:
    """What one reader is told: a title for the list, a mail, and a text message ("" without the channel)."""

    title: str
    mail: str
    text: str


def words_for(
    kind: str, language: str, url: str, stream: str, context: Mapping[str, Any], channels: Collection[str]
) -> Words:
    """Return what `kind` says. `stream` is what it is about: of a case, texts tell the code for replies by SMS.

    Raises rules.NoTemplate, ValueError for a foreign `url`.
    """
    with_text = "sms" in channels
    rules.check_url(url)
    rules.check_kind(kind, "sms" if with_text else "email")
    mail_name, text_name = rules.template_names(kind)
    with translation.override(language):
        known = {**_about_us(language), **context, "link": settings.PUBLIC_URL + url, "reply_code": _reply_code(stream)}
        title, _, body = _render(mail_name, known).strip().partition("\n")
        # What has nothing to add says in the mail itself what it is about, not in its subject alone.
        body = body.strip() if body.replace(str(known["link"]), "").strip() else title
        mail = _render("notices/parts/mail.txt", {**known, "body": body}) if "email" in channels else ""
        text = (
            _render("notices/parts/text.txt", {**known, "body": _sentences(_render(text_name, known))})
            if with_text
            else ""
        )
    return Words(one_line(title)[: rules.TITLE], mail.strip() + "\n", one_line(text)[: rules.TEXT_MESSAGE])


def one_line(text: str) -> str:
    """Return the text with every stretch of white space made one space."""
    return " ".join(text.split())


def _sentences(text: str) -> str:
    """Return the sentences of a text message on one line; a Chinese full stop needs no space behind it."""
    return one_line(text).replace("。 ", "。")


def _about_us(language: str) -> dict[str, str]:
    return {"city": city_name(language), "site": settings.PUBLIC_URL}


def _reply_code(stream: str) -> str:
    """Return the code for replies by SMS when this is about a case; only citizens' templates print it."""
    prefix, _, number = stream.partition("-")
    return rules.reply_code(number) if prefix == "case" else ""


def _render(name: str, values: Mapping[str, Any]) -> str:
    # Plain text: escaping for HTML would show "&amp;" in every mail.
    made: str = get_template(name).template.render(Context(dict(values), autoescape=False))  # type: ignore[attr-defined]
    return made
