"""Mailboxes with their figures, and the letters that are public."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import Role, Unit
from accounts.viewers import Viewer
from search.actions import Text
from search.queries import find, find_apart

from .. import rules
from ..columns import UNJUDGED, Columns, facts_between, quantile, replies
from ..models import Case, Category, Mailbox, Publication, Reply
from .allowed import Standing
from .categories import telling_words
from .rights import PARTS, own_to, revealed

ROOM = "case"
SNIPPET = 120
PUBLIC = ("case", "mailbox", "mailbox__leader", "unit", "category")
# The case's own words never travel with its public copy.
UNPUBLISHED = ("case__title", "case__text", "case__place")


@dataclass(frozen=True)
class Figures:
    """How a mailbox answers: `median_days` from letter to reply in calendar days, None before the first answer."""

    received: int
    answered: int
    median_days: float | None
    on_time: int
    on_time_of: int


@dataclass(frozen=True)
class LetterRow:
    """A published letter in a list; title and snippet are escaped HTML with the found words in <mark>."""

    letter: Publication
    title_html: SafeString
    snippet_html: SafeString

    @property
    def number(self) -> str:
        """The case's number."""
        return self.letter.case.number


@dataclass(frozen=True)
class LetterPage:
    """A page of published letters; `after` is the cursor of the next one, "" on the last.

    `parts` are the words that the letters hold where none held them in one, "" elsewhere.
    """

    rows: list[LetterRow]
    after: str
    parts: str = ""


def mailboxes() -> list[Mailbox]:
    """Return the mailboxes that take letters, in their order."""
    return list(Mailbox.objects.filter(active=True).select_related("leader", "unit"))


def mailbox_for(slug: str) -> Mailbox:
    """Return the mailbox. Raises NotFound."""
    found = Mailbox.objects.filter(slug=slug, active=True).select_related("leader", "unit").first()
    if found is None:
        raise rules.NotFound()
    return found


def mailboxes_of(viewer: Viewer) -> list[Mailbox]:
    """Return the mailboxes the viewer owns as a leader or runs as a secretary."""
    own = Q(leader=viewer.person, unit_id__in=viewer.units(Role.LEADER)) if viewer.person else Q(pk__in=[])
    run = Q(unit_id__in=viewer.units(Role.SECRETARY))
    return list(Mailbox.objects.filter(own | run, active=True).select_related("leader", "unit"))


def figures_of(boxes: Sequence[Mailbox]) -> dict[int, Figures]:
    """Return for each mailbox's id how its letters are answered, in few questions however many there are.

    Received and answered count letters now; the median and the on-time rate are of finished rounds.
    """
    ids = [box.pk for box in boxes]
    letters = Case.objects.filter(mailbox__in=ids).order_by().values("mailbox")
    counts = {row["mailbox"]: row for row in letters.annotate(received=Count("pk"), answered=Count("answered_at"))}
    facts = facts_between()
    return {pk: _figures(counts.get(pk, {}), facts[facts["mailbox"] == pk]) for pk in ids}


def _figures(count: Mapping[str, Any], facts: Columns) -> Figures:
    median = quantile(replies(facts), 0.5)
    return Figures(
        received=count.get("received", 0),
        answered=count.get("answered", 0),
        median_days=None if median is None else median / 86400,
        on_time=int((facts["on_time"] == 1).sum()),
        on_time_of=int((facts["on_time"] != UNJUDGED).sum()),
    )


def mailbox_figures(mailbox: Mailbox) -> Figures:
    """Return what the mailbox's page says about how letters are answered."""
    return figures_of([mailbox])[mailbox.pk]


def published(
    mailbox: Mailbox | None = None,
    words: str | None = None,
    *,
    leader: str = "",
    category: str = "",
    unit: str = "",
    year: str = "",
    after: str = "",
    limit: int = 20,
) -> LetterPage:
    """Return a page of published letters, newest answers first.

    `leader` is a mailbox's slug, `category` (with all below) and `unit` are codes, `year` that of the answer.
    """
    asked = _narrowed(mailbox.slug if mailbox else leader, category, unit, year)
    limit = max(1, min(limit, 100))
    if asked is None:
        return LetterPage([], "")
    if words and words.strip():
        return _holding(asked, rules.clean_text(words, most=100, field="words"), after, limit)
    found = _public().filter(**asked.filters)
    cursor = rules.cursor_of(after)
    if cursor:
        moment, pk = cursor
        found = found.filter(Q(answered_at__lt=moment) | Q(answered_at=moment, pk__lt=pk))
    letters = list(found.order_by("-answered_at", "-pk")[: limit + 1])
    last = letters[limit - 1] if len(letters) > limit else None
    rows = [_row(letter, "") for letter in letters[:limit]]
    return LetterPage(rows, f"{last.answered_at.isoformat()}_{last.pk}" if last else "")


@dataclass(frozen=True)
class Narrowed:
    """What a list of letters is narrowed by, once for rows and once for the search index."""

    filters: dict[str, Any]
    facets: dict[str, int]
    since: datetime | None
    until: datetime | None


def _narrowed(leader: str, category: str, unit: str, year: str) -> Narrowed | None:
    """Return the filters, None if one of them names nothing that there is."""
    wanted = (
        ("mailbox", Mailbox, "slug", leader),
        ("category", Category, "code", category),
        ("unit", Unit, "code", unit),
    )
    facets: dict[str, int] = {}
    for name, model, key, value in wanted:
        pk = model.objects.filter(**{key: value}).values_list("pk", flat=True).first() if value else None
        if value and pk is None:
            return None
        facets |= {name: pk} if pk is not None else {}
    filters: dict[str, Any] = {f"{name}_id": pk for name, pk in facets.items() if name != "category"}
    if "category" in facets:
        top = facets["category"]
        filters["category__in"] = list(Category.objects.filter(Q(pk=top) | Q(root=top)).values_list("pk", flat=True))
    if not year:
        return Narrowed(filters, facets, None, None)
    if not re.fullmatch(r"(?:19|20)\d\d", year):
        return None
    since, until = (datetime(int(year) + more, 1, 1, tzinfo=timezone.get_default_timezone()) for more in (0, 1))
    return Narrowed(filters | {"answered_at__gte": since, "answered_at__lt": until}, facets, since, until)


def _holding(asked: Narrowed, words: str, after: str, limit: int) -> LetterPage:
    """Return a page of the letters that hold the words: the index narrows, orders and pages, so none is missed."""
    hits, parts = find_apart(
        words, audiences=["public"], room=ROOM, facets=asked.facets, since=asked.since, until=asked.until,
        limit=limit + 1, after=after, newest=True,
    )  # fmt: skip
    shown = hits[:limit]
    letters = {
        letter.case.number: letter for letter in _public().filter(case__number__in=[hit.document.ref for hit in shown])
    }
    rows = [_row(letters[hit.document.ref], parts or words) for hit in shown if hit.document.ref in letters]
    return LetterPage(rows, shown[-1].cursor if len(hits) > limit else hits.goes_on, parts)


def findable(copy: Publication) -> Text:
    """Return what can be found of a public copy: only its own words, never the case's."""
    places = {
        "mailbox": [copy.mailbox_id], "unit": [copy.unit_id],
        "category": [copy.category_id, copy.category.root_id if copy.category else None],
    }  # fmt: skip
    return Text(
        room=ROOM,
        ref=copy.case.number,
        title=copy.title,
        text=f"{copy.text}\n{copy.reply}",
        url=f"/letters/{copy.case.number}/",
        at=copy.answered_at,
        language=copy.case.language,
        facets={name: [pk for pk in dict.fromkeys(ids) if pk] for name, ids in places.items()},
    )


def findable_letters() -> Iterator[Text]:
    """Return what can be found of every public letter, to build the index anew."""
    return map(findable, _public().order_by("pk").iterator(chunk_size=500))


def published_letter(number: str) -> Publication:
    """Return the public copy of a case. Raises NotFound, also for a case that is not public."""
    plain = rules.plain_number(number)
    found = _public().filter(case__number=plain).first() if plain else None
    if found is None:
        raise rules.NotFound()
    return found


def similar_letters(words: str, most: int = 5) -> list[Publication]:
    """Return public letters that share the most telling words with a text being written."""
    wanted = telling_words(words)[:6]
    scores: dict[str, int] = {}
    for rank, word in enumerate(wanted):
        for hit in find(word, audiences=["public"], room=ROOM, limit=20):
            scores[hit.document.ref] = scores.get(hit.document.ref, 0) + len(wanted) - rank + 2
    best = sorted(scores, key=lambda ref: -scores[ref])[:most]
    found = {letter.case.number: letter for letter in _public().filter(case__number__in=best)}
    return [found[ref] for ref in best if ref in found and scores[ref] > len(wanted) + 2]


def letter_choices(mailbox: Mailbox | None = None) -> dict[str, list[tuple[str, str]]]:
    """Return what published letters can be narrowed by: leader, category (first level), unit, year of the answer."""
    found = Publication.objects.filter(published_at__isnull=False)
    found = found.filter(mailbox=mailbox) if mailbox else found
    here = OuterRef("pk")
    # Each choice is one look into an index; distinct values of a hundred thousand letters would be a walk through all.
    boxes = Mailbox.objects.filter(Exists(found.filter(mailbox=here))).select_related("leader")
    roots = Category.objects.filter(Exists(found.filter(category__root=here)))
    units = Unit.objects.filter(Exists(found.filter(unit=here)))
    ends = (
        found.order_by(order).values_list("answered_at", flat=True).first() for order in ("answered_at", "-answered_at")
    )
    first, last = (timezone.localtime(end).year if end else 0 for end in ends)
    return {
        "leader": [(box.slug, str(box)) for box in boxes],
        "category": [(root.code, root.label) for root in roots],
        "unit": [(unit.code, unit.label) for unit in units],
        "year": [(str(year), str(year)) for year in range(last, first - 1, -1) if year],
    }


def _public() -> QuerySet[Publication]:
    return Publication.objects.filter(published_at__isnull=False).select_related(*PUBLIC).defer(*UNPUBLISHED)


def _row(letter: Publication, words: str) -> LetterRow:
    parts = [part for part in words.split() if part]
    at = min((place for part in parts if (place := letter.text.lower().find(part.lower())) >= 0), default=0)
    start = max(0, at - 30)
    cut = letter.text[start : start + SNIPPET]
    snippet = ("…" if start else "") + cut + ("…" if start + SNIPPET < len(letter.text) else "")
    return LetterRow(letter, marked(letter.title, parts), marked(snippet, parts))


def marked(text: str, words: list[str]) -> SafeString:
    """Return the text as escaped HTML, the words in <mark>."""
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    pieces, place = [], 0
    for hit in pattern.finditer(text) if words else ():
        pieces += [conditional_escape(text[place : hit.start()]), format_html("<mark>{}</mark>", hit.group())]
        place = hit.end()
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[place:]]))


def own_cases(viewer: Viewer, most: int = 50) -> list[Case]:
    """Return the cases the viewer may read as their citizen, newest first."""
    found = own_to(viewer).select_related(*PARTS).order_by("-received_at", "-pk")[:most]
    return [revealed(case) for case in found]


def latest_reply(stands: Standing) -> Reply | None:
    """Return the reply being prepared in the present round, or sent in it; None for those outside the office."""
    if not stands.office:
        return None
    # A page of many cases has fetched their replies together.
    if "latest_reply" in stands.case.__dict__:
        known: Reply | None = stands.case.__dict__["latest_reply"]
        return known
    return stands.around.reply


def publication_draft(stands: Standing) -> dict[str, str]:
    """Return what a public copy is made from: the copy in preparation, else the letter and the last reply sent."""
    case, copy = stands.case, stands.around.copy
    if not stands.office:
        return {"title": "", "text": "", "reply": ""}
    if copy is not None:
        return {"title": copy.title, "text": copy.text, "reply": copy.reply}
    sent = case.replies.filter(state=Reply.State.SENT).order_by("-pk").first()
    return {"title": case.title, "text": case.text, "reply": sent.text if sent else ""}
