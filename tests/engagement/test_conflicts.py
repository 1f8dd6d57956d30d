"""Eight people press the same button at the same moment: one wins, the others hear who was quicker."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from accounts.models import Role
from accounts.viewers import Viewer
from engagement import actions, rules
from engagement.models import Case, Task
from journal.models import Entry
from tests import make
from tests.engagement.cast import HOUR, MONDAY, case_at, kinds, office, seen

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: list[Callable[[], object]]) -> list[BaseException | None]:
    results: list[BaseException | None] = []
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
            results.append(None)
        except BaseException as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def eight(role: str, unit: object) -> list[Viewer]:
    return [seen(make.official(f"{role}-{number}", role, unit)) for number in range(8)]  # type: ignore[arg-type]


def test_one_of_eight_handlers_signs_for_a_case():
    by = office()
    case = case_at("dispatched", by)
    handlers = eight(Role.HANDLER, by.housing)
    results = at_once(
        [
            lambda viewer=viewer: actions.sign_for_case(  # type: ignore[misc]
                case_id=case.pk, version=case.version, by=viewer, at=MONDAY + 3 * HOUR
            )
            for viewer in handlers
        ]
    )
    assert results.count(None) == 1
    assert all(isinstance(error, rules.Conflict) for error in results if error is not None)
    assert Task.objects.filter(case=case, status=Task.Status.OPEN).count() == 1
    assert kinds(case.stream_name).count("case.signed_for") == 1


def test_one_of_eight_dispatchers_dispatches_and_the_others_hear_it_although_it_is_no_longer_theirs():
    by = office()
    case = case_at("accepted", by)
    results = at_once(
        [
            lambda viewer=viewer: actions.dispatch_case(  # type: ignore[misc]
                case_id=case.pk, version=case.version, by=viewer, unit_id=by.housing.pk, at=MONDAY + 2 * HOUR
            )
            for viewer in eight(Role.DISPATCHER, by.city)
        ]
    )
    assert results.count(None) == 1
    assert {type(error) for error in results if error is not None} == {rules.Conflict}


def test_additions_from_many_sides_at_once_are_all_kept_in_one_order():
    by = office()
    case = case_at("signed", by)
    calls: list[Callable[[], object]] = []
    for number in range(4):
        calls.append(lambda n=number: actions.add_to_case(case_id=case.pk, by=by.wang, text=f"w{n}"))  # type: ignore[misc]
        calls.append(lambda n=number: actions.add_note(case_id=case.pk, by=by.hana, text=f"n{n}"))  # type: ignore[misc]
    assert at_once(calls) == [None] * 8
    # One button pressed twice adds once, and the key is not good for other words.
    again: list[Callable[[], object]] = [
        lambda: actions.add_to_case(case_id=case.pk, by=by.wang, text="once", client_key="form-key-1")
    ] * 3
    assert at_once(again) == [None] * 3
    with pytest.raises(rules.Conflict):
        actions.add_to_case(case_id=case.pk, by=by.wang, text="other words", client_key="form-key-1")
    for stream in (case.stream_name, case.file_stream_name):
        numbers = list(Entry.objects.filter(stream__name=stream).order_by("seq").values_list("seq", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
    assert kinds(case.file_stream_name).count("note.added") == 4
    assert kinds(case.stream_name).count("case.added") == 5


def test_withdrawing_and_answering_at_once_never_leave_an_answered_withdrawn_case():
    by = office()
    case = case_at("to_sign", by)
    at_once(
        [
            lambda: actions.withdraw_case(case_id=case.pk, by=by.wang),
            lambda: actions.sign_reply(case_id=case.pk, version=case.version, by=by.lin, at=MONDAY + 7 * HOUR),
        ]
    )
    found = Case.objects.get(pk=case.pk)
    answered = "case.answered" in kinds(case.stream_name)
    assert (found.status == Case.Status.ANSWERED) == answered
    assert (found.status == Case.Status.WITHDRAWN) == (not answered)
