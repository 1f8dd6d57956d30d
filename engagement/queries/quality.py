"""Who sees which sampled quality checks, what a reviewer reads of a case, and what came out of a check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person, Role, Unit
from accounts.queries import open_posts, people_at
from accounts.viewers import Viewer
from journal.models import Entry

from .. import rules
from ..models import Case, Criterion, Judgement, QualityCheck, Reply, Sampled
from ..rules import quality
from .rights import WORKERS, revealed
from .timeline import CITIZENS_OWN, Line, line_of, unit_label

# Who may be named for a check of a unit: whoever serves in these roles there or above, and its own callers.
REVIEWING = (Role.SUPERVISOR, Role.CALLBACK_OFFICER)
# What the citizen said of it afterwards would sway the reviewers.
NOT_SHOWN = ("case.rated", "case.called_back", "review.asked", "review.decided", "case.published", "case.unpublished")
PAGE = 30


def fields_of_checking(viewer: Viewer) -> list[Unit]:
    """Return the units over which the viewer may begin a check: a supervisor's own, and the integrity unit's own."""
    found = [post.unit for post in viewer.posts if post.role == Role.SUPERVISOR]
    found += [post.unit for post in viewer.posts if _is_integrity(post.unit) and post.role == Role.REVIEWER]
    return list({unit.pk: unit for unit in sorted(found, key=lambda unit: (len(unit.path), unit.pk))}.values())


def _is_integrity(unit: Unit) -> bool:
    return unit.code == settings.INTEGRITY_UNIT


def is_secret(unit: Unit, viewer: Viewer) -> bool:
    """Return whether a check of this unit begun by the viewer is about reports of wrongdoing."""
    return _is_integrity(unit) and unit.pk in viewer.units(Role.REVIEWER)


def may_be_named(unit: Unit, secret: bool, at: datetime | None = None) -> QuerySet[Person]:
    """Return who may judge cases of the unit: those who serve for all of it; of reports its own workers only."""
    if secret:
        return people_at([unit.pk], *WORKERS, at=at)
    above = Q(unit__in=[int(part) for part in unit.path.split("/") if part], role__in=REVIEWING)
    # A hotline stands beside the bureaus, directly below the city that it calls for.
    posts = open_posts(at).filter(above | Q(unit__parent=unit, role=Role.CALLBACK_OFFICER))
    return Person.objects.filter(pk__in=posts.values("person")).order_by("name", "pk")


def checks_visible_to(viewer: Viewer) -> QuerySet[QualityCheck]:
    """Return the checks that the viewer judges in or oversees, as long as they hold the post for it."""
    if viewer.person is None or not viewer.posts:
        return QualityCheck.objects.none()
    serves = Q(confidential=True, unit_id__in=viewer.units(*WORKERS))
    for post in viewer.posts:
        if post.role in REVIEWING:
            serves |= Q(confidential=False, unit__path__startswith=post.unit.path)
        if post.role == Role.CALLBACK_OFFICER and post.unit.parent_id:
            serves |= Q(confidential=False, unit_id=post.unit.parent_id)
    named = Q(one=viewer.person) | Q(two=viewer.person) | Q(third=viewer.person)
    oversees = Q(confidential=False, unit_id__in=viewer.scope(Role.SUPERVISOR))
    oversees |= Q(confidential=True, unit_id__in=viewer.units(Role.REVIEWER))
    return QualityCheck.objects.filter(named & serves | oversees)


def may_follow_check(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may watch the stream `check-<id>`."""
    plain = key.isdecimal() and key.isascii() and len(key) < 18
    return plain and checks_visible_to(viewer).filter(pk=int(key)).exists()


def check_for(viewer: Viewer, check_id: int) -> QualityCheck:
    """Return the check. Raises NotFound to those who have nothing to do with it."""
    found = checks_visible_to(viewer).filter(pk=check_id).select_related("unit", "one", "two", "third", "begun_by")
    check = found.first()
    if check is None:
        raise rules.NotFound()
    return check


@dataclass(frozen=True)
class CheckLine:
    """A check in the list: how far it has come, and how much of it waits for the viewer."""

    check: QualityCheck
    drawn: int
    settled: int
    mine: int


def checks_of(viewer: Viewer) -> list[CheckLine]:
    """Return the newest checks of the viewer, those that wait for them first."""
    settled = Count("sample", filter=~Q(sample__settled=""))
    found = checks_visible_to(viewer).select_related("unit", "one", "two")
    found = found.annotate(drawn=Count("sample"), done=settled).order_by("-begun_at", "-pk")
    lines = [CheckLine(each, each.drawn, each.done, len(_waiting(each, viewer))) for each in found[:PAGE]]
    return sorted(lines, key=lambda line: not line.mine)


def _waiting(check: QualityCheck, viewer: Viewer) -> list[int]:
    """The places of the sample where something waits for the viewer."""
    if check.finished_at is not None:
        return []
    return [place.sampled.position for place in places_of(check, viewer) if place.to_do]


@dataclass(frozen=True)
class Place:
    """A case of the sample as one reader may know it: the others' marks only when both have judged."""

    sampled: Sampled
    state: str
    to_do: bool
    judgements: Sequence[Judgement] = ()

    @property
    def own(self) -> Judgement | None:
        """The reader's own judgement, where the others' are not shown yet."""
        return self.judgements[0] if len(self.judgements) == 1 else None


def places_of(check: QualityCheck, viewer: Viewer) -> list[Place]:
    """Return the sample in its order, each as far as the viewer may know it."""
    given: dict[int, list[Judgement]] = defaultdict(list)
    for judgement in Judgement.objects.filter(sampled__check_of=check).select_related("reviewer").order_by("pk"):
        given[judgement.sampled_id].append(judgement)
    sample = check.sample.select_related("case__contact", "unit", "proposed_by").defer("case__text")
    for each in sample if check.confidential else ():
        revealed(each.case)
    return [_place(check, each, given[each.pk], viewer) for each in sample]


def _place(check: QualityCheck, each: Sampled, given: list[Judgement], viewer: Viewer) -> Place:
    me = viewer.person.pk if viewer.person else None
    judges = me in (check.one_id, check.two_id)
    if each.settled:
        return Place(each, "settled", False, given)
    if len(given) < 2:
        own = [judgement for judgement in given if judgement.reviewer_id == me]
        return Place(each, "judged" if own else "open", judges and not own, own)
    settles = me == check.third_id if check.third_id else judges and each.proposed_by_id != me
    return Place(each, "differs", settles, given)


def place_for(check: QualityCheck, viewer: Viewer, position: int) -> Place:
    """Return one place of the sample, its case with what is sealed put in. Raises NotFound."""
    sample = check.sample.select_related("case__contact", "case__unit", "unit", "proposed_by")
    each = sample.filter(position=position).first()
    if each is None:
        raise rules.NotFound()
    revealed(each.case)
    given = list(each.judgements.select_related("reviewer").order_by("pk"))
    return _place(check, each, given, viewer)


def sheet_of(case: Case) -> list[Line]:
    """Return what passed between the citizen and the office: no names, no files, no notes, no verdict afterwards."""
    entries = Entry.objects.filter(stream__name=case.stream_name).exclude(kind__in=NOT_SHOWN).order_by("seq")
    lines = [line_of(case, entry, internal=False, party=False) for entry in entries]
    return [replace(line, by_label=_side(line), files=[]) for line in lines]


def _side(line: Line) -> str:
    return line.by_label if line.kind in CITIZENS_OWN else unit_label(line.data.get("unit")) or _("The office")


def criteria_of(codes: Iterable[str]) -> list[Criterion]:
    """Return the criteria with the codes in the order of their table."""
    return list(Criterion.objects.filter(code__in=list(codes)))


def all_criteria() -> list[Criterion]:
    """Return the whole table, also what is out of use, in its order."""
    return list(Criterion.objects.all())


def judged_codes() -> frozenset[str]:
    """Return the codes of the criteria that any check was begun with."""
    return frozenset(code for codes in QualityCheck.objects.values_list("criteria", flat=True) for code in codes)


def population(unit: Unit, *, secret: bool, first: date, last: date, without: Iterable[int]) -> dict[int, list[int]]:
    """Return the ids of the cases concluded after an answer from the first day to the last, by unit.

    Left out are cases in which one of the persons `without` had a hand or who wrote them: nobody judges their own.
    """
    start = timezone.make_aware(datetime.combine(first, time.min))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    found = Case.objects.filter(
        concluded_at__gte=start,
        concluded_at__lt=end,
        answered_at__isnull=False,
        status__in=(Case.Status.CONCLUDED, Case.Status.ARCHIVED),
        confidential=secret,
    )
    found = found.filter(unit=unit) if secret else found.filter(unit__path__startswith=unit.path)
    people = list(without)
    hands = Q(drafted_by__in=people) | Q(reviewed_by__in=people) | Q(signed_by__in=people)
    found = found.exclude(handler__in=people, handler__isnull=False).exclude(citizen__in=people, citizen__isnull=False)
    found = found.exclude(Exists(Reply.objects.filter(hands, case=OuterRef("pk"))))
    by_unit: dict[int, list[int]] = defaultdict(list)
    for unit_id, pk in found.order_by().values_list("unit_id", "pk"):
        by_unit[unit_id].append(pk)
    return dict(by_unit)


@dataclass
class Result:
    """What came out for one unit, or for all: counts of judged cases and of marks, and how far the two agreed."""

    label: str
    of: int = 0
    drawn: int = 0
    judged: int = 0
    settled: int = 0
    same: int = 0
    pairs: int = 0
    kappa: float | None = None
    # By the code of the criterion: (met, judged).
    met: dict[str, tuple[int, int]] = field(default_factory=dict)


def results_of(check: QualityCheck) -> tuple[list[Result], Result]:
    """Return the figures by unit and of all; only what both have judged counts, so that neither is swayed."""
    codes = list(check.criteria)
    rows = list(check.sample.values("unit_id", "marks", "pk"))
    given: dict[int, list[Mapping[str, str]]] = defaultdict(list)
    by_one_first = Judgement.objects.filter(sampled__check_of=check).order_by("sampled", "reviewer")
    for sampled_id, marks in by_one_first.values_list("sampled_id", "marks"):
        given[sampled_id].append(marks)
    units = Unit.objects.in_bulk([stratum["unit"] for stratum in check.strata])
    lines = []
    for stratum in check.strata:
        own = [row for row in rows if row["unit_id"] == stratum["unit"]]
        label = units[stratum["unit"]].label if stratum["unit"] in units else "–"
        lines.append(_result(label, stratum["of"], own, given, codes))
    of_all = sum(int(stratum["of"]) for stratum in check.strata)
    return lines, _result(_("All"), of_all, rows, given, codes)


def _result(
    label: str,
    of: int,
    rows: Sequence[Mapping[str, object]],
    given: Mapping[int, list[Mapping[str, str]]],
    codes: list[str],
) -> Result:
    both = [marks for row in rows if len(marks := given.get(row["pk"], [])) == 2]  # type: ignore[call-overload]
    same, pairs, kappa = quality.agreement((one[code], two[code]) for one, two in both for code in codes)
    settled = [row["marks"] for row in rows if isinstance(row["marks"], dict)]
    met = {code: (sum(1 for marks in settled if marks[code] == "met"), len(settled)) for code in codes}
    return Result(label, of, len(rows), len(both), len(settled), same, pairs, kappa, met)
