"""Returns, ties, promises, points, reviews and callbacks."""

import pytest

from accounts.models import Role
from engagement import actions, queries
from engagement.models import Callback, Case, Promise, Return, Tie
from engagement.rules import BadInput, NotFound, WrongStatus
from journal.models import Entry
from notices.models import Notice
from tests import make
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, kinds, letter, office, seen

LATER = MONDAY + 6 * HOUR


def send(case, by, unit, at, note=""):
    return actions.dispatch_case(case_id=case.pk, version=None, by=by.dina, unit_id=unit.pk, note=note, at=at)


def around_office(case, by):
    """Return what the supervisor sees of the acts around the case."""
    return queries.acts_for_office(queries.standing(by.sven, case, LATER), queries.entries_for(case, by.sven))


def give_back(case, viewer, at, **more):
    return actions.return_case(case_id=case.pk, version=None, by=viewer, reason="Not ours.", at=at, **more)


@pytest.mark.django_db
def test_a_return_names_its_ground_and_the_chain_of_hops_is_seen():
    by = office()
    assert actions.load_grounds() == 6
    case = case_at("dispatched", by)
    with pytest.raises(BadInput):
        give_back(case, by.hana, LATER)
    with pytest.raises(BadInput):
        give_back(case, by.hana, LATER, ground="because")
    give_back(case, by.hana, LATER, ground="not-our-duty", proposed_unit_id=by.water.pk)
    case.refresh_from_db()
    assert queries.proposed_unit(queries.standing(by.dina, case, LATER)) == by.water.pk
    send(case, by, by.water, LATER + HOUR)
    found = Return.objects.get()
    assert (found.decision, found.decided_unit, found.binding) == ("other", by.water, False)
    hops = around_office(case, by).hops
    assert [hop.kind for hop in hops] == ["case.dispatched", "return.reasoned", "case.dispatched", "return.decided"]
    assert (hops[1].ground, hops[1].proposed) == ("Not among our duties", by.water.label) or hops[1].ground


@pytest.mark.django_db
def test_a_case_that_goes_to_and_fro_ends_with_a_decision_that_binds():
    by = office()
    case = case_at("dispatched", by)
    give_back(case, by.hana, LATER)
    send(case, by, by.water, LATER)
    give_back(case, by.walt, LATER + HOUR)
    assert Notice.objects.filter(kind="office.case.ping_pong", person=by.sven.person).count() == 1
    assert around_office(case, by).ping_pong or Case.objects.get(pk=case.pk).returns == 2
    # The very unit that gave it back gets it again only with words.
    with pytest.raises(BadInput):
        send(case, by, by.water, LATER + HOUR)
    case = send(case, by, by.water, LATER + HOUR, note="The pipe is yours.")
    assert Return.objects.order_by("-pk").first().binding
    assert "return_case" not in queries.allowed_actions(case, by.walt, LATER + HOUR)
    with pytest.raises(WrongStatus):
        give_back(case, by.walt, LATER + 2 * HOUR)
    # A supervisor is the arbiter of what was given back.
    third = case_at("dispatched", by, title="Third")
    give_back(third, by.hana, LATER)
    third.refresh_from_db()
    assert "dispatch_case" in queries.allowed_actions(third, by.sven, LATER)


@pytest.mark.django_db
def test_a_return_comes_in_time_or_not_at_all():
    by = office()
    case = case_at("signed", by)
    until = around_office(case, by).return_until
    # Two working days after the Monday of the dispatch.
    assert until == MONDAY.replace(hour=17, minute=0) + 2 * DAY
    assert "return_case" in queries.allowed_actions(case, by.hana, until)
    assert "return_case" not in queries.allowed_actions(case, by.hana, until + HOUR)


def matter(by, citizen, **more):
    from engagement.models import Category

    category, _new = Category.objects.get_or_create(code="lift", defaults={"name": "电梯", "name_en": "Lifts"})
    given = {"public": True, "place": "Building 7", "category": category, **more}
    return letter(citizen, by.mailbox, **given)


@pytest.mark.django_db
def test_neighbours_join_a_matter_keep_their_privacy_and_get_one_answer(settings):
    settings.JOIN_LEVELS = [2]
    by = office()
    lead = case_at("signed", by, public=True, place="Building 7")
    from engagement.models import Category

    category = Category.objects.create(code="lift", name="电梯", name_en="Lifts")
    Case.objects.filter(pk=lead.pk).update(category=category)
    offer = queries.matter_to_join(category, "Building 7", at=LATER)
    assert (offer.people, offer.place) == (1, "Building 7")
    assert lead.number not in offer.token
    assert queries.matter_to_join(category, "Building 8", at=LATER) is None
    joined = []
    for name in ("nina", "noah"):
        neighbour = seen(make.person(name))
        case = matter(by, neighbour, text=f"SECRET OF {name}").case
        actions.join_matter(case_id=case.pk, by=neighbour, offer=offer.token, at=LATER)
        joined.append((neighbour, Case.objects.get(pk=case.pk)))
    lead.refresh_from_db()
    assert (lead.joined, lead.level) == (2, 1)
    file = Entry.objects.filter(stream__name__endswith=lead.number)
    assert not file.filter(by__in=[neighbour.person for neighbour, _case in joined]).exists()
    assert Notice.objects.filter(kind="office.case.raised", person=by.sven.person).count() == 1
    nina, case = joined[0]
    assert case.status == Case.Status.MERGED
    assert queries.visible_to(nina).filter(pk=lead.pk).count() == 0
    assert queries.visible_to(by.wang).filter(pk=case.pk).count() == 0
    assert not case.tasks.filter(status="open").exists()
    with pytest.raises(NotFound):
        actions.join_matter(case_id=lead.pk, by=nina, offer=offer.token, at=LATER)
    with pytest.raises(NotFound):
        actions.join_matter(case_id=case.pk, by=nina, offer="forged", at=LATER)
    # The answer reaches everybody once, however often the worker runs.
    lead = actions.submit_reply(
        case_id=lead.pk, version=None, by=by.hana, text="All lifts run.", outcome="solved", at=LATER
    )
    actions.approve_reply(case_id=lead.pk, version=None, by=by.rita, at=LATER)
    actions.sign_reply(case_id=lead.pk, version=None, by=by.lin, at=LATER)
    assert actions.spread_answers(at=LATER) == 2
    assert actions.spread_answers(at=LATER) == 0
    case.refresh_from_db()
    assert (case.status, case.outcome, case.answered_at) == (Case.Status.ANSWERED, "solved", LATER)
    assert kinds(case.stream_name).count("case.answered") == 1
    assert Notice.objects.filter(kind="case.answered", person=nina.person).count() == 1
    actions.rate_case(case_id=case.pk, by=nina, score=5, at=LATER + HOUR)
    # Each is heard for themselves: a bad verdict opens the neighbour's own case again.
    noah, other = joined[1]
    other = actions.rate_case(case_id=other.pk, by=noah, score=1, words="It does not.", at=LATER + HOUR)
    assert (other.round, other.status) == (2, Case.Status.IN_PROGRESS)


@pytest.mark.django_db
def test_an_officer_merges_two_cases_and_splits_one():
    by = office()
    first, second = case_at("signed", by), case_at("signed", by, title="The same lift")
    with pytest.raises(BadInput):
        actions.merge_case(case_id=second.pk, version=second.version, by=by.hana, into=second.number, at=LATER)
    with pytest.raises(BadInput):
        actions.merge_case(case_id=second.pk, version=second.version, by=by.hana, into="ZZZZZZZZZZ", at=LATER)
    with pytest.raises(WrongStatus):
        actions.merge_case(case_id=second.pk, version=second.version, by=by.rita, into=first.number, at=LATER)
    merged = actions.merge_case(case_id=second.pk, version=second.version, by=by.hana, into=first.number, at=LATER)
    first.refresh_from_db()
    assert (merged.status, first.joined, merged.concluded_at) == (Case.Status.MERGED, 1, LATER)
    part = actions.split_case(
        case_id=first.pk, version=None, by=by.hana, title="The stairs", text="They are dark.", at=LATER
    )
    assert (part.citizen, part.status, part.access_hash) == (first.citizen, Case.Status.ACCEPTED, first.access_hash)
    assert Tie.objects.get(case=part).lead == first
    assert [each.pk for each in around_office(first, by).parts] == [part.pk]
    # The first one is taken back: the one merged into it leads from now on.
    actions.withdraw_case(case_id=first.pk, by=by.wang, at=LATER)
    merged.refresh_from_db()
    assert (merged.status, merged.joined) == (Case.Status.ACCEPTED, 0)
    assert merged.tasks.filter(status="open").count() == 1


@pytest.mark.django_db
def test_a_reply_calls_nothing_solved_that_is_still_promised():
    by = office()
    case = case_at("signed", by)
    actions.make_promise(case_id=case.pk, version=None, by=by.hana, words="New lift", due_at=LATER + 60 * DAY, at=LATER)
    known = {"case_id": case.pk, "version": None, "by": by.hana, "text": "It will be replaced.", "at": LATER}
    with pytest.raises(BadInput):
        actions.submit_reply(outcome=Case.Outcome.SOLVED, **known)
    assert actions.submit_reply(outcome=Case.Outcome.PLANNED, **known).status == Case.Status.IN_REVIEW


@pytest.mark.django_db
def test_a_promise_keeps_the_case_answered_and_not_solved_until_there_is_evidence():
    by = office()
    case, day = case_at("answered", by), MONDAY + 60 * DAY
    assert "rate_case" in queries.allowed_actions(case, by.wang, LATER)
    with pytest.raises(BadInput):
        actions.make_promise(case_id=case.pk, version=None, by=by.hana, words="New lift", due_at=MONDAY, at=LATER)
    actions.make_promise(case_id=case.pk, version=None, by=by.hana, words="A new lift", due_at=day, at=LATER)
    assert "rate_case" not in queries.allowed_actions(case, by.wang, LATER)
    assert queries.acts_for_citizen(queries.standing(by.wang, case, LATER))["promises"][0].words == "A new lift"
    # Nobody rates for thirty days: it is not concluded all the same.
    actions.fire_due_timers(at=MONDAY + 40 * DAY)
    case.refresh_from_db()
    assert case.status == Case.Status.ANSWERED
    promise = Promise.objects.get()
    actions.fire_due_acts(at=promise.yellow_at)
    assert Notice.objects.filter(kind="office.promise.yellow", person=by.hana.person).count() == 1
    actions.move_promise(case_id=case.pk, by=by.hana, due_at=day + DAY, reason="The part.", at=MONDAY + 50 * DAY)
    with pytest.raises(NotFound):
        actions.keep_promise(case_id=case.pk, by=by.walt, evidence="Done.", at=day)
    actions.keep_promise(case_id=case.pk, by=by.hana, evidence="It runs; see the photo.", at=day)
    case.refresh_from_db()
    assert "rate_case" in queries.allowed_actions(case, by.wang, day)
    actions.fire_due_timers(at=day + 29 * DAY)
    case.refresh_from_db()
    assert case.status == Case.Status.ANSWERED
    actions.fire_due_timers(at=day + 31 * DAY)
    case.refresh_from_db()
    assert case.status == Case.Status.CONCLUDED


@pytest.mark.django_db
def test_every_point_of_a_letter_gets_its_answer_before_the_reply_goes():
    by = office()
    case = case_at("signed", by)
    actions.itemise_case(case_id=case.pk, by=by.hana, points="Why is it stuck?\n\nWho pays?", at=LATER)
    reply = {"case_id": case.pk, "version": None, "by": by.hana, "text": "See the points.", "outcome": "explained"}
    with pytest.raises(BadInput, match=r"1(, |、)2"):
        actions.submit_reply(**reply, at=LATER)
    answer = {"position": 1, "state": "answered", "answer": "The motor."}
    for wrong in ({"answer": ""}, {"position": 9}, {"state": "maybe"}):
        with pytest.raises(BadInput):
            actions.answer_points(case_id=case.pk, by=by.hana, answers=[answer | wrong], at=LATER)
    second = {"position": 2, "state": "refused", "answer": "A matter of the contract (§ 3)."}
    actions.answer_points(case_id=case.pk, by=by.hana, answers=[answer, second], at=LATER)
    actions.submit_reply(**reply, at=LATER)
    actions.approve_reply(case_id=case.pk, version=None, by=by.rita, at=LATER)
    actions.sign_reply(case_id=case.pk, version=None, by=by.lin, at=LATER)
    told = next(line for line in queries.timeline(case, by.wang) if line.kind == "case.answered").data["points"]
    assert [(point["n"], point["state"]) for point in told] == [(1, "answered"), (2, "refused")]


@pytest.mark.django_db
def test_the_citizen_climbs_from_another_person_to_the_leader():
    by = office()
    case = case_at("answered", by)
    at = LATER + DAY
    other = seen(make.official("rosa", Role.REVIEWER, by.housing))
    actions.ask_review(case_id=case.pk, by=by.wang, reason="The lift still stands.", at=at)
    assert Notice.objects.filter(kind="office.review.asked", person=other.person).count() == 1
    # Rita let the reply pass: she is not another person.
    assert "decide_review" not in queries.allowed_actions(case, by.rita, at)
    with pytest.raises(WrongStatus):
        actions.ask_review(case_id=case.pk, by=by.wang, reason="Hurry.", at=at)
    decided = {"case_id": case.pk, "version": None, "words": "We looked again."}
    actions.decide_review(by=other, decision="upheld", at=at, **decided)
    case.refresh_from_db()
    assert case.status == Case.Status.ANSWERED
    actions.ask_review(case_id=case.pk, by=by.wang, reason="Not for me.", at=at)
    # Lin signed the reply herself, so the supervisor decides in her place, and is the one who is told.
    assert "decide_review" not in queries.allowed_actions(case, by.lin, at)
    told = Notice.objects.filter(kind="office.review.asked")
    assert (told.filter(person=by.lin.person).count(), told.filter(person=by.sven.person).count()) == (0, 1)
    case = actions.decide_review(by=by.sven, decision="redone", at=at, **decided)
    assert (case.round, case.unit) == (2, None)
    assert kinds(case.stream_name)[-2:] == ["review.decided", "case.reopened"]


@pytest.mark.django_db
def test_a_callback_is_planned_coded_and_opens_the_case_again_when_nothing_is_solved():
    by = office()
    caller = seen(make.official("carl", Role.CALLBACK_OFFICER, by.city))
    contact = {"name": "Wang", "phone": "13800001111", "email": "", "wants": "none"}
    case = case_at("answered", by, contact=contact)
    case_at("answered", by)
    call = Callback.objects.get()
    assert queries.callbacks_due(caller, MONDAY + 2 * DAY)[1] == 1
    assert queries.callbacks_due(by.hana, MONDAY + 2 * DAY) == ([], 0)
    with pytest.raises(NotFound):
        actions.record_callback(callback_id=call.pk, by=by.hana, result="solved", at=MONDAY + 2 * DAY)
    with pytest.raises(BadInput):
        actions.record_callback(callback_id=call.pk, by=caller, result="probably", at=MONDAY + 2 * DAY)
    actions.record_callback(callback_id=call.pk, by=caller, result="unreached", at=MONDAY + 2 * DAY)
    assert queries.callbacks_due(caller, MONDAY + 2 * DAY)[1] == 0
    actions.record_callback(callback_id=call.pk, by=caller, result="unsolved", score=2, at=MONDAY + 3 * DAY)
    case.refresh_from_db()
    assert (case.round, case.status) == (2, Case.Status.ACCEPTED)
    with pytest.raises(WrongStatus):
        actions.record_callback(callback_id=call.pk, by=caller, result="solved", at=MONDAY + 3 * DAY)
