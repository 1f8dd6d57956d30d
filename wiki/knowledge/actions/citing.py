"""Answers that rest on a page: noted when they are sent, and their readers told when the page says something else."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Person
from accounts.viewers import Viewer
from wiki.models import ArticleRevision, URLPath

from .. import queries
from ..models import Citation, Vote
from .tree import is_open, path_of

# "/wiki/_v/12-3/" is revision 3 of article 12; "/wiki/zh/how-long/" the page as it stands now.
VERSION = re.compile(r"/wiki/_v/(\d{1,9})-(\d{1,6})/")
PLAIN = re.compile(r"/wiki/((?:[a-z0-9-]+/)+)")
MOST_CITED = 20
BATCH = 100


def note_citations(*, stream: str, text: str, by: Person | None, at: datetime, anew: bool = False) -> int:
    """Note which pages for everybody an answer just sent on `stream` rests on; return how many.

    `anew` forgets what an earlier wording of the same answer rested on. Called in the transaction of the answer
    (settings.ANSWER_READERS); pages that are not there do no harm.
    """
    if anew:
        Citation.objects.filter(stream=stream).delete()
    if "/wiki/" not in text:
        return 0
    cited = {revision.article_id: revision for revision in _named(text)}
    for revision in list(cited.values())[:MOST_CITED]:
        page = revision.article.page
        newer = revision.article.current_revision_id
        old = newer != revision.pk
        Citation.objects.update_or_create(
            page=page,
            stream=stream,
            defaults={
                "revision": revision.pk, "by": by, "at": at, "newer": newer if old else None, "told_at": None,
            },
        )  # fmt: skip
    return len(cited)


def _named(text: str) -> list[ArticleRevision]:
    """Return the revisions that a text names, of pages that everybody may read."""
    rows = ArticleRevision.objects.filter(article__page__isnull=False, article__other_read=True)
    rows = rows.select_related("article__page", "article__current_revision")
    found = []
    for match in PLAIN.finditer(text):
        shown = queries.found_at(Viewer(), match.group(1))
        if shown is not None:
            found.append(rows.filter(pk=shown.revision.pk).first())
    for match in VERSION.finditer(text):
        found.append(rows.filter(article_id=int(match.group(1)), revision_number=int(match.group(2))).first())
    return [revision for revision in found if revision is not None]


def tell_cited(at: datetime | None = None) -> int:
    """Tell those who got an answer that rests on words which have changed; each in a transaction of its own."""
    waiting = Citation.objects.filter(newer__isnull=False, told_at__isnull=True).order_by("pk")
    return sum(_told(pk, at or timezone.now()) for pk in list(waiting.values_list("pk", flat=True)[:BATCH]))


@transaction.atomic
def _told(citation_id: int, at: datetime) -> int:
    waiting = Citation.objects.filter(pk=citation_id, newer__isnull=False, told_at__isnull=True)
    citation = waiting.select_related("page__article__current_revision").first()
    if citation is None:
        return 0
    told = _tell(citation, at)
    # Last, as those do who answer: they hold the rows of their answer when they take the citation's. Whoever comes
    # second, or finds the answer written anew, takes back what was said.
    if not waiting.update(told_at=at):
        transaction.set_rollback(True)
        return 0
    return told


def _tell(citation: Citation, at: datetime) -> int:
    place = URLPath.objects.filter(article_id=citation.page.article_id).first()
    revision = citation.page.article.current_revision
    path = settings.TELL_CITED.get(citation.stream.partition("-")[0])
    # A page that was taken away or closed meanwhile leads nowhere: nothing is said of it.
    if path is None or place is None or revision.deleted or not is_open(place):
        return 0
    import_string(path)(stream=citation.stream, title=revision.title, url=f"/wiki/{path_of(place)}", at=at)
    return 1


def forget_votes(person_id: int) -> None:
    """Forget what an erased person said of pages that only officials read; remarks stay under the erased name."""
    Vote.objects.filter(voter=f"person-{person_id}").delete()
