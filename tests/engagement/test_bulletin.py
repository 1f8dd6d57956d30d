"""The bulletin of a period: as a page, a PDF with its font inside, and a workbook; and the findings."""

import io
import re
import zlib
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.test import Client

from engagement import actions, bulletins, queries
from engagement.models import Callback, Case, Trace
from engagement.queries.bulletin import bulletin
from engagement.queries.findings import findings
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, office

LATER = MONDAY + 6 * HOUR


@pytest.mark.django_db
def test_a_bulletin_counts_what_fell_due_and_says_it_on_every_paper():
    by = office()
    case_at("answered", by)
    late = case_at("signed", by, title="=HYPERLINK(1)")
    actions.issue_order(case_id=late.pk, by=by.sven, demand="Repair it.", days=1, at=LATER)
    scope = queries.scope_of(by.sven)
    made = bulletin(scope, by.sven, date(2026, 3, 1), date(2026, 3, 31), MONDAY + 20 * DAY)
    line = next(each for each in made.lines if each.unit_id == by.housing.pk)
    assert (line.kept, line.due, line.percent, line.answered) == (1, 2, 50.0, 1)
    assert (line.orders, line.orders_done, line.orders_kept, line.overdue_now) == (1, 1, 0, 1)
    assert (made.total.due, made.total.orders, line.ranked) == (2, 1, False)
    assert [case.pk for case in made.oldest] == [late.pk]
    before = bulletin(scope, by.sven, date(2026, 1, 1), date(2026, 1, 31), MONDAY + 20 * DAY)
    assert before.total.due == 0
    book = openpyxl.load_workbook(io.BytesIO(bulletins.as_workbook(made)))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert by.housing.label in cells
    # A spreadsheet reckons with the rate and sorts by the days.
    assert {cell.number_format for cell in book.worksheets[0]["D"] if isinstance(cell.value, float)} <= {"0.0%"}
    assert all(isinstance(cell.value, datetime) for cell in book.worksheets[1]["D"][1:])
    assert "'=HYPERLINK(1)" in cells
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    paper = bulletins.as_pdf(made)
    assert paper.startswith(b"%PDF-")
    assert b"NotoSans" in paper
    streams = re.findall(rb"stream\n(.*?)\nendstream", paper, re.DOTALL)
    # Characters to read and copy by, not only shapes.
    assert any(b"beginbfchar" in _opened(stream) or b"beginbfrange" in _opened(stream) for stream in streams)


def _opened(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


@pytest.mark.django_db
def test_the_bulletin_s_pages_refuse_a_period_that_is_none():
    by = office()
    case_at("signed", by)
    client = Client(headers={"accept-language": "en"})
    client.force_login(by.sven.person, backend="accounts.backends.PersonBackend")
    base = f"/board/unit-{by.city.pk}/bulletin/"
    assert client.get(base).status_code == 200
    asked = "?first=2026-03-01&last=2026-03-31"
    assert client.get(f"{base}pdf/{asked}")["Content-Type"] == "application/pdf"
    assert client.get(f"{base}xlsx/{asked}").content[:2] == b"PK"
    for wrong in ("?first=2026-03-31&last=2026-03-01", "?first=x&last=y", "?first=2000-01-01&last=2026-01-01"):
        for address in (base, f"{base}pdf/", f"{base}xlsx/"):
            assert client.get(f"{address}{wrong}").status_code == 422


@pytest.mark.django_db
def test_findings_show_their_evidence_and_name_nobody_guilty():
    by = office()
    quick = case_at("answered", by)
    Case.objects.filter(pk=quick.pk).update(answered_at=MONDAY + timedelta(minutes=10))
    midnight = case_at("answered", by)
    Case.objects.filter(pk=midnight.pk).update(answered_at=MONDAY.replace(hour=23, minute=57))
    same = [case_at("answered", by, title=f"Same {number}") for number in range(3)]
    actions.reopen_case(case_id=same[0].pk, by=by.wang, reason="Still stuck.", at=LATER + 2 * HOUR)
    rated = same[1]
    assert by.hana.person is not None
    day = MONDAY.date()
    actions.trace_work(person=by.hana.person, device="10.0.0.7 Firefox", day=day)
    actions.trace_work(person=by.hana.person, device="10.0.0.7 Firefox", day=day)
    actions.trace_rating(case=rated, device="10.0.0.7 Firefox", day=day + timedelta(days=1))
    actions.trace_rating(case=same[2], device="10.9.9.9 Safari", day=day)
    assert Trace.objects.count() == 3
    assert "10.0.0.7" not in str(list(Trace.objects.values()))
    found = {each.key: each for each in findings(queries.scope_of(by.sven), MONDAY, MONDAY + 5 * DAY)}
    assert [case.pk for case, _seen in found["quick"].cases] == [quick.pk]
    assert [case.pk for case, _seen in found["midnight"].cases] == [midnight.pk]
    assert {case.pk for case, _seen in found["again"].cases} == {same[0].pk}
    assert [case.pk for case, _seen in found["device"].cases] == [rated.pk]
    # One case was reopened and is answered no more: four of the five replies are still sent ones of answered cases.
    assert (found["same"].cases, found["burst"].cases) == ([], [])
    # One more makes five of the same words; three contacts in the day before a call are a burst.
    last = case_at("answered", by, title="Same again")
    called = Callback.objects.create(
        case=last, unit=by.city, planned_at=LATER, tries=1, result="solved", done_at=LATER + DAY
    )
    for hours in (1, 2, 3):
        actions.add_note(case_id=last.pk, by=by.hana, text="Rang them.", at=LATER + DAY - hours * HOUR)
    found = {each.key: each for each in findings(queries.scope_of(by.sven), MONDAY, MONDAY + 5 * DAY)}
    assert len(found["same"].cases) == 5
    assert "The lift was repaired on Monday." in found["same"].cases[0][1]
    assert [case.pk for case, _seen in found["burst"].cases] == [called.case_id]
    assert actions.forget_traces(day + timedelta(days=200)) == 3
    client = Client(headers={"accept-language": "en"})
    client.force_login(by.sven.person, backend="accounts.backends.PersonBackend")
    page = client.get(f"/board/unit-{by.city.pk}/findings/?days=90")
    assert page.status_code == 200
    assert by.hana.person.name not in page.content.decode()
