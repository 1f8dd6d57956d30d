"""Topics that come from another system: theirs are the words, the nickname and the time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.masking import masked
from accounts.models import Person
from accounts.nicknames import key_of
from accounts.rules import BadInput, clean_text
from journal.actions import append

from .. import rules
from ..markup import rendered
from ..models import Board, Topic
from .counting import count_board, index_topic
from .pictures import drawn, keep_pictures
from .post import tag


def import_topic(
    *, source: str, board: str, title: str, text: str, author: str = "", nickname: str = "", tags: object = (),
    language: str = "zh-hans", closed: bool = False, pictures: Iterable[Any] = (), at: datetime,
) -> tuple[Topic, bool]:  # fmt: skip
    """Open a topic that was written elsewhere; the same `source` again changes nothing. Returns it, and whether new.

    `board` is a slug; `author` the user name of somebody here, else `nickname` stands for somebody who cannot sign in.
    Raises BadInput with the field that cannot be used.
    """
    source = clean_text(source, most=200, least=1, field="source", newlines=False)
    found = Topic.objects.filter(source=source).first()
    if found is not None:
        return found, False
    with drawn(pictures) as shown, transaction.atomic():
        title = masked(clean_text(title, most=rules.MOST_TITLE, least=rules.LEAST_TITLE, field="title", newlines=False))
        where = Board.objects.select_for_update().filter(slug=board, active=True).first()
        if where is None:
            raise BadInput(_("There is no board “%(slug)s”.") % {"slug": board[:60]}, field="board")
        most = rules.MOST_ARTICLE if where.is_blog else rules.MOST_TEXT
        text = masked(clean_text(text, most=most, least=1))
        kept = rules.clean_tags(tags)
        topic = Topic.objects.create(
            board=where, author=_author(author, nickname), title=title, text=text, language=_language(language),
            html=rendered(text, article=where.is_blog), opened_at=at, last_at=at, tags=kept, locked=closed,
            source=source,
        )  # fmt: skip
        tag(topic, kept)
        keep_pictures(topic, None, shown, topic.author, at)
        append(topic.stream_name, "topic.opened", {"board": where.slug, "imported": True}, at=at)
        count_board(where.pk, 1)
        index_topic(topic)
    return topic, True


def _language(language: str) -> str:
    return "en" if language.lower().startswith("en") else "zh-hans"


def _author(username: str, nickname: str) -> Person:
    if username:
        known = Person.objects.filter(username=clean_text(username, most=150, field="author", newlines=False)).first()
        if known is not None:
            return known
        if not nickname:
            raise BadInput(_("There is no person “%(name)s”.") % {"name": username[:60]}, field="author")
    shown = masked(clean_text(nickname, most=40, least=1, field="nickname", newlines=False))
    name = f"imported-{hashlib.sha256(shown.encode()).hexdigest()[:16]}"
    made, is_new = Person.objects.get_or_create(
        username=name, defaults={"name": shown, "nickname": shown, "is_active": False}
    )
    if is_new:
        made.set_unusable_password()
        # Nobody here may take the name of somebody there; who had it before keeps it.
        key = key_of(shown)
        made.nickname_key = "" if Person.objects.filter(nickname_key=key).exists() else key
        made.save(update_fields=["password", "nickname_key"])
    return made
