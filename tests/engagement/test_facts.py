"""Facts: what a round leaves behind, and that it comes out the same when it is written again from the journal."""

from io import StringIO

import pytest
from django.core.management import call_command

from engagement import actions, queries
from engagement.models import CaseFact
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, letter, office

pytestmark = pytest.mark.django_db

FIELDS = [field.attname for field in CaseFact._meta.concrete_fields if field.attname != "id"]


def rows() -> list[dict[str, object]]:
    return list(CaseFact.objects.order_by("case_id", "round").values(*FIELDS))


def play() -> None:
    """Bring some cases through every turn that figures count."""
    by = office()
    actions.seed_calendar("city", [2026])
    case_at("concluded", by)
    case_at("answered", by)
    case_at("received", by)
    unhappy = case_at("answered", by)
    actions.rate_case(case_id=unhappy.pk, by=by.wang, score=2, at=MONDAY + DAY)
    reopened = case_at("concluded", by, mailbox=False)
    actions.reopen_case(case_id=reopened.pk, by=by.wang, reason="Again", at=MONDAY + 2 * DAY)
    impatient = case_at("answered", by)
    actions.reopen_case(case_id=impatient.pk, by=by.wang, reason="Not solved", at=MONDAY + 2 * DAY)
    asked = case_at("signed", by)
    known = {"case_id": asked.pk, "at": MONDAY + 3 * DAY}
    actions.ask_citizen(version=asked.version, by=by.hana, question="Where?", case_id=asked.pk, at=MONDAY + DAY)
    actions.answer_question(by=by.wang, text="Here", **known)
    actions.submit_reply(version=asked.version + 2, by=by.hana, text="Done", outcome="partly", **known)
    actions.approve_reply(version=asked.version + 3, by=by.rita, **known)
    actions.sign_reply(version=asked.version + 4, by=by.lin, **known)
    actions.fire_due_timers(at=MONDAY + 60 * DAY)
    withdrawn = case_at("dispatched", by)
    actions.withdraw_case(case_id=withdrawn.pk, by=by.wang, at=MONDAY + DAY)


def test_written_again_from_the_journal_they_are_the_same_rows():
    play()
    before = rows()
    # Concluded, answered and unrated, unhappy, reopened, impatient, asked.
    assert len(before) == 6
    CaseFact.objects.update(reply_seconds=1, satisfaction=None, outcome="", on_time=None, hops=9)
    out = StringIO()
    call_command("rebuild_facts", stdout=out)
    assert rows() == before
    assert out.getvalue().startswith("6 facts of 8 cases")
    call_command("rebuild_facts", stdout=out)
    assert rows() == before


def test_waiting_for_the_citizen_is_taken_from_the_units_time_and_not_from_the_citizens():
    play()
    fact = CaseFact.objects.exclude(paused_minutes=0).get()
    assert fact.paused_minutes == 2 * 420
    assert fact.reply_seconds == 3 * 86400
    # Accepted on Monday at 10:30, concluded when nobody rated; the two days of waiting are not counted.
    assert fact.work_minutes is not None
    assert fact.outcome == "partly"
    assert fact.concluded_at is not None


def test_an_imported_case_keeps_the_facts_its_import_counted():
    by = office()
    case = case_at("concluded", by)
    CaseFact.objects.update(reply_seconds=77)
    type(case).objects.filter(pk=case.pk).update(source="letters:1")
    call_command("rebuild_facts", stdout=StringIO())
    assert CaseFact.objects.get().reply_seconds == 77


def test_a_mailbox_tells_how_it_answers():
    by = office()
    assert queries.mailbox_figures(by.mailbox) == queries.letters.Figures(0, 0, None, 0, 0)
    case_at("concluded", by)
    case_at("answered", by)
    letter(by.wang, by.mailbox)
    actions.fire_due_timers(at=MONDAY + 60 * DAY)
    figures = queries.mailbox_figures(by.mailbox)
    assert (figures.received, figures.answered, figures.on_time, figures.on_time_of) == (3, 2, 2, 2)
    assert figures.median_days == pytest.approx(6 * HOUR / DAY)
