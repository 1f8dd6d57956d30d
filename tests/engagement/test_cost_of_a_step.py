"""What a step asks of the database: so many statements at most, and no more where much has happened."""

import re
from contextlib import nullcontext

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.rules import NotFound
from accounts.viewers import Viewer
from engagement import actions
from engagement.models import Case
from engagement.queries.rights import case_for, in_office, office_cases, reads_file, visible_to
from journal.models import Retraction
from tests.engagement.cast import HOUR, MONDAY, Office, case_at, integrity, letter, office

pytestmark = pytest.mark.django_db

# Reading and writing together. A round trip to PostgreSQL and back costs a step half a millisecond.
MOST = {"accepted": 15, "dispatched": 17, "signed": 9, "review": 13, "answered": 14, "concluded": 12}
# How a transaction is begun and ended differs between a test and a house. Of entries that SQLite takes row by row the
# last one counts; all others are "so many times" the same, and no trip anywhere.
FREE = re.compile(r"(SAVEPOINT|RELEASE|BEGIN|COMMIT|\d+ times: )")


def steps(by: Office, case: Case) -> dict[str, list[str]]:
    """Take the case from receipt to its end; return what each step asked the database."""
    asked: dict[str, list[str]] = {}
    for number, name in enumerate(MOST, 1):
        case = Case.objects.get(pk=case.pk)
        known = {"case_id": case.pk, "version": case.version, "at": MONDAY + number * HOUR}
        ways = {
            "accepted": lambda known=known: actions.accept_case(by=by.ida, **known),
            "dispatched": lambda known=known: actions.dispatch_case(by=by.dina, unit_id=by.housing.pk, **known),
            "signed": lambda known=known: actions.sign_for_case(by=by.hana, **known),
            "review": lambda known=known: actions.submit_reply(
                by=by.hana, text="It was repaired.", outcome="solved", **known
            ),
            "answered": lambda known=known: actions.approve_reply(by=by.rita, **known),
            "concluded": lambda known=known: actions.rate_case(
                case_id=known["case_id"], by=by.wang, score=5, at=known["at"]
            ),
        }
        with CaptureQueriesContext(connection) as captured:
            ways[name]()
        asked[name] = [row["sql"].lstrip() for row in captured if not FREE.match(row["sql"])]
    return asked


def test_a_step_asks_few_questions_and_no_more_where_much_has_happened():
    by = office()
    steps(by, letter(by.wang).case)
    few = steps(by, letter(by.wang).case)
    for step in ("signed", "answered", "concluded"):
        case_at(step, by)
    many = steps(by, letter(by.wang).case)
    assert {name: len(asked) for name, asked in many.items()} == {name: len(asked) for name, asked in few.items()}
    over = {name: (len(asked), asked) for name, asked in many.items() if len(asked) > MOST[name]}
    assert over == {}


def test_no_row_is_written_twice_in_a_step():
    by = office()
    for name, asked in steps(by, letter(by.wang).case).items():
        tables = [sql.split()[1] for sql in asked if sql.startswith("UPDATE")]
        assert tables
        assert len(tables) == len(set(tables)), name


def test_sockets_are_asked_again_only_when_somebody_loses_the_case():
    by = office()
    case = case_at("dispatched", by)
    Retraction.objects.all().delete()
    case = actions.sign_for_case(case_id=case.pk, version=case.version, by=by.hana, at=MONDAY + 3 * HOUR)
    assert not Retraction.objects.exists()
    actions.return_case(case_id=case.pk, version=case.version, by=by.hana, reason="Not ours", at=MONDAY + 4 * HOUR)
    assert set(Retraction.objects.values_list("target", flat=True)) == {case.stream_name, case.file_stream_name}


def test_who_reads_a_case_in_hand_is_who_finds_it():
    by, secret = office(), integrity()
    cases = [
        case_at(step, by, mailbox=box) for step in ("received", "accepted", "signed", "review") for box in (True, False)
    ]
    cases += [case_at(step, by) for step in ("dispatched", "to_sign", "answered", "concluded")]
    cases.append(letter(by.wang, kind=Case.Kind.REPORT).case)
    asked, returned = case_at("received", by, mailbox=False), case_at("dispatched", by)
    at = MONDAY + 3 * HOUR
    actions.ask_citizen(case_id=asked.pk, version=asked.version, by=by.ida, question="Which lift?", at=at)
    actions.return_case(case_id=returned.pk, version=returned.version, by=by.hana, reason="Not ours", at=at)
    people = [by.wang, by.ida, by.dina, by.hana, by.hugo, by.rita, by.lin, by.sek, by.sven, by.walt, by.adam, *secret]
    people += [Viewer(), Viewer(grants=frozenset({asked.stream_name}))]
    for case in Case.objects.select_related("mailbox").filter(pk__in=[each.pk for each in (*cases, asked, returned)]):
        tasks = list(case.tasks.filter(status="open"))
        for viewer in people:
            found = office_cases(viewer).filter(pk=case.pk).exists()
            assert in_office(viewer, case, tasks) == found, (case.status, viewer.person)
            with nullcontext() if visible_to(viewer).filter(pk=case.pk).exists() else pytest.raises(NotFound):
                assert reads_file(viewer, case_for(viewer, case.number)) == found
