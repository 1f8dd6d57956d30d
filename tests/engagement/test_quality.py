"""Sampled quality checks: drawn by a kept seed, judged by two who do not see each other, settled where they differ."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import Role
from engagement import actions, queries
from engagement.models import Case, Judgement, QualityCheck, Sampled
from engagement.queries.quality import population
from engagement.rules import BadInput, NotFound, NotYours, WrongStatus, quality
from journal.models import Entry
from notices.models import Notice
from tests import make
from tests.engagement.cast import DAY, MONDAY, case_at, integrity, kinds, letter, office, seen

LATER = MONDAY + 30 * DAY
CODES = ("points", "substance", "grounds", "plain", "contact")
GOOD = dict.fromkeys(CODES, "met")


def judges(by):
    actions.load_criteria()
    cora = seen(make.official("cora", Role.CALLBACK_OFFICER, by.city))
    sam = seen(make.official("sam", Role.SUPERVISOR, by.city))
    return cora, sam


def begun(by, one, two, beginner=None, **changed):
    given = {
        "by": beginner or by.sven, "unit_id": by.city.pk, "first": date(2026, 3, 1), "last": date(2026, 3, 31),
        "each": 2, "one": one.person.pk, "two": two.person.pk, "token": "t" * 32, "at": LATER,
    }  # fmt: skip
    return actions.begin_check(**(given | changed))


def test_kappa_is_cohens_and_a_seed_draws_the_same_again():
    # Cohen's own kind of table: 45 and 15 alike, 25 and 15 apart; p = .60, e = .54.
    pairs = [("met", "met")] * 45 + [("met", "missed")] * 15 + [("missed", "met")] * 25 + [("missed", "missed")] * 15
    assert quality.agreement(pairs) == (60, 100, 0.13)
    assert quality.agreement([("met", "met")] * 3) == (3, 3, None)
    assert quality.agreement([]) == (0, 0, None)
    cases = {1: list(range(50)), 2: [7]}
    drawn = quality.draw(cases, 3, "seed")
    assert drawn == quality.draw({unit: list(reversed(each)) for unit, each in cases.items()}, 3, "seed")
    assert (len(drawn[1]), drawn[2]) == (3, [7])
    assert any(quality.draw(cases, 3, f"seed {n}") != drawn for n in range(3))


@pytest.mark.django_db
def test_two_judge_apart_and_a_third_decides_where_they_differ():
    by = office()
    cora, sam = judges(by)
    cases = [case_at("concluded", by) for _number in range(3)]
    case_at("answered", by)
    check = begun(by, by.sven, cora, third=sam.person.pk)
    assert begun(by, by.sven, cora, third=sam.person.pk) == check
    assert check.strata == [{"unit": by.housing.pk, "of": 3, "drawn": 2}]
    again = quality.draw({by.housing.pk: [case.pk for case in cases]}, 2, check.seed)
    assert list(check.sample.values_list("case", flat=True)) == again[by.housing.pk]
    assert Notice.objects.filter(kind="office.quality.begun").count() == 2
    own = {"check_id": check.pk, "position": 1, "at": LATER}
    differs = GOOD | {"grounds": "partly"}
    actions.judge_sampled(by=by.sven, marks=GOOD, words="A clear reply.", **own)
    # The other sees neither marks nor words before judging; nor does the third, nor any entry.
    for viewer in (cora, sam):
        place = queries.place_for(queries.check_for(viewer, check.pk), viewer, 1)
        assert (place.state, list(place.judgements)) == ("open", [])
    assert queries.results_of(check)[1].judged == 0
    told = str(list(Entry.objects.filter(stream__name=check.stream_name).values_list("data", flat=True)))
    assert "met" not in told
    with pytest.raises(NotYours):
        actions.judge_sampled(by=sam, marks=GOOD, **own)
    with pytest.raises(WrongStatus):
        actions.settle_sampled(by=sam, marks=GOOD, **own)
    with pytest.raises(WrongStatus):
        actions.judge_sampled(by=by.sven, marks=differs, **own)
    for wrong in ({}, GOOD | {"grounds": "great"}, GOOD | {"more": "met"}, [GOOD], None):
        with pytest.raises(BadInput):
            actions.judge_sampled(by=cora, marks=wrong, **own)
    actions.judge_sampled(by=cora, marks=differs, **own)
    assert Notice.objects.get(kind="office.quality.differed").person == sam.person
    seen_now = queries.place_for(queries.check_for(sam, check.pk), sam, 1)
    assert (seen_now.state, seen_now.to_do, len(seen_now.judgements)) == ("differs", True, 2)
    with pytest.raises(NotYours):
        actions.settle_sampled(by=cora, marks=GOOD, **own)
    actions.settle_sampled(by=sam, marks=differs, words="The ordinance is missing.", **own)
    for viewer in (by.sven, cora):
        actions.judge_sampled(by=viewer, check_id=check.pk, position=2, marks=GOOD, at=LATER)
    check.refresh_from_db()
    assert check.finished_at == LATER
    lines, total = queries.results_of(check)
    assert (total.of, total.drawn, total.judged, total.same, total.pairs) == (3, 2, 2, 9, 10)
    assert lines[0].met["grounds"] == (1, 2)
    assert kinds(check.stream_name)[-3:] == ["quality.judged", "quality.settled", "quality.finished"]
    with pytest.raises(NotFound):
        queries.check_for(by.hana, check.pk)


@pytest.mark.django_db
def test_without_a_third_the_two_settle_it_together_and_nobody_judges_their_own():
    by = office()
    cora, _sam = judges(by)
    case_at("concluded", by)
    hers = case_at("concluded", by, title="Hers")
    Case.objects.filter(pk=hers.pk).update(handler=cora.person)
    for wrong in (
        {"third": by.sven.person.pk}, {"third": by.hana.person.pk}, {"each": 0}, {"last": date(2026, 2, 1)},
        {"first": date(2026, 6, 1), "last": date(2026, 6, 30)}, {"token": "x"},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            begun(by, by.sven, cora, **({"token": "w" * 32} | wrong))
    with pytest.raises(NotFound):
        begun(by, by.sven, cora, by.hana)
    assert not QualityCheck.objects.exists()
    check = begun(by, by.sven, cora)
    assert check.strata == [{"unit": by.housing.pk, "of": 1, "drawn": 1}]
    own = {"check_id": check.pk, "position": 1, "at": LATER}
    partly = GOOD | {"plain": "partly"}
    actions.judge_sampled(by=by.sven, marks=GOOD, **own)
    actions.judge_sampled(by=cora, marks=partly, **own)
    actions.settle_sampled(by=cora, marks=partly, words="Too many abbreviations.", **own)
    # One alone cannot settle it, however often they say it.
    assert actions.settle_sampled(by=cora, marks=partly, **own).settled == ""
    done = actions.settle_sampled(by=by.sven, marks=partly, **own)
    assert (done.settled, done.marks) == (Sampled.Settled.TOGETHER, partly)
    assert Judgement.objects.get(reviewer=by.sven.person).marks == GOOD


@pytest.mark.django_db
def test_reports_are_sampled_by_their_own_unit_alone_and_only_marks_are_kept():
    by = office()
    judges(by)
    iris, ivan = integrity()
    ilse = seen(make.official("ilse", Role.HANDLER, make.unit("integrity")))
    report = letter(by.wang, kind="report", title="A bribe", text="He took it.", channel="form").case
    Case.objects.filter(pk=report.pk).update(
        status="concluded", answered_at=MONDAY + DAY, concluded_at=MONDAY + 2 * DAY, handler=iris.person
    )
    days = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}
    assert population(by.city, secret=False, without=[], **days) == {}
    with pytest.raises(BadInput):
        begun(by, ivan, seen(by.sven.person), ivan, unit_id=make.unit("integrity").pk)
    check = begun(by, ivan, ilse, ivan, unit_id=make.unit("integrity").pk)
    assert check.confidential
    with pytest.raises(NotFound):
        queries.check_for(by.sven, check.pk)
    with pytest.raises(BadInput):
        actions.judge_sampled(by=ilse, check_id=check.pk, position=1, marks=GOOD, words="He did.", at=LATER)
    client = Client(headers={"accept-language": "en"})
    client.force_login(ilse.person, backend="accounts.backends.PersonBackend")
    assert "A bribe" in client.get(f"/checks/{check.pk}/1/").content.decode()
    client.force_login(by.sven.person, backend="accounts.backends.PersonBackend")
    assert client.get(f"/checks/{check.pk}/1/").status_code == 404


@pytest.mark.django_db
def test_a_check_is_begun_and_judged_on_its_pages():
    by = office()
    cora, _sam = judges(by)
    case_at("concluded", by)
    client = Client(headers={"accept-language": "en"})
    client.force_login(by.sven.person, backend="accounts.backends.PersonBackend")
    assert "Draw a sample" in client.get("/checks/").content.decode()
    Case.objects.update(concluded_at=MONDAY)
    asked = {
        "first": "2026-03-01", "last": "2026-03-31", "each": "3", "token": "f" * 32,
        "one": by.sven.person.pk, "two": cora.person.pk, "third": "",
    }  # fmt: skip
    assert client.post("/checks/new/", asked | {"each": "99"}).status_code == 422
    made = client.post("/checks/new/", asked)
    assert (made.status_code, QualityCheck.objects.count()) == (302, 1)
    place = made.headers["Location"] + "1/"
    sheet = client.get(place).content.decode()
    assert "The lift was repaired on Monday." in sheet
    assert "Thank you" not in sheet
    assert client.post(place, {"points": "met"}).status_code == 422
    assert client.post(place, GOOD | {"words": "Good."}).headers["Location"] == made.headers["Location"]
    client.force_login(cora.person, backend="accounts.backends.PersonBackend")
    assert "Good." not in client.get(place).content.decode()
    client.post(place, GOOD)
    assert "5/5" in client.get(made.headers["Location"]).content.decode()


@pytest.mark.django_db
def test_the_table_of_criteria_is_kept_on_a_page_and_words_that_were_judged_by_stay():
    by = office()
    cora, _sam = judges(by)
    client = Client()
    client.force_login(by.adam.person, backend="accounts.backends.PersonBackend")
    given = {
        "code": "tone",
        "name": "语气",
        "name_en": "Tone",
        "question": "语气好吗？",
        "position": "9",
        "active": "on",
    }
    assert client.post("/checks/criteria/", given).status_code == 302
    assert "Tone" in client.get("/checks/criteria/?code=tone").content.decode()
    for wrong in ({"code": "Tone!"}, {"name": ""}, {"question": "x" * 301}, {"position": "-1"}):
        assert client.post("/checks/criteria/", given | wrong).status_code == 422
    assert client.post("/checks/criteria/", given | {"question": "礼貌吗？"}).status_code == 302
    case_at("concluded", by)
    assert begun(by, by.sven, cora).criteria == [*CODES, "tone"]
    # Marks mean what the question said: from now on it only moves or goes out of use.
    told = client.post("/checks/criteria/", given | {"question": "快吗？"})
    assert (told.status_code, queries.criteria_of(["tone"])[0].question) == (422, "礼貌吗？")
    out = {name: value for name, value in given.items() if name != "active"} | {"question": "礼貌吗？"}
    assert client.post("/checks/criteria/", out).status_code == 302
    assert begun(by, by.sven, cora, token="u" * 32).criteria == list(CODES)
    with pytest.raises(NotFound):
        actions.save_criterion(by=by.sven, code="speed", name="Speed", question="Fast?")
