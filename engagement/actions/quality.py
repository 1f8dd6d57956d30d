"""Sampled quality checks (抽查): drawn by a seed that is kept, judged by two apart, settled where they differ."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person, Unit
from accounts.viewers import Viewer
from journal.actions import append
from journal.models import Entry
from notices.actions import notify

from .. import rules
from ..models import Criterion, Judgement, QualityCheck, Sampled
from ..queries.quality import check_for, fields_of_checking, is_secret, may_be_named, population
from ..rules import quality

TOKEN = 64


def begin_check(
    *,
    by: Viewer,
    unit_id: int,
    first: date,
    last: date,
    each: int,
    one: int,
    two: int,
    third: int | None = None,
    token: str,
    at: datetime | None = None,
) -> QualityCheck:
    """Draw a sample of the period's concluded cases of the unit and all below it, and tell who is to judge.

    Reports of wrongdoing are drawn only in a check that the integrity unit begins about its own. Returns the check
    that the same `token` has begun before. Raises NotFound, BadInput.
    """
    moment = at or timezone.now()
    unit = next((unit for unit in fields_of_checking(by) if unit.pk == unit_id), None)
    if unit is None or by.person is None:
        raise rules.NotFound()
    token = rules.clean_text(token, most=TOKEN, least=16, field="token", newlines=False)
    quality.check_period(first, last)
    quality.check_each(each)
    secret = is_secret(unit, by)
    people = _people(unit, secret, (one, two, third), moment)
    criteria = list(Criterion.objects.filter(active=True).values_list("code", flat=True))
    if not criteria:
        raise rules.BadInput(_("There are no criteria to judge by."), code="no_criteria")
    # Read before the transaction: a year of a large city takes a second, and nobody's row is locked for it.
    found = population(unit, secret=secret, first=first, last=last, without=[person.pk for person in people])
    with transaction.atomic():
        check, new = QualityCheck.objects.get_or_create(
            token=token,
            defaults={
                "seed": secrets.token_hex(8), "unit": unit, "first": first, "last": last, "each": each,
                "confidential": secret, "criteria": criteria, "one": people[0], "two": people[1],
                "third": people[2] if len(people) > 2 else None, "begun_by": by.person, "begun_at": moment,
            },
        )  # fmt: skip
        if new:
            _draw(check, found)
            entry = append(check.stream_name, "quality.begun", {"unit": unit.pk}, by=by.person, at=moment)
            _tell(check, entry, "begun", people, by.person)
    return check


def _people(unit: Unit, secret: bool, ids: Iterable[int | None], at: datetime) -> list[Person]:
    wanted = [pk for pk in ids if pk is not None]
    able = {person.pk: person for person in may_be_named(unit, secret, at).filter(pk__in=wanted)}
    if len(set(wanted)) < len(wanted):
        raise rules.BadInput(_("Different people, please: each judges alone."), field="two", code="same_person")
    for name, pk in zip(("one", "two", "third"), wanted, strict=False):
        if pk not in able:
            raise rules.BadInput(
                _("Please choose somebody who serves for the whole unit."), field=name, code="not_able"
            )
    return [able[pk] for pk in wanted]


def _draw(check: QualityCheck, found: dict[int, list[int]]) -> None:
    drawn = quality.draw(found, check.each, check.seed)
    chosen = [(unit, case) for unit, cases in drawn.items() for case in cases]
    if not chosen:
        raise rules.BadInput(_("No case that they may judge was concluded in this period."), field="first", code="none")
    if len(chosen) > quality.MOST_CASES:
        most = {"n": len(chosen), "most": quality.MOST_CASES}
        raise rules.BadInput(
            _("That would be %(n)d cases; a check has %(most)d at most. Draw fewer of each unit.") % most,
            field="each", code="too_many",
        )  # fmt: skip
    check.strata = [{"unit": unit, "of": len(found[unit]), "drawn": len(cases)} for unit, cases in drawn.items()]
    check.save(update_fields=["strata"])
    Sampled.objects.bulk_create(
        Sampled(check_of=check, case_id=case, unit_id=unit, position=number)
        for number, (unit, case) in enumerate(chosen, 1)
    )


@transaction.atomic
def judge_sampled(
    *, by: Viewer, check_id: int, position: int, marks: Any, words: str = "", at: datetime | None = None
) -> Sampled:
    """Give one's own judgement of a case of the sample; it is never changed.

    Where both gave the same marks the case is settled, else whoever settles differences is told. The same judgement
    sent again changes nothing. Raises NotFound, NotYours, WrongStatus, BadInput.
    """
    check, each, moment = *_locked(by, check_id, position), at or timezone.now()
    if by.person is None or by.person.pk not in (check.one_id, check.two_id):
        raise rules.NotYours()
    marks, words = quality.check_marks(marks, check.criteria), _words(check, words)
    given = {judgement.reviewer_id: judgement for judgement in each.judgements.all()}
    if by.person.pk in given:
        if given[by.person.pk].marks != marks:
            raise rules.WrongStatus()
        return each
    Judgement.objects.create(sampled=each, reviewer=by.person, marks=marks, words=words, at=moment)
    entry = append(check.stream_name, "quality.judged", {"position": position}, by=by.person, at=moment)
    other = next(iter(given.values()), None)
    if other is None:
        return each
    if other.marks == marks:
        return _settle(check, each, marks, Sampled.Settled.AGREED, "", by, moment)
    entry = append(check.stream_name, "quality.differed", {"position": position}, at=moment)
    _tell(check, entry, "differed", [check.third] if check.third else [check.one, check.two], by.person, each)
    return each


@transaction.atomic
def settle_sampled(
    *, by: Viewer, check_id: int, position: int, marks: Any, words: str = "", at: datetime | None = None
) -> Sampled:
    """Settle a difference: the third decides; without one, the first to speak proposes and the other says the same.

    Raises NotFound, NotYours, WrongStatus while one has not judged or when it is settled, BadInput.
    """
    check, each, moment = *_locked(by, check_id, position), at or timezone.now()
    able = {check.third_id} if check.third_id else {check.one_id, check.two_id}
    if by.person is None or by.person.pk not in able:
        raise rules.NotYours()
    marks, words = quality.check_marks(marks, check.criteria), _words(check, words)
    if each.settled or each.judgements.count() < 2:
        raise rules.WrongStatus()
    if check.third_id:
        return _settle(check, each, marks, Sampled.Settled.THIRD, words, by, moment)
    if each.proposed == marks and each.proposed_by_id != by.person.pk:
        return _settle(check, each, marks, Sampled.Settled.TOGETHER, words or each.words, by, moment)
    each.proposed, each.proposed_by, each.words = marks, by.person, words
    each.save(update_fields=["proposed", "proposed_by", "words"])
    entry = append(check.stream_name, "quality.proposed", {"position": position}, by=by.person, at=moment)
    _tell(check, entry, "proposed", [check.one, check.two], by.person, each)
    return each


def _locked(by: Viewer, check_id: int, position: int) -> tuple[QualityCheck, Sampled]:
    check = check_for(by, check_id)
    # The check itself is the lock: the last judgement of all finishes it, and only once.
    QualityCheck.objects.select_for_update().get(pk=check.pk)
    each = check.sample.filter(position=position).first()
    if each is None:
        raise rules.NotFound()
    return check, each


def _words(check: QualityCheck, words: str) -> str:
    """Return what was written beside the marks; nothing is written about a report of wrongdoing outside its file."""
    found = rules.clean_text(words or "", most=rules.WORDS, field="words")
    if found and check.confidential:
        raise rules.BadInput(_("About a report of wrongdoing only marks are kept here."), field="words", code="secret")
    return found


def _settle(
    check: QualityCheck, each: Sampled, marks: dict[str, str], how: str, words: str, by: Viewer, at: datetime
) -> Sampled:
    each.marks, each.settled, each.settled_at, each.words = marks, how, at, words
    each.save(update_fields=["marks", "settled", "settled_at", "words"])
    append(check.stream_name, "quality.settled", {"position": each.position, "how": how}, by=by.person, at=at)
    if not check.sample.filter(settled="").exists():
        check.finished_at = at
        check.save(update_fields=["finished_at"])
        entry = append(check.stream_name, "quality.finished", {}, at=at)
        _tell(check, entry, "finished", [check.begun_by, check.one, check.two], by.person)
    return each


def _tell(
    check: QualityCheck,
    entry: Entry,
    what: str,
    people: Iterable[Person | None],
    but: Person | None,
    each: Sampled | None = None,
) -> None:
    wanted = {person.pk: person for person in people if person is not None and person != but}
    url = f"/checks/{check.pk}/" + (f"{each.position}/" if each else "")
    for pk in sorted(wanted):
        notify(
            entry=entry,
            kind=f"office.quality.{what}",
            person=wanted[pk],
            channels=("email",) if settings.MAIL_TO_OFFICIALS else (),
            context={"unit": check.unit, "drawn": check.sample.count(), "position": each.position if each else 0},
            url=url,
        )
