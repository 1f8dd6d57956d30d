"""The officials' workbench: one case, and every verb over HTTP."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from engagement import actions, queries
from engagement.models import CannedReply, Case, Publication, Reply
from messaging import actions as talks
from notices.models import Notice
from tests import make
from tests.engagement.cast import Office, case_at, integrity, kinds, letter, office
from tests.engagement_pages.cast import act, browser_of, text_of
from tests.messaging import cast as messaging_cast

pytestmark = pytest.mark.django_db
WORDS = "The lift was repaired on Monday."


@pytest.fixture
def by() -> Office:
    """Everybody of the office."""
    return office()


@dataclass(frozen=True)
class Try:
    """A verb: on a case at which step, by whom, with what, and what it leaves in the journal."""

    slug: str
    step: str
    who: str
    data: dict[str, Any]
    entry: str
    field: str = ""
    mailbox: bool = True


# The cases are of last March, and a case goes back only while it is fresh.
LONG_DAYS = 250
TRIES = [
    Try("accept-case", "received", "ida", {}, "case.accepted"),
    Try("refuse-case", "received", "ida", {"ground": "Not ours.", "route": "The court."}, "case.refused", "ground"),
    Try("ask-citizen", "received", "ida", {"question": "Which lift?"}, "case.asked", "question"),
    Try("dispatch-case", "accepted", "dina", {"unit_id": "housing", "note": "Soon."}, "case.dispatched", "unit_id"),
    Try("sign-for-case", "dispatched", "hana", {}, "case.signed_for"),
    Try("return-case", "signed", "hana", {"reason": "It is water's."}, "return.reasoned", "reason"),
    Try("transfer-case", "signed", "hana", {"person_id": "hugo"}, "task.transferred", "person_id"),
    Try("submit-reply", "signed", "hana", {"text": WORDS, "outcome": "solved"}, "reply.submitted", "text"),
    Try("save-draft", "signed", "hana", {"text": WORDS}, "draft.started"),
    Try("approve-reply", "review", "rita", {}, "reply.approved"),
    Try("send-back", "review", "rita", {"reason": "Say when."}, "reply.sent_back", "reason"),
    Try("sign-reply", "to_sign", "lin", {"text": WORDS}, "reply.signed", "text"),
    Try("sign-reply", "to_sign", "sek", {"text": WORDS}, "reply.signed", "text"),
    Try("extend-case", "signed", "rita", {"days": "3", "reason": "Parts are late."}, "case.extended", "days"),
    Try("add-note", "signed", "hana", {"text": "Called them."}, "note.added", "text"),
    Try("comment-case", "signed", "lin", {"text": "Be quick."}, "comment.added", "text"),
    Try("urge-case", "signed", "sven", {"words": "It is late."}, "unit.urged"),
    Try(
        "prepare-publication", "answered", "hana", {"title": "Lift", "text": "Stuck.", "reply": WORDS},
        "publication.prepared", "title",
    ),
]  # fmt: skip


def prepared(one: Try, by: Office) -> Case:
    """Return a case at the step of the try."""
    return case_at(one.step, by, mailbox=one.mailbox, public=True)


def data_of(one: Try, by: Office) -> dict[str, Any]:
    """Return the values of the form, names of units and people put in as their ids."""
    ids = {"housing": by.housing.pk, "hugo": by.hugo.person.pk if by.hugo.person else 0}
    return {name: ids.get(value, value) for name, value in one.data.items()}


@pytest.mark.parametrize("one", TRIES, ids=lambda one: f"{one.slug} by {one.who}")
def test_every_verb_works_over_http(by, settings, one):
    settings.RETURN_DAYS = LONG_DAYS
    case = prepared(one, by)
    answer = act(case, getattr(by, one.who), one.slug, **data_of(one, by))
    assert answer.status_code == 302, text_of(answer)
    assert answer["Location"].startswith("/work/")
    assert one.entry in kinds(case.stream_name) + kinds(case.file_stream_name)


@pytest.mark.parametrize("one", TRIES, ids=lambda one: f"{one.slug} by {one.who}")
def test_no_verb_takes_bad_input_or_answers_an_official_who_does_not_have_the_case(by, settings, one):
    settings.RETURN_DAYS = LONG_DAYS
    case = prepared(one, by)
    before = kinds(case.stream_name) + kinds(case.file_stream_name)
    sent = {"version": case.version, **data_of(one, by)}
    walt = browser_of(by.walt)
    foreign, absent = (walt.post(f"/work/{number}/{one.slug}/", sent) for number in (case.number, "0000000000"))
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    for wrong in ("", "x" * 30_000) if one.field else ():
        answer = act(case, getattr(by, one.who), one.slug, **{**data_of(one, by), one.field: wrong})
        assert answer.status_code == 422
        assert f'id="{one.slug}-{one.field}_error"' in text_of(answer)
        assert 'aria-invalid="true"' in text_of(answer)
    assert kinds(case.stream_name) + kinds(case.file_stream_name) == before


def test_a_version_that_is_none_is_refused(by):
    case, ida = case_at("received", by), browser_of(by.ida)
    for version in ("-1", "x", "9" * 40, "1.5"):
        answer = ida.post(f"/work/{case.number}/accept-case/", {"version": version})
        assert answer.status_code in (409, 422), version
    case.refresh_from_db()
    assert case.status == Case.Status.RECEIVED


def test_a_stale_page_is_told_who_was_quicker_and_keeps_the_words(by):
    case = case_at("signed", by)
    stale = case.version
    actions.extend_case(case_id=case.pk, version=stale, by=by.rita, days=2, reason="Parts are late.")
    data = {"version": stale, "text": "My careful words.", "outcome": "solved"}
    answer = browser_of(by.hana).post(f"/work/{case.number}/submit-reply/", data)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Rita was quicker: “More time was approved”" in page
    assert "My careful words.</textarea>" in page
    case.refresh_from_db()
    # The form now knows what the case has become: sending it once more does it.
    assert f'name="version" value="{case.version}" id="submit-reply-version"' in page


def test_words_for_what_is_not_possible_any_more_can_be_copied(by):
    case = case_at("signed", by)
    stale = case.version
    actions.submit_reply(case_id=case.pk, version=stale, by=by.hana, text=WORDS, outcome="solved")
    data = {"version": stale, "text": "Another tab's words.", "outcome": "solved"}
    answer = browser_of(by.hana).post(f"/work/{case.number}/submit-reply/", data)
    assert answer.status_code == 409
    assert "What you wrote was not sent" in text_of(answer)
    assert "Another tab's words." in text_of(answer)


def test_of_two_dispatchers_the_second_hears_who_was_quicker(by):
    dora = make.viewer(make.official("dora", Role.DISPATCHER, by.city))
    case = case_at("accepted", by)
    stale = case.version
    actions.dispatch_case(case_id=case.pk, version=stale, by=by.dina, unit_id=by.housing.pk)
    data = {"version": stale, "unit_id": by.water.pk, "note": "For the water office."}
    answer = browser_of(dora).post(f"/work/{case.number}/dispatch-case/", data)
    assert answer.status_code == 409
    assert "Dina was quicker" in text_of(answer)
    assert "For the water office." in text_of(answer)
    assert case.text not in text_of(answer)
    # Somebody who only guesses the number learns nothing.
    assert browser_of(dora).post(f"/work/{case.number}/dispatch-case/", {}).status_code == 404
    assert browser_of(dora).get(f"/work/{case.number}/").status_code == 404


def test_the_head_says_whose_step_it_is_and_when_that_step_is_due(by):
    now = timezone.now()
    case = letter(by.wang, by.mailbox, at=now).case
    actions.accept_case(case_id=case.pk, version=case.version, by=by.ida)
    mine = text_of(browser_of(by.dina).get(f"/work/{case.number}/"))
    assert "Your step" in mine
    assert "Send to a unit" in mine
    row = queries.todo(by.dina, tab="units").rows[0]
    assert f'<span class="light light-{row.light}">{row.left}</span>' in mine
    theirs = text_of(browser_of(by.lin).get(f"/work/{case.number}/"))
    assert "Your step" not in theirs
    assert "Send to a unit" in theirs


def test_a_draft_is_kept_for_colleagues_and_never_for_citizens(by):
    case = case_at("signed", by)
    fetched = {"X-Requested-With": "fetch"}
    answer = browser_of(by.hana).post(f"/work/{case.number}/save-draft/", {"text": "Half a reply"}, headers=fetched)
    assert answer.status_code == 204
    colleague = text_of(browser_of(by.rita).get(f"/work/{case.number}/"))
    assert "Half a reply" in colleague
    assert "drafted by Hana" in colleague
    assert "Half a reply</textarea>" in text_of(browser_of(by.hana).get(f"/work/{case.number}/"))
    assert "Half a reply" not in text_of(browser_of(by.wang).get(f"/cases/{case.number}/"))


def test_a_script_gets_a_refusal_in_one_line(by):
    case = case_at("signed", by)
    fetched = {"X-Requested-With": "fetch"}
    answer = browser_of(by.hana).post(f"/work/{case.number}/save-draft/", {"text": "x" * 30_000}, headers=fetched)
    assert (answer.status_code, text_of(answer)) == (422, "At most 20000 characters, please.")


def test_a_note_takes_files_that_only_the_office_sees(by):
    case = case_at("signed", by)
    plan = SimpleUploadedFile("plan.txt", b"Monday: call them.", "text/plain")
    assert act(case, by.hana, "add-note", text="See the plan.", files=[plan]).status_code == 302
    assert "plan.txt" in text_of(browser_of(by.rita).get(f"/work/{case.number}/"))
    assert "plan.txt" not in text_of(browser_of(by.wang).get(f"/cases/{case.number}/"))
    wrong = SimpleUploadedFile("plan.exe", b"MZ", "text/plain")
    assert act(case, by.hana, "add-note", text="See the plan.", files=[wrong]).status_code == 422


def test_the_reviewer_reads_the_reply_and_who_drafted_it(by):
    case = case_at("review", by)
    page = text_of(browser_of(by.rita).get(f"/work/{case.number}/"))
    assert "The reply as it stands" in page
    assert WORDS in page
    assert "drafted by Hana, Housing" in page


def test_nobody_approves_their_own_reply(by):
    case = case_at("signed", by)
    make.official("hana", Role.REVIEWER, by.housing)
    hana = make.viewer(make.person("hana"))
    actions.submit_reply(case_id=case.pk, version=case.version, by=hana, text=WORDS, outcome="solved")
    answer = act(case, hana, "approve-reply")
    assert answer.status_code == 409
    assert "somebody else than its writer" in text_of(answer)


def test_prepared_answers_can_be_inserted(by):
    CannedReply.objects.create(unit=by.housing, title="Thanks", text="Thank you for your letter.", language="en")
    CannedReply.objects.create(unit=by.water, title="Water only", text="The water is clean.", language="en")
    case = case_at("signed", by)
    page = text_of(browser_of(by.hana).get(f"/work/{case.number}/"))
    assert 'value="Thank you for your letter."' in page
    assert "Water only" not in page


def test_other_cases_of_the_person_and_the_place_stand_beside(by):
    case = case_at("signed", by, place="Lakeside 7")
    same_person = case_at("signed", by)
    other = make.viewer(make.person("chen"))
    same_place = case_at("signed", by, viewer=other, place="Lakeside 7")
    neither = case_at("signed", by, viewer=other)
    told = {each.pk: (each.same_person, each.same_place) for each in queries.earlier_cases(case, by.hana)}
    assert told == {same_person.pk: (True, False), same_place.pk: (False, True)}
    page = text_of(browser_of(by.hana).get(f"/work/{case.number}/pane/"))
    assert "same person" in page
    assert "same place" in page
    assert neither.number not in page


def test_who_reported_is_masked_and_shown_once_for_a_reason(by):
    iris, _ivan = integrity()
    contact = {"name": "Wang Min", "phone": "13812345678", "email": "", "wants": "none"}
    report = letter(by.wang, kind="report", public=False, contact=contact).case
    for step, who in (("sign-for-case", iris), ("accept-case", iris)):
        if step.replace("-", "_") in queries.allowed_actions(report, who):
            act(report, who, step)
    page = text_of(browser_of(iris).get(f"/work/{report.number}/"))
    assert "Wang Min" not in page
    assert "13812345678" not in page
    assert act(report, iris, "unmask-contact", reason="").status_code == 422
    shown = act(report, iris, "unmask-contact", reason="Asking back by telephone.")
    assert shown.status_code == 200
    assert "Wang Min" in text_of(shown)
    assert "Shown this once" in text_of(shown)
    assert "contact.unmasked" in kinds(report.file_stream_name)
    assert "Wang Min" not in text_of(browser_of(iris).get(f"/work/{report.number}/"))
    assert queries.earlier_cases(report, iris) == []


def test_a_case_from_a_talk_shows_what_was_said(by):
    desk = messaging_cast.desk(unit=by.city)
    officer = messaging_cast.on_duty("dora", desk)
    talk = talks.open_talk(viewer=by.wang, desk_id=desk.pk, text="The lift is stuck.", name="Wang", token="t" * 20)
    talks.take_talk(talk_id=talk.pk, by=officer)
    case = talks.make_case(talk_id=talk.pk, by=officer, kind="complaint", title="Lift stuck")
    page = text_of(browser_of(by.ida).get(f"/work/{case.number}/"))
    assert "The talk it came from" in page
    assert "The lift is stuck." in page


def test_publishing_is_prepared_redacted_approved_and_taken_down(by):
    text = "I am Wang Min, call 13812345678. The lift is stuck."
    contact = {"name": "Wang Min", "phone": "13812345678", "email": "", "wants": "none"}
    case = case_at("answered", by, text=text, public=True, contact=contact)
    page = text_of(browser_of(by.hana).get(f"/work/{case.number}/"))
    assert "I am 〔…〕, call 〔…〕. The lift is stuck." in page
    copy = {"title": "Lift", "text": "The lift does not move.", "reply": WORDS}
    assert act(case, by.hana, "prepare-publication", **copy).status_code == 302
    # The second person is told, and reads the very words before others do.
    assert Notice.objects.get(kind="office.publication.prepared").person == by.rita.person
    assert "The lift does not move." in text_of(browser_of(by.rita).get(f"/work/{case.number}/"))
    assert act(case, by.hana, "approve-publication").status_code == 409
    assert act(case, by.rita, "refuse-publication", reason="A name is left.").status_code == 302
    assert Notice.objects.get(kind="office.publication.refused").person == by.hana.person
    assert act(case, by.hana, "prepare-publication", **copy).status_code == 302
    seen = {"shown": Publication.objects.get().mark}
    assert act(case, by.hana, "prepare-publication", **copy).status_code == 302
    assert act(case, by.rita, "approve-publication", **seen).status_code == 409
    assert act(case, by.rita, "approve-publication", shown=Publication.objects.get().mark).status_code == 302
    assert Client().get(f"/letters/{case.number}/").status_code == 200
    assert act(case, by.rita, "unpublish").status_code == 302
    assert Client().get(f"/letters/{case.number}/").status_code == 404


def test_nothing_internal_reaches_the_citizen_on_any_path(by):
    case = case_at("signed", by)
    secrets = ["SECRETNOTE", "SECRETCOMMENT", "SECRETDRAFT", "SECRETREASON"]
    act(case, by.hana, "add-note", text=secrets[0])
    act(case, by.lin, "comment-case", text=secrets[1])
    act(case, by.hana, "submit-reply", text=secrets[2], outcome="solved")
    act(case, by.rita, "send-back", reason=secrets[3])
    wang = browser_of(by.wang)
    stream = f"/api/v1/streams/case-{case.number}/entries?after=0"
    for path in (f"/cases/{case.number}/", f"/cases/{case.number}/now/", "/my/", "/notices/", stream):
        page = text_of(wang.get(path))
        assert not [word for word in secrets if word in page], path
    assert wang.get(f"/api/v1/streams/file-{case.number}/entries?after=0").status_code == 404
    assert all(word in text_of(browser_of(by.hana).get(f"/work/{case.number}/")) for word in secrets)


def test_the_reply_of_the_present_round_is_the_one_that_counts(by):
    case = case_at("answered", by)
    page = text_of(browser_of(by.hana).get(f"/work/{case.number}/"))
    assert "The reply as it stands" not in page
    assert Reply.objects.get(case=case).state == Reply.State.SENT
