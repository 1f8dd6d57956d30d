"""Files beside a page, kept by django-wiki's attachments: checked and drawn anew before, read by who reads the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.rates import limit_rate
from accounts.rules import BadInput, NotFound
from accounts.viewers import Viewer
from engagement.rules.files import check_file
from journal.actions import append
from wiki.plugins.attachments.models import Attachment, AttachmentRevision

from .. import rules
from .tree import page_of, place_at


def attach_file(*, by: Viewer, place_id: int, upload: Any, at: datetime | None = None) -> Any:
    """Keep a file beside the page and return its Attachment; a picture is drawn anew, without place and camera.

    Raises NotFound, BadInput for a file that may not be kept and when the page has too many, TooMany.
    """
    rules.check_write(by)
    limit_rate("wiki-send", by.key, rules.SENDS, rules.SENDS_SECONDS)
    return keep_file(by=by, place_id=place_id, upload=upload, at=at)


def keep_file(*, by: Viewer, place_id: int, upload: Any, at: datetime | None = None) -> Any:
    """Keep a file as `attach_file` does, as fast as an import brings them. Raises NotFound, BadInput."""
    # Before the transaction: looking at a large picture takes its time.
    checked = check_file(upload)
    kept: list[Any] = []
    try:
        with transaction.atomic():
            return _kept(by, place_id, checked, kept, at)
    except BaseException:
        for revision in kept:
            revision.file.delete(save=False)
        raise


def _kept(by: Viewer, place_id: int, checked: Any, kept: list[Any], at: datetime | None) -> Any:
    place = place_at(place_id)
    page = page_of(by, place)
    if place.article.current_revision.deleted:
        raise NotFound()
    if Attachment.objects.filter(articles=place.article, current_revision__deleted=False).count() >= rules.MOST_FILES:
        raise BadInput(_("This page has %(most)d files already.") % {"most": rules.MOST_FILES}, field="file")
    made = Attachment(article=place.article, original_filename=checked.name)
    made.save()
    made.articles.add(place.article)
    revision = AttachmentRevision(attachment=made, user=by.person, revision_number=1)
    kept.append(revision)
    revision.file.save(checked.name, ContentFile(checked.content), save=False)
    revision.save()
    made.current_revision = revision
    made.save()
    append(page.stream_name, "page.file_added", {"file": made.pk, "name": checked.name}, by=by.person, at=at)
    return made


@transaction.atomic
def detach_file(*, by: Viewer, place_id: int, file_id: int, at: datetime | None = None) -> None:
    """Take a file off the page; its bytes stay for the history. Raises NotFound."""
    place = place_at(place_id)
    page = page_of(by, place)
    rules.check_keep(by, page)
    rows = Attachment.objects.filter(articles=place.article, current_revision__deleted=False)
    found = rows.filter(pk=file_id).first() if 0 < file_id < 2**31 else None
    if found is None:
        raise NotFound()
    revision = AttachmentRevision(attachment=found, user=by.person)
    revision.inherit_predecessor(found)
    revision.file, revision.deleted = found.current_revision.file, True
    revision.save()
    found.current_revision = revision
    found.save()
    append(page.stream_name, "page.file_removed", {"file": found.pk}, by=by.person, at=at)
