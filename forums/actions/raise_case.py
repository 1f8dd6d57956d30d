"""A topic becomes a case: same words, one more channel."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

import engagement.actions
from accounts.viewers import Viewer, person_viewer
from engagement.models import Case
from journal.actions import append

from .. import rules
from .post import locked, token_digest


@transaction.atomic
def raise_case(*, by: Viewer, topic_id: int, kind: str, at: datetime | None = None) -> Case:
    """File the topic as its author's case of `kind` (Case.Kind); readers of the topic see that it became one.

    Raises NotFound for everybody but officials, WrongStatus if it has become one already.
    """
    at = at or timezone.now()
    topic = locked(topic_id)
    rules.check_raise_case(by, topic)
    filed = engagement.actions.file_case(
        viewer=person_viewer(topic.author), kind=kind, title=topic.title, text=topic.text, channel=Case.Channel.FORUM,
        public=True, contact=None, token=token_digest(topic.pk, "topic") or "", language=topic.language, at=at,
    )  # fmt: skip
    topic.case = filed.case
    topic.save(update_fields=["case"])
    append(topic.stream_name, "topic.became_case", {}, by=by.person, at=at)
    return filed.case
