"""A letter's whole way: every step, its record, what the citizen reads and what stays in the house."""

import pytest
from django.utils.translation import override

from engagement import actions, queries, rules
from engagement.models import Case, CaseFact, Pause, Reply, Task
from journal.models import Entry
from notices.models import Notice
from tests.engagement.cast import DAY, HOUR, MONDAY, ORDER, case_at, integrity, kinds, letter, office

pytestmark = pytest.mark.django_db

CANARY = "Kanarienvogel-4711"


def test_a_letter_goes_all_the_way():
    by = office()
    case = case_at("concluded", by)
    assert case.status == Case.Status.CONCLUDED
    assert case.satisfaction == 5
    assert case.outcome == "solved"
    assert kinds(case.stream_name) == [
        "case.received", "case.accepted", "case.dispatched", "case.signed_for", "case.started", "case.prepared",
        "case.answered", "case.rated", "case.concluded",
    ]  # fmt: skip
    assert kinds(case.file_stream_name) == ["reply.submitted", "reply.approved", "reply.signed"]
    assert not Task.objects.filter(case=case, status=Task.Status.OPEN).exists()
    reply = Reply.objects.get(case=case)
    assert (reply.state, reply.drafted_by, reply.reviewed_by, reply.signed_by) == (
        Reply.State.SENT,
        by.hana.person,
        by.rita.person,
        by.lin.person,
    )


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("received", "received"), ("accepted", "accepted"), ("dispatched", "dispatched"), ("signed", "signed_for"),
        ("review", "in_review"), ("to_sign", "in_review"), ("answered", "answered"), ("concluded", "concluded"),
    ],
)  # fmt: skip
def test_each_step_has_its_status_and_its_place_in_the_bar(step, status):
    case = case_at(step, office())
    assert case.status == status
    bar = queries.steps_of(case)
    assert [each.state for each in bar] == sorted((each.state for each in bar), key=["done", "now", "next"].index)
    assert sum(each.state == "now" for each in bar) == (0 if status == "concluded" else 1)


def test_a_complaint_goes_the_same_way_without_a_leader():
    case = case_at("concluded", office(), mailbox=False)
    assert case.process.key == "complaint"
    assert "reply.signed" not in kinds(case.file_stream_name)
    assert case.status == Case.Status.CONCLUDED


def test_a_round_that_finishes_leaves_its_fact():
    case = case_at("concluded", office())
    fact = CaseFact.objects.get(case=case)
    assert fact.reply_seconds == 6 * 3600
    # Received 9:30, answered 15:30: five hours of work and one of lunch.
    assert fact.reply_work_minutes == 300
    assert fact.on_time is True
    assert fact.satisfaction == 5
    assert fact.month == 202603
    assert fact.unit == case.unit
    assert fact.hops == 1


def test_a_refusal_names_its_ground_and_ends_the_case():
    by = office()
    case = case_at("received", by)
    actions.refuse_case(case_id=case.pk, version=case.version, by=by.ida, ground="Not the city's", route="The court")
    case.refresh_from_db()
    assert case.status == Case.Status.NOT_ACCEPTED
    told = Entry.objects.get(stream__name=case.stream_name, kind="case.refused")
    assert (told.data["ground"], told.data["route"]) == ("Not the city's", "The court")
    assert [each.code for each in queries.steps_of(case)] == ["received", "not_accepted"]


def test_a_question_stops_the_units_clock_and_the_answer_gives_the_time_back():
    by = office()
    case = case_at("signed", by)
    due = case.due_at
    actions.ask_citizen(case_id=case.pk, version=case.version, by=by.hana, question="Which entrance?", at=MONDAY + DAY)
    case.refresh_from_db()
    assert case.status == Case.Status.CLARIFY
    assert queries.clocks_of(case, MONDAY + 2 * DAY).paused
    assert queries.clocks_of(case, MONDAY + 2 * DAY).light == "none"
    assert "answer_question" in queries.allowed_actions(case, by.wang, MONDAY + DAY)
    assert [row.number for row in queries.todo(by.hana, "waiting").rows] == [case.number]
    actions.answer_question(case_id=case.pk, by=by.wang, text="The north one", at=MONDAY + 3 * DAY)
    case.refresh_from_db()
    assert case.status == Case.Status.IN_PROGRESS
    assert due is not None
    # The reply was due on Wednesday at 17:00; two working days were spent waiting.
    assert case.due_at == due + 2 * DAY
    assert case.promised_at == due
    task = Task.objects.get(case=case, status=Task.Status.OPEN)
    assert task.assignee == by.hana.person
    assert Pause.objects.get(case=case).ended_at == MONDAY + 3 * DAY
    clocks = queries.clocks_of(case, MONDAY + 3 * DAY)
    assert clocks.pauses[0].minutes == 2 * 420
    assert clocks.unit_minutes is not None
    assert clocks.citizen_seconds == 3 * 86400


def test_intake_may_ask_too_and_gets_the_case_back():
    by = office()
    case = case_at("received", by)
    actions.ask_citizen(case_id=case.pk, version=0, by=by.ida, question="Where?", at=MONDAY + HOUR)
    assert [row.number for row in queries.todo(by.ida, "waiting").rows] == [case.number]
    assert queries.case_for(by.ida, case.number) == case
    actions.answer_question(case_id=case.pk, by=by.wang, text="Here", at=MONDAY + 2 * HOUR)
    case.refresh_from_db()
    assert case.status == Case.Status.RECEIVED
    assert [row.number for row in queries.todo(by.ida, "units").rows] == [case.number]


def test_a_unit_that_is_not_competent_returns_the_case_with_a_reason_that_stays_inside():
    by = office()
    case = case_at("dispatched", by)
    actions.return_case(
        case_id=case.pk,
        version=case.version,
        by=by.hana,
        reason=CANARY,
        proposed_unit_id=by.water.pk,
        at=MONDAY + 5 * HOUR,
    )
    case.refresh_from_db()
    assert (case.status, case.unit, case.returns) == (Case.Status.RETURNED, None, 1)
    assert CANARY not in str([line.data for line in queries.timeline(case, by.wang)])
    assert CANARY in str([line.data for line in queries.timeline(case, by.dina)])
    actions.dispatch_case(case_id=case.pk, version=case.version, by=by.dina, unit_id=by.water.pk, at=MONDAY + 6 * HOUR)
    case.refresh_from_db()
    assert (case.unit, case.hops) == (by.water, 2)
    assert not queries.visible_to(by.hana).filter(pk=case.pk).exists()
    assert queries.visible_to(by.walt).filter(pk=case.pk).exists()


def test_a_reply_is_sent_back_worked_over_and_sent_back_again_by_the_leader():
    by = office()
    case = case_at("review", by)
    actions.send_back(case_id=case.pk, version=case.version, by=by.rita, reason=CANARY, at=MONDAY + 5 * HOUR)
    case.refresh_from_db()
    assert case.status == Case.Status.IN_PROGRESS
    actions.submit_reply(
        case_id=case.pk, version=case.version, by=by.hana, text="Better", outcome="partly", at=MONDAY + 6 * HOUR
    )
    case.refresh_from_db()
    actions.approve_reply(case_id=case.pk, version=case.version, by=by.rita, at=MONDAY + 7 * HOUR)
    case.refresh_from_db()
    actions.send_back(case_id=case.pk, version=case.version, by=by.lin, reason=CANARY, at=MONDAY + 8 * HOUR)
    case.refresh_from_db()
    assert case.status == Case.Status.IN_PROGRESS
    assert Reply.objects.get(case=case).state == Reply.State.SENT_BACK
    assert CANARY not in str([line.data for line in queries.timeline(case, by.wang)])
    assert Notice.objects.filter(person=by.hana.person, kind="office.reply.sent_back").count() == 2


def test_nobody_reviews_a_reply_of_their_own():
    by = office()
    from accounts.models import Role
    from tests import make
    from tests.engagement.cast import seen

    both = seen(make.official("hana", Role.REVIEWER, by.housing))
    case = case_at("review", by)
    with pytest.raises(rules.WrongStatus) as told:
        actions.approve_reply(case_id=case.pk, version=case.version, by=both)
    assert told.value.code == "four_eyes"


def test_the_secretary_signs_by_delegate_and_the_leader_may_change_the_words():
    by = office()
    case = case_at("to_sign", by)
    actions.sign_reply(
        case_id=case.pk, version=case.version, by=by.sek, text="In the mayor's words", at=MONDAY + 7 * HOUR
    )
    told = Entry.objects.get(stream__name=case.stream_name, kind="case.answered")
    assert told.data["text"] == "In the mayor's words"
    assert told.data["signed"] == {"name": "市长", "name_en": "Mayor"}
    for language, office_held in (("en", "Mayor"), ("zh-hans", "市长")):
        with override(language):
            signed = [line.by_label for line in queries.timeline(case, by.wang) if line.kind == "case.answered"]
        assert signed == [office_held]


def test_a_bad_rating_opens_another_round_and_the_first_one_counts():
    by = office()
    case = case_at("answered", by)
    actions.rate_case(case_id=case.pk, by=by.wang, score=1, words="Still stuck", at=MONDAY + DAY)
    case.refresh_from_db()
    assert (case.status, case.round, case.satisfaction) == (Case.Status.IN_PROGRESS, 2, None)
    assert CaseFact.objects.get(case=case).satisfaction == 1
    assert case.promised_at is not None
    assert case.promised_at > MONDAY + 7 * DAY
    assert Task.objects.get(case=case, status=Task.Status.OPEN).assignee == by.hana.person


def test_bad_ratings_do_not_turn_for_ever():
    by = office()
    case = case_at("answered", by)
    for round_ in (1, 2, 3):
        actions.rate_case(case_id=case.pk, by=by.wang, score=1, at=MONDAY + round_ * DAY)
        case.refresh_from_db()
        if round_ == 3:
            break
        known = {"case_id": case.pk, "at": MONDAY + round_ * DAY + HOUR}
        actions.submit_reply(version=case.version, by=by.hana, text="Again", outcome="solved", **known)
        actions.approve_reply(version=case.version + 1, by=by.rita, **known)
        actions.sign_reply(version=case.version + 2, by=by.lin, **known)
    assert case.status == Case.Status.CONCLUDED
    assert list(CaseFact.objects.order_by("round").values_list("round", "satisfaction")) == [(1, 1), (2, 1), (3, 1)]


def test_a_concluded_case_is_reopened_with_a_reason_and_dispatched_anew():
    by = office()
    case = case_at("concluded", by)
    actions.reopen_case(case_id=case.pk, by=by.wang, reason="It stopped again", at=MONDAY + 3 * DAY)
    case.refresh_from_db()
    assert (case.status, case.round, case.unit) == (Case.Status.ACCEPTED, 2, None)
    assert [row.number for row in queries.todo(by.dina, "unclaimed").rows] == [case.number]
    assert CaseFact.objects.filter(case=case).count() == 1


def test_it_cannot_be_reopened_after_the_time_for_it():
    by = office()
    case = case_at("concluded", by)
    with pytest.raises(rules.WrongStatus):
        actions.reopen_case(case_id=case.pk, by=by.wang, reason="Late", at=MONDAY + 40 * DAY)


@pytest.mark.parametrize("step", ORDER[:6])
def test_the_citizen_takes_the_case_back_at_any_step_before_the_answer(step):
    by = office()
    case = case_at(step, by)
    actions.withdraw_case(case_id=case.pk, by=by.wang, reason="Solved itself", at=MONDAY + 8 * HOUR)
    case.refresh_from_db()
    assert case.status == Case.Status.WITHDRAWN
    assert case.concluded_at is not None
    assert not Task.objects.filter(case=case, status=Task.Status.OPEN).exists()
    with pytest.raises(rules.WrongStatus):
        actions.withdraw_case(case_id=case.pk, by=by.wang)


def test_an_extension_needs_a_reason_stays_within_its_norm_and_is_told():
    by = office()
    case = case_at("signed", by)
    before = case.due_at
    known = {"case_id": case.pk, "version": case.version, "by": by.rita, "at": MONDAY + DAY}
    with pytest.raises(rules.BadInput):
        actions.extend_case(days=16, reason="Parts are missing", **known)
    with pytest.raises(rules.BadInput):
        actions.extend_case(days=3, reason="", **known)
    with pytest.raises(rules.WrongStatus):
        actions.extend_case(days=3, reason="x", **(known | {"by": by.hana}))
    actions.extend_case(days=3, reason="Parts are missing", **known)
    case.refresh_from_db()
    assert before is not None
    assert case.due_at == before + 5 * DAY
    assert case.promised_at == case.due_at
    assert Notice.objects.filter(person=by.wang.person, kind="case.extended").exists()


def test_the_handler_gives_it_to_a_colleague():
    by = office()
    case = case_at("signed", by)
    assert by.hugo.person is not None
    actions.transfer_case(case_id=case.pk, version=case.version, by=by.hana, person_id=by.hugo.person.pk)
    case.refresh_from_db()
    assert case.handler == by.hugo.person
    assert "submit_reply" in queries.allowed_actions(case, by.hugo)
    assert "submit_reply" not in queries.allowed_actions(case, by.hana)
    assert by.walt.person is not None
    with pytest.raises(rules.BadInput):
        actions.transfer_case(case_id=case.pk, version=case.version, by=by.hugo, person_id=by.walt.person.pk)


def test_internal_words_never_reach_the_citizen_on_any_stream_notice_or_timeline():
    by = office()
    case = case_at("received", by)
    at = MONDAY + HOUR
    actions.accept_case(case_id=case.pk, version=0, by=by.ida, at=at)
    actions.dispatch_case(case_id=case.pk, version=1, by=by.dina, unit_id=by.housing.pk, note=CANARY, at=at)
    actions.sign_for_case(case_id=case.pk, version=2, by=by.hana, at=at)
    actions.add_note(case_id=case.pk, by=by.hana, text=CANARY, at=at)
    actions.comment_case(case_id=case.pk, by=by.lin, text=CANARY, at=at)
    actions.save_draft(case_id=case.pk, by=by.hana, text=CANARY, at=at)
    actions.urge_case(case_id=case.pk, by=by.sven, words=CANARY, at=at)
    case.refresh_from_db()
    actions.submit_reply(case_id=case.pk, version=case.version, by=by.hana, text=CANARY, outcome="solved", at=at)
    case.refresh_from_db()
    actions.send_back(case_id=case.pk, version=case.version, by=by.rita, reason=CANARY, at=at)
    assert CANARY not in str(list(Entry.objects.filter(stream__name=case.stream_name).values_list("data", flat=True)))
    lines = queries.timeline(case, by.wang)
    assert CANARY not in str(lines)
    assert not any(line.internal for line in lines)
    assert not any("Hana" in line.by_label for line in lines)
    assert CANARY not in str(list(Notice.objects.filter(person=by.wang.person).values_list("title", flat=True)))
    assert str(queries.timeline(case, by.hana)).count(CANARY) >= 5
    assert queries.latest_reply(queries.standing(by.wang, case)) is None
    assert not queries.may_follow_file(by.wang, case.number)
    assert queries.may_follow_case(by.wang, case.number)


def test_each_step_tells_the_citizen_once():
    by = office()
    case_at("answered", by)
    told = Notice.objects.filter(person=by.wang.person).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["case.received", "case.accepted", "case.dispatched", "case.answered"]


def test_the_leader_is_told_of_a_reply_to_sign():
    by = office()
    case = case_at("to_sign", by)
    assert Notice.objects.filter(person=by.lin.person, kind="office.reply.to_sign").count() == 1
    assert [found.number for found, _reply in queries.to_sign(by.lin)] == [case.number]
    assert [found.number for found, _reply in queries.to_sign(by.sek)] == [case.number]
    assert queries.to_sign(by.hana) == []


def test_a_report_goes_to_the_integrity_unit_alone_and_its_words_are_sealed():
    by = office()
    iris, ivan = integrity()
    case = letter(by.wang, kind="report", title=CANARY, text=CANARY, place=CANARY).case
    assert case.confidential
    assert not case.public
    case.refresh_from_db()
    assert CANARY not in case.title + case.text + case.place
    assert CANARY not in str(list(Entry.objects.values_list("data", flat=True)))
    assert CANARY in queries.case_for(by.wang, case.number).text
    assert queries.case_for(iris, case.number).title == CANARY
    for other in (by.ida, by.dina, by.hana, by.lin, by.sek, by.sven, by.adam):
        with pytest.raises(rules.NotFound):
            queries.case_for(other, case.number)
    at = MONDAY + HOUR
    actions.sign_for_case(case_id=case.pk, version=0, by=iris, at=at)
    actions.add_note(case_id=case.pk, by=iris, text=CANARY, at=at)
    actions.submit_reply(case_id=case.pk, version=1, by=iris, text=CANARY, outcome="explained", at=at)
    actions.approve_reply(case_id=case.pk, version=2, by=ivan, at=at)
    assert CANARY not in str(list(Entry.objects.values_list("data", flat=True)))
    assert any(line.text == CANARY for line in queries.timeline(case, iris))
    assert [line.text for line in queries.timeline(case, by.wang) if line.kind == "case.answered"] == [CANARY]
    assert CANARY not in str(list(Notice.objects.values_list("title", flat=True)))
    contact = queries.contact_of(case, iris)
    assert contact is not None
    assert contact["name"] == "W***"
    assert actions.unmask_contact(case_id=case.pk, by=iris, reason="Interview", at=at)["name"] == "Wang"
    assert kinds(case.file_stream_name)[-1] == "contact.unmasked"


def test_a_report_cannot_be_filed_where_nobody_may_read_it():
    by = office()
    with pytest.raises(rules.BadInput) as told:
        letter(by.wang, kind="report")
    assert told.value.field == "kind"
