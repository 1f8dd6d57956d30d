"""One answer to many cases: each by its own rules, and each said what became of it."""

import pytest

from accounts.rules import BadInput, NotFound
from engagement import actions
from engagement.models import CannedReply, Case, Reply
from tests.engagement.cast import MONDAY, case_at, kinds, office
from tests.engagement_pages.cast import browser_of, text_of

pytestmark = pytest.mark.django_db
WORDS = "Dear {citizen}, the lifts are repaired; your number is {number}."


def test_each_case_gets_its_own_reply_and_those_that_cannot_are_named():
    by = office()
    one, two, begun, theirs = (case_at("signed", by, title=f"Lift {number}") for number in range(4))
    answered = case_at("answered", by)
    actions.save_draft(case_id=begun.pk, by=by.hana, text="My own words")
    # It went to another office meanwhile; a number that never was is answered alike.
    Case.objects.filter(pk=theirs.pk).update(unit=by.water)
    theirs.tasks.update(unit=by.water)
    numbers = [case.number for case in (one, two, begun, theirs, answered)] + ["ZZZZZZZZZZ"]
    many = actions.answer_cases(by=by.hana, numbers=numbers, text=WORDS, outcome="solved", send=True, at=MONDAY)
    assert many.done == [one.number, two.number]
    why = dict(many.refused)
    assert list(why) == numbers[2:]
    assert why[theirs.number] == why["ZZZZZZZZZZ"]
    assert len(set(why.values())) == 3
    for case in (one, two):
        case.refresh_from_db()
        assert case.status == Case.Status.IN_REVIEW
        assert f"your number is {case.number}" in Reply.objects.get(case=case).text
        assert kinds(case.file_stream_name)[-1] == "reply.submitted"
    assert Reply.objects.get(case=begun).text == "My own words"


def test_drafts_wait_for_their_writer_and_nothing_goes_out_with_a_gap():
    by = office()
    case = case_at("signed", by)
    gap = "At {desk} they will tell you."
    many = actions.answer_cases(by=by.hana, numbers=[case.number], text=gap, outcome="solved", send=True)
    assert [number for number, _why in many.refused] == [case.number]
    assert actions.answer_cases(by=by.hana, numbers=[case.number], text=gap).done == [case.number]
    assert Reply.objects.get(case=case).text == gap
    case.refresh_from_db()
    assert case.status == Case.Status.IN_PROGRESS


def test_nonsense_and_other_peoples_cases_are_refused():
    by = office()
    case = case_at("signed", by)
    known = {"by": by.hana, "numbers": [case.number], "text": "Done.", "outcome": "solved", "send": True}
    for wrong in ({"text": " "}, {"outcome": ""}, {"outcome": "x"}, {"numbers": []}, {"numbers": ["A"] * 101 + ["B"]}):
        with pytest.raises((BadInput, NotFound)):
            actions.answer_cases(**known | wrong)
    for nobody in (by.wang, by.walt, by.ida):
        with pytest.raises(NotFound):
            actions.answer_cases(**known | {"by": nobody})
    assert not Reply.objects.exists()


def test_cases_are_ticked_in_the_list_answered_on_one_page_and_each_is_told():
    by = office()
    cases = [case_at("signed", by, title=f"Lift {number}") for number in range(2)]
    answered = case_at("answered", by)
    canned = CannedReply.objects.create(title="Repaired", text=WORDS, language="en", unit=by.housing)
    hana = browser_of(by.hana)
    assert text_of(hana.get("/work/?tab=mine")).count('form="together" name="cases"') == 2
    assert 'form="together"' not in text_of(browser_of(by.ida).get("/work/?tab=units"))
    chosen = {"cases": [case.number for case in cases]}
    page = text_of(hana.get("/work/together/", chosen))
    assert all(f'value="{case.number}"' in page for case in cases)
    empty = hana.post("/work/together/", chosen)
    assert empty.status_code == 422
    sent = {"cases": [*chosen["cases"], answered.number], "canned": canned.pk, "outcome": "solved", "send": "1"}
    told = text_of(hana.post("/work/together/", sent))
    assert "2 replies were sent to review." in told
    # What was refused is still chosen, for another try.
    assert f'value="{answered.number}" id="case-{answered.number}" checked' in told
    assert f'value="{cases[0].number}"' not in told
