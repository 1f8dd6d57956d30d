"""The citizen's page of a case, opened with number and code, and what can be done there."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role
from engagement.models import Case
from tests import make

from . import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """A visitor who reads English."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def stranger() -> Client:
    """Somebody else's browser."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def case(visitor) -> Case:
    """A request for help that the visitor has sent."""
    return cast.send(visitor)


def test_number_and_code_open_the_case_in_another_browser(visitor, stranger, case):
    code = cast.code_of(visitor, case)
    answer = stranger.post("/track/", {"number": case.number.lower(), "code": f" {code.lower()} "})
    assert answer.status_code == 302
    assert answer["Location"] == f"/cases/{case.number}/"
    assert "Lift in building 7 is stuck" in stranger.get(answer["Location"]).content.decode()


def test_wrong_number_and_wrong_code_get_the_same_answer(visitor, stranger, case):
    code = cast.code_of(visitor, case)
    wrong_code = stranger.post("/track/", {"number": case.number, "code": "0000-0000-0000-0000"})
    wrong_number = stranger.post("/track/", {"number": case.number[::-1], "code": code})
    assert wrong_code.status_code == wrong_number.status_code == 422
    said = "We find no case with this number and access code."
    assert said in wrong_code.content.decode()
    assert said in wrong_number.content.decode()
    assert stranger.get(f"/cases/{case.number}/").status_code == 404


@pytest.mark.parametrize("given", [{}, {"number": "", "code": ""}, {"number": "x" * 500, "code": "y" * 500}])
def test_nonsense_as_number_and_code_is_refused(stranger, given):
    assert stranger.post("/track/", given).status_code == 422


def test_codes_cannot_be_tried_without_end(stranger):
    given = {"number": "0123456789", "code": "0123456789ABCDEF"}
    answers = [stranger.post("/track/", given).status_code for _number in range(11)]
    assert answers == [422] * 10 + [429]


def test_the_page_says_where_it_stands_in_plain_words(visitor, case):
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "We have it and are deciding who handles it." in page
    assert f'data-stream="case-{case.number}"' in page
    assert "data-after=" in page
    cast.to_the_office(case)
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "Housing Office is working on it. The answer is due by" in page
    assert "Olga" not in page


def test_the_moving_part_is_a_fragment(visitor, stranger, case):
    fragment = visitor.get(f"/cases/{case.number}/now/").content.decode()
    assert "<html" not in fragment
    assert 'data-part="state"' in fragment
    assert stranger.get(f"/cases/{case.number}/now/").status_code == 404


@pytest.mark.parametrize("verb", ["add", "answer", "urge", "withdraw", "reopen", "rate"])
def test_a_stranger_finds_nothing_at_any_door(stranger, case, verb):
    refused, absent = stranger.post(f"/cases/{case.number}/{verb}/"), stranger.post(f"/cases/0000000000/{verb}/")
    assert refused.status_code == absent.status_code == 404
    assert refused.content == absent.content


@pytest.mark.parametrize("verb", ["add", "answer", "urge", "withdraw", "reopen", "rate"])
def test_reading_an_act_changes_nothing(visitor, case, verb):
    assert visitor.get(f"/cases/{case.number}/{verb}/").status_code == 405


def test_notes_of_the_office_never_reach_the_page(visitor, case):
    from engagement import actions

    cast.to_the_office(case)
    actions.add_note(case_id=case.pk, by=cast.as_official("olga", Role.HANDLER), text="CANARY note")
    assert "CANARY" not in visitor.get(f"/cases/{case.number}/").content.decode()
    official = Client(headers={"accept-language": "en"})
    official.force_login(make.person("olga"), backend="accounts.backends.PersonBackend")
    page = official.get(f"/cases/{case.number}/").content.decode()
    assert "You see this page as the citizen does." in page
    assert "CANARY" not in page


def test_the_citizen_adds_words_and_a_file(visitor, case):
    file = SimpleUploadedFile("list.txt", "第七栋".encode())
    answer = visitor.post(f"/cases/{case.number}/add/", {"text": "It is lift B.", "files": [file]}, follow=True)
    page = answer.content.decode()
    assert "It is lift B." in page
    assert "list.txt" in page
    assert "The office can see it now." in page


def test_the_form_to_add_carries_a_key_of_its_own(visitor, case):
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    key = re.search(r'name="client_key" value="([\w-]{20,})"', page)[1]
    given = {"text": "It is lift B.", "client_key": key}
    for _press in range(2):
        page = visitor.post(f"/cases/{case.number}/add/", given, follow=True).content.decode()
    assert page.count("It is lift B.") == 1
    assert visitor.post(f"/cases/{case.number}/add/", {**given, "text": "Or C."}).status_code == 409
    assert visitor.post(f"/cases/{case.number}/add/", {**given, "client_key": "x y"}).status_code == 422


def test_an_empty_addition_is_refused_in_words(visitor, case):
    answer = visitor.post(f"/cases/{case.number}/add/", {"text": " "})
    assert answer.status_code == 422
    assert "Please write something or choose a file." in answer.content.decode()


def test_the_citizen_answers_the_question_and_sees_the_pause(visitor, case):
    cast.to_the_office(case)
    cast.step("ask_citizen", case, cast.as_official("olga", Role.HANDLER), question="Which entrance?")
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "Which entrance?" in page
    assert "clock is paused" in page
    assert "Paused since" in page
    visitor.post(f"/cases/{case.number}/answer/", {"text": "The northern one."})
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "The northern one." in page
    assert "Paused from" in page
    assert cast.fresh(case).status != Case.Status.CLARIFY


def test_an_answer_without_a_question_is_a_conflict_that_keeps_the_words(visitor, case):
    answer = visitor.post(f"/cases/{case.number}/answer/", {"text": "The northern one."})
    assert answer.status_code == 409
    assert "The northern one." in answer.content.decode()


def test_the_citizen_takes_the_case_back_only_when_sure(visitor, case):
    assert visitor.post(f"/cases/{case.number}/withdraw/", {"reason": "Solved"}).status_code == 422
    assert cast.fresh(case).status == Case.Status.RECEIVED
    visitor.post(f"/cases/{case.number}/withdraw/", {"reason": "Solved", "sure": "on"})
    assert cast.fresh(case).status == Case.Status.WITHDRAWN
    assert "You have taken it back" in visitor.get(f"/cases/{case.number}/").content.decode()


def test_the_citizen_reads_the_reply_and_rates_it(visitor, case):
    cast.answered(case)
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "The lift runs again since Monday." in page
    assert "Did it help?" in page
    assert visitor.post(f"/cases/{case.number}/rate/", {"score": "6"}).status_code == 422
    visitor.post(f"/cases/{case.number}/rate/", {"score": "5", "outcome": "solved", "words": "Thank you"})
    rated = cast.fresh(case)
    assert (rated.status, rated.satisfaction) == (Case.Status.CONCLUDED, 5)
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "Concluded. If it isn&#x27;t solved you can reopen it until" in page
    assert "Thank you" in page


def test_the_citizen_reopens_with_a_reason(visitor, case):
    cast.answered(case)
    assert visitor.post(f"/cases/{case.number}/reopen/", {"reason": ""}).status_code == 422
    visitor.post(f"/cases/{case.number}/reopen/", {"reason": "It is stuck again."})
    reopened = cast.fresh(case)
    assert reopened.round == 2
    assert "It is stuck again." in visitor.get(f"/cases/{case.number}/").content.decode()


def test_the_citizen_reminds_the_office(visitor, case):
    cast.to_the_office(case)
    answer = visitor.post(f"/cases/{case.number}/urge/", {"words": "Please hurry."}, follow=True)
    assert "We have reminded the office." in answer.content.decode()


def test_a_refusal_names_ground_and_route(visitor, case):
    city = make.unit("city")
    cast.step(
        "refuse_case", case, cast.as_official("ivy", Role.INTAKE_OFFICER, city),
        ground="This is a matter of private law.", route="The court at Mill Street.",
    )  # fmt: skip
    page = visitor.get(f"/cases/{case.number}/").content.decode()
    assert "We can&#x27;t take this: This is a matter of private law. Where to go: The court at Mill Street." in page


def test_my_cases_stand_in_a_list(visitor, stranger, case):
    assert "Lift in building 7 is stuck" in visitor.get("/my/cases/").content.decode()
    assert "Lift in building 7 is stuck" not in stranger.get("/my/cases/").content.decode()


def test_files_are_for_those_who_may_read_the_case(visitor, stranger, case):
    from engagement.models import Attachment

    visitor.post(f"/cases/{case.number}/add/", {"text": "", "files": [SimpleUploadedFile("list.txt", b"seven")]})
    key = Attachment.objects.get().key
    mine = visitor.get(f"/files/{key}/")
    assert mine.content == b"seven"
    assert mine["Content-Disposition"] == 'attachment; filename="list.txt"'
    refused, absent = stranger.get(f"/files/{key}/"), stranger.get("/files/0000/")
    assert refused.status_code == absent.status_code == 404
    assert refused.content == absent.content
