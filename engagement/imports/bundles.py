"""Writing whole cases with everything that belongs to them in a handful of statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from journal.history import Past, append_history
from search.actions import index_many

from ..actions import fact_of, note_changed, rounds_of
from ..models import Case, CaseFact, Publication, Reply, Task
from ..queries.letters import findable
from ..working_time import WorkClock
from .rows import insert


@dataclass
class Bundle:
    """An unsaved case, the entries of its two streams in order, and the unsaved rows that point to it."""

    case: Case
    past: list[Past]
    replies: list[Reply] = field(default_factory=list)
    publication: Publication | None = None
    task: Task | None = None


@transaction.atomic
def write_bundles(bundles: Sequence[Bundle], clock_of: Callable[[int | None], WorkClock]) -> None:
    """Store the cases, all or none: rows, journal, replies, public copies, facts and search index.

    `clock_of` gives the working time of a unit by its id. Nobody is told and no bell rings.
    """
    insert([bundle.case for bundle in bundles])
    append_history([past for bundle in bundles for past in bundle.past])
    insert([reply for bundle in bundles for reply in bundle.replies])
    public = [bundle.publication for bundle in bundles if bundle.publication]
    insert(public)
    facts = [fact for bundle in bundles for fact in _facts(bundle, clock_of)]
    insert(facts)
    note_changed(fact.received_at for fact in facts)
    insert([bundle.task for bundle in bundles if bundle.task])
    index_many([findable(copy) for copy in public if copy.published_at])


def _facts(bundle: Bundle, clock_of: Callable[[int | None], WorkClock]) -> list[CaseFact]:
    own = [past for past in bundle.past if past.stream == bundle.case.stream_name]
    rounds = [each for each in rounds_of(bundle.case, own) if each.finished and each.answered_at]
    return [fact_of(bundle.case, each, clock_of(each.unit_id)) for each in rounds]
