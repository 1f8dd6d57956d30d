"""Filing a case: the receipt, repeats, bad input, who may open it with number and code."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.rules import TooMany
from accounts.viewers import Viewer
from engagement import actions, queries, rules
from engagement.models import Case, Contact, Task
from journal.models import Entry
from notices.models import Delivery, Notice
from tests import make
from tests.engagement.cast import MONDAY, SHANGHAI, integrity, letter, office

VISITOR = Viewer(visitor="v1", language="en")
TOKEN = "a-form-token-of-one-page"


@pytest.mark.django_db
def test_it_gives_a_number_and_a_code_and_promises_an_answer():
    by = office()
    filed = letter(by.wang, by.mailbox)
    assert filed.is_new
    assert len(filed.case.number) == 10
    assert filed.access_code is not None
    assert len(filed.access_code) == 16
    assert set(filed.case.number + filed.access_code) <= set(rules.SIGNS)
    # Seven working days after Monday the 9th.
    assert filed.case.promised_at == MONDAY.replace(day=18, hour=17, minute=0)
    assert filed.case.promised_at == queries.promise("complaint", by.mailbox, MONDAY)
    assert filed.case.process.key == "letter"
    task = Task.objects.get(case=filed.case)
    assert (task.node, task.unit, task.role_needed) == ("register", by.city, "intake_officer")
    assert task.due_at == MONDAY + timedelta(hours=2)


@pytest.mark.django_db
def test_it_records_and_tells_the_citizen():
    by = office()
    case = letter(by.wang, by.mailbox).case
    entry = Entry.objects.get(stream__name=case.stream_name)
    assert (entry.kind, entry.seq, entry.by) == ("case.received", 1, by.wang.person)
    assert Notice.objects.get(person=by.wang.person).kind == "case.received"
    assert Delivery.objects.get().channel == "email"


@pytest.mark.django_db
def test_neither_code_nor_contact_lies_in_the_database_in_the_open():
    office()
    contact = {"name": "Wang Canary", "phone": "13800138000", "email": "wang@example.org", "wants": "sms"}
    filed = letter(VISITOR, contact=contact)
    everything = (
        str(list(Case.objects.values())) + str(list(Contact.objects.values())) + str(list(Entry.objects.values()))
    )
    for secret in (filed.access_code, "Canary", "13800138000", "wang@example.org"):
        assert secret is not None
        assert secret not in everything
    assert queries.open_contact(filed.case) == contact
    assert Delivery.objects.get().channel == "sms"


@pytest.mark.django_db
def test_the_same_form_again_gives_the_same_case_and_receipt():
    by = office()
    first = letter(by.wang, by.mailbox, token=TOKEN)
    again = letter(by.wang, by.mailbox, token=TOKEN)
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.case, again.access_code) == (first.case, first.access_code)
    assert Case.objects.count() == 1
    assert letter(by.wang, by.mailbox, token=TOKEN + "2").case != first.case


@pytest.mark.django_db(transaction=True)
def test_the_same_form_eight_times_at_once_files_one_case():
    by = office()
    actions.load_processes()
    filed: list[Any] = []

    def send() -> None:
        try:
            filed.append(letter(by.wang, by.mailbox, token=TOKEN))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(filed) == 8
    assert Case.objects.count() == 1
    assert len({(each.case.pk, each.access_code) for each in filed}) == 1
    assert sum(each.is_new for each in filed) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"text": "x" * 2_000_000}, "text"),
        ({"text": "nul\0"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": None}, "text"),
        ({"text": ["x"]}, "text"),
        ({"kind": "murder"}, "kind"),
        ({"kind": None}, "kind"),
        ({"channel": "pigeon"}, "channel"),
        ({"language": "xx"}, "language"),
        ({"place": "x" * 201}, "place"),
        ({"latitude": 91.0, "longitude": 0.0}, "place"),
        ({"latitude": 30.0}, "place"),
        ({"latitude": float("nan"), "longitude": 0.0}, "place"),
        ({"contact": {"email": "no"}}, "email"),
        ({"contact": {"phone": "abc"}}, "phone"),
        ({"contact": {"wants": "pigeon"}}, "wants"),
        ({"contact": {"wants": "sms"}}, "phone"),
        ({"contact": {"wants": "email"}}, "email"),
        ({"contact": {"name": "x" * 81}}, "name"),
        ({"token": 7}, "token"),
        ({"files": ["x"]}, "files"),
    ],
)
def test_it_refuses_nonsense_and_changes_nothing(changed, field):
    by = office()
    with pytest.raises(rules.BadInput) as told:
        letter(by.wang, by.mailbox, **changed)
    assert told.value.field == field
    assert str(told.value)
    assert not Case.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_longest_words_are_taken():
    by = office()
    case = letter(by.wang, by.mailbox, title="题" * 200, text="字" * 20_000).case
    case.refresh_from_db()
    assert len(case.text) == 20_000


@pytest.mark.django_db
def test_what_an_official_writes_down_for_somebody_is_not_the_officials_own():
    by = office()
    case = letter(by.ida, channel="phone", contact={"name": "Zhao", "phone": "13900139000", "wants": "none"}).case
    assert case.citizen is None
    assert letter(by.ida, channel="form").case.citizen == by.ida.person


@pytest.mark.django_db
def test_a_case_out_of_a_talk_keeps_the_clock_of_the_talk():
    by = office()
    early = MONDAY - timedelta(hours=1)
    case = letter(VISITOR, channel="chat", unit=by.housing, at=early, thread_of="talk-7", contact={"name": "Wang"}).case
    assert (case.received_at, case.origin) == (early, "talk-7")


@pytest.mark.django_db
def test_number_and_code_open_the_case_however_they_are_typed():
    office()
    filed = letter(VISITOR)
    code = filed.access_code or ""
    assert actions.open_with_code(number=filed.case.number, code=code) == filed.case
    typed = "-".join(code[at : at + 4] for at in range(0, 16, 4)).lower().replace("0", "o").replace("1", "l")
    assert actions.open_with_code(number=f" {filed.case.number.lower()} ", code=typed) == filed.case
    granted = Viewer(grants=frozenset({f"case-{filed.case.number}"}))
    assert queries.case_for(granted, filed.case.number) == filed.case


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["right", "0000000000", "", "x" * 100, "\0", "中文", None])
@pytest.mark.parametrize("code", ["0000000000000000", "", "\ud800", None])
def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(number, code):
    office()
    filed = letter(VISITOR)
    with pytest.raises(rules.WrongCode) as told:
        actions.open_with_code(number=filed.case.number if number == "right" else number, code=code)
    assert str(told.value) == str(rules.WrongCode())


@pytest.mark.django_db
def test_a_wrong_number_costs_the_same_work_as_a_wrong_code(django_assert_num_queries):
    office()
    filed = letter(VISITOR)
    for number in (filed.case.number, "0000000000"):
        with django_assert_num_queries(1), pytest.raises(rules.WrongCode):
            actions.open_with_code(number=number, code="0000000000000000")


@pytest.mark.django_db
def test_after_ten_wrong_tries_an_address_must_wait():
    office()
    filed = letter(VISITOR)
    code = filed.access_code or ""
    for _try in range(10):
        # The right code costs nothing: a counter in a library serves many people from one address.
        assert actions.open_with_code(number=filed.case.number, code=code, address="10.0.0.1")
        with pytest.raises(rules.WrongCode):
            actions.open_with_code(number=filed.case.number, code="0", address="10.0.0.1")
    with pytest.raises(TooMany):
        actions.open_with_code(number=filed.case.number, code=filed.access_code or "", address="10.0.0.1")
    assert actions.open_with_code(number=filed.case.number, code=filed.access_code or "", address="10.0.0.2")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Case.Kind.values)
def test_every_kind_finds_its_process(kind):
    by = office()
    integrity()
    case = letter(by.wang, kind=kind).case
    own = {"help_request": "complaint", "application": "approval", "praise": "enquiry"}
    assert case.process.key == own.get(kind, kind)
    assert case.promised_at == queries.promise(kind, None, MONDAY)
    # A report has no mailbox even if one was named: no leader reads it.
    assert (letter(by.wang, by.mailbox, kind=kind).case.mailbox is None) == (kind == "report")


@pytest.mark.django_db
def test_earlier_cases_of_the_same_telephone_or_place_are_found():
    by = office()
    contact = {"phone": "138 0013 8000", "wants": "none"}
    first = letter(VISITOR, by.mailbox, contact=contact).case
    second = letter(VISITOR, by.mailbox, contact={"phone": "+8613800138000", "wants": "none"}).case
    third = letter(by.wang, by.mailbox, place="Lake Street 7").case
    fourth = letter(VISITOR, by.mailbox, place="Lake Street 7").case
    letter(VISITOR, by.mailbox)
    assert queries.earlier_cases(second, by.ida) == [first]
    assert queries.earlier_cases(fourth, by.ida) == [third]
    assert queries.earlier_cases(fourth, by.wang) == []
    assert queries.earlier_cases(fourth, by.hana) == []


@pytest.mark.django_db
def test_intake_lies_with_the_nearest_unit_that_has_somebody_for_it():
    by = office()
    from accounts.models import Role

    make.official("ike", Role.INTAKE_OFFICER, by.housing)
    street = make.unit("street", parent=by.housing)
    assert Task.objects.get(case=letter(VISITOR, unit=street).case).unit == by.housing
    assert Task.objects.get(case=letter(VISITOR, unit=by.water).case).unit == by.city


@pytest.mark.django_db
def test_the_promise_before_new_year_says_that_it_may_move():
    actions.seed_calendar("city", [2026, 2027])
    late = MONDAY.replace(year=2026, month=12, day=31, tzinfo=SHANGHAI)
    assert queries.is_provisional(queries.promise("enquiry", None, late))
    assert not queries.is_provisional(queries.promise("enquiry", None, MONDAY))


def test_the_database_is_one_of_the_two_we_promise():
    assert connection.vendor in ("sqlite", "postgresql")
