"""Destroying what a case says about people, when its citizen is forgotten or its period is over; its facts stay."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import ngettext

import search.actions
from accounts.sealing import seal
from accounts.viewers import person_viewer
from audit.actions import record
from journal.actions import append, blank, retract
from notices.actions import forget_stream

from .. import rules
from ..events import WORDS
from ..models import (
    Attachment,
    Callback,
    Case,
    Contact,
    Extension,
    Order,
    Pause,
    Point,
    Promise,
    Publication,
    Reply,
    Review,
)
from ..queries.files import path_of
from ..queries.own_data import open_cases_of
from ..queries.sealed import NOBODY, case_key
from .citizen import withdraw_case
from .turns import locked

# What a text becomes where something has to stand.
GONE = "—"
# Everything that people wrote about a case outside of the journal; times, decisions and counts stay.
WRITTEN: dict[type[models.Model], tuple[str, ...]] = {
    Callback: ("words",), Extension: ("reason", "words"), Order: ("demand", "answer", "verdict"), Pause: ("reason",),
    Point: ("text", "answer"), Promise: ("words", "evidence"), Reply: ("text",), Review: ("reason", "words"),
}  # fmt: skip
PER_TURN = 200


def check_no_open_cases(*, person_id: int) -> None:
    """Raise WrongStatus while a case of the person waits for an answer."""
    count = len(open_cases_of(person_id))
    if count:
        raise rules.WrongStatus(
            ngettext(
                "%(count)d case of yours is still open. Wait for its answer, or take it back first.",
                "%(count)d cases of yours are still open. Wait for their answers, or take them back first.",
                count,
            )
            % {"count": count}
        )


def withdraw_open_cases(*, person_id: int, at: datetime | None = None) -> int:
    """Take back, in the person's name, every case that waits for an answer; return how many."""
    found = open_cases_of(person_id)
    for case in found:
        if case.citizen is not None:
            withdraw_case(case_id=case.pk, by=person_viewer(case.citizen), at=at)
    return len(found)


@transaction.atomic
def forget_person(person_id: int) -> None:
    """Cut every case off from an erased person; destroy its contents too unless the law wants them kept.

    Raises WrongStatus while one is open. See OPENHALL_ERASURE_KEEPS_WORDS.
    """
    check_no_open_cases(person_id=person_id)
    for pk in list(Case.objects.filter(citizen_id=person_id).order_by("pk").values_list("pk", flat=True)):
        case = locked(pk)
        _cut_off(case)
        if not settings.ERASURE_KEEPS_WORDS:
            shred_case(case_id=case.pk)


def _cut_off(case: Case) -> None:
    """Forget who wrote; what they wrote stays for now."""
    contact = Contact.objects.filter(case=case).first()
    if contact is not None:
        contact.sealed = seal(json.dumps(NOBODY).encode(), f"contact-{case.number}", case_key(case, contact))
        contact.phone_hash = contact.email_hash = ""
        contact.save(update_fields=["sealed", "phone_hash", "email_hash"])
    case.citizen, case.access_hash, case.token = None, "", None
    case.save(update_fields=["citizen", "access_hash", "token"])
    forget_stream(case.stream_name)
    retract(case.stream_name)


@transaction.atomic
def shred_case(*, case_id: int, at: datetime | None = None) -> Case:
    """Destroy what was said in a finished case, its files, and the key that seals the rest.

    Whatever a case sealed and somebody copied cannot be opened any more once its key is gone. What was published stays
    as two people decided it. Raises WrongStatus for an open case.
    """
    case = locked(case_id)
    if case.status not in {*rules.CLOSED, Case.Status.ANSWERED}:
        raise rules.WrongStatus()
    moment = at or timezone.now()
    _remove_files(case)
    Contact.objects.filter(case=case).delete()
    Publication.objects.filter(case=case, published_at=None).delete()
    for model, names in WRITTEN.items():
        model._default_manager.filter(case=case).update(**dict.fromkeys(names, ""))
    case.title, case.text, case.place = GONE, "", ""
    case.latitude = case.longitude = None
    case.citizen, case.access_hash, case.token = None, "", None
    case.version += 1
    case.save()
    for stream in (case.stream_name, case.file_stream_name):
        blank(stream, (*WORDS, "sealed"))
        forget_stream(stream)
    search.actions.unindex("case", case.number)
    append(case.file_stream_name, "case.shredded", {}, at=moment)
    record("case.shredded", subject=case.stream_name, at=at)
    retract(case.stream_name, case.file_stream_name)
    return case


def _remove_files(case: Case) -> None:
    paths = [path_of(key) for key in Attachment.objects.filter(case=case).values_list("key", flat=True)]
    Attachment.objects.filter(case=case).delete()
    # Only once the rows are gone for certain.
    transaction.on_commit(lambda: _unlink(paths))


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def retain(at: datetime | None = None) -> int:
    """Shred cases whose period is over, for the worker; return how many. No period set means that all are kept."""
    moment, done = at or timezone.now(), 0
    for days, confidential in ((settings.KEEP_CASES_DAYS, False), (settings.KEEP_REPORTS_DAYS, True)):
        if not days:
            continue
        over = moment - timedelta(days=days)
        old = Case.objects.filter(
            received_at__lt=over, concluded_at__lt=over, confidential=confidential, status__in=rules.CLOSED
        )
        for pk in list(old.exclude(title=GONE, text="").order_by("pk").values_list("pk", flat=True)[:PER_TURN]):
            shred_case(case_id=pk, at=moment)
            done += 1
    if done:
        record("data.retained", facts={"cases": done}, at=moment)
    return done
