"""To-do lists, their counts and pages; published letters; suggested categories; the set-up pages."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.viewers import Viewer
from engagement import actions, queries, rules
from engagement.models import CannedReply, Case, Category, Publication, Task
from search.models import Document
from tests import make
from tests.engagement.cast import DAY, HOUR, MONDAY, case_at, integrity, kinds, letter, office

pytestmark = pytest.mark.django_db


def numbers(viewer: Viewer, tab: str, **asked: object) -> list[str]:
    return [row.number for row in queries.todo(viewer, tab, **asked).rows]  # type: ignore[arg-type]


def test_each_list_holds_what_is_to_be_done_there():
    by = office()
    fresh, sent, signed = (case_at(step, by).number for step in ("received", "dispatched", "signed"))
    to_sign = case_at("to_sign", by).number
    assert numbers(by.ida, "units") == numbers(by.ida, "unclaimed") == [fresh]
    assert numbers(by.hana, "mine") == [signed]
    assert numbers(by.hugo, "mine") == []
    assert sorted(numbers(by.hugo, "units")) == sorted([sent, signed])
    assert numbers(by.hugo, "unclaimed") == [sent]
    assert numbers(by.lin, "mine") == [to_sign]
    assert numbers(by.sek, "units") == [to_sign]
    for viewer in (by.wang, by.walt, by.adam, by.sven, Viewer()):
        assert [numbers(viewer, tab) for tab in ("mine", "units", "unclaimed", "waiting")] == [[]] * 4


def test_counts_say_how_many_are_open_yellow_and_red():
    by = office()
    for minutes in (0, 30, 200):
        letter(by.wang, by.mailbox, at=MONDAY + timedelta(minutes=minutes))
    at = MONDAY + timedelta(minutes=130)
    found = queries.counts(by.ida, at)
    assert (found["units"].open, found["units"].yellow, found["units"].red) == (3, 1, 1)
    assert (found["mine"].open, found["unclaimed"].open, found["waiting"].open) == (0, 3, 0)


def test_a_tab_is_counted_up_to_a_limit_and_says_so(monkeypatch):
    by = office()
    for minutes in range(5):
        letter(by.wang, by.mailbox, at=MONDAY + timedelta(minutes=minutes))
    # Intake has two hours from 9:30 for each of these: two are overdue, the others nearly.
    at = MONDAY + timedelta(minutes=121, seconds=30)
    found = queries.counts(by.ida, at)["units"]
    assert (found.open, found.yellow, found.red, found.cut) == (5, 3, 2, False)
    monkeypatch.setattr(import_module("engagement.queries.todo"), "COUNTED", 3)
    found = queries.counts(by.ida, at)["units"]
    # The overdue come first by due time: they are all there.
    assert (found.open, found.red, found.cut) == (3, 2, True)


def test_pages_follow_one_another_without_gap_or_repeat(django_assert_max_num_queries):
    by = office()
    make.official("ida", Role.DISPATCHER, by.city)
    assert by.ida.person is not None
    both = make.viewer(by.ida.person)
    for number in range(7):
        case = letter(by.wang, by.mailbox, at=MONDAY + timedelta(minutes=number // 2)).case
        if number % 2:
            actions.accept_case(case_id=case.pk, version=0, by=both, at=MONDAY + HOUR)
    seen, after = [], ""
    while True:
        with django_assert_max_num_queries(4):
            page = queries.todo(both, "units", after=after, limit=3)
        seen += page.rows
        after = page.next
        if not after:
            break
    assert len(seen) == len({row.number for row in seen}) == 7
    dues = [row.due_at for row in seen]
    assert dues == sorted(due for due in dues if due)
    assert queries.todo(both, "units", after="nonsense' OR 1=1").rows
    assert queries.todo(both, "units", after="9999-99-99T99:99_1").rows


def test_filters_narrow_the_list():
    by = office()
    category = Category.objects.create(code="lift", name="电梯")
    actions.place_category(category=category)
    one = letter(by.wang, by.mailbox, title="Lift stuck", category=category).case.number
    two = letter(by.wang, by.mailbox, title="Water dirty", kind="enquiry", at=MONDAY + HOUR).case.number
    at = MONDAY + timedelta(minutes=100)
    assert numbers(by.ida, "units", filters={"words": "water"}) == [two]
    assert numbers(by.ida, "units", filters={"words": one.lower()}) == [one]
    assert numbers(by.ida, "units", filters={"kind": "enquiry"}) == [two]
    assert numbers(by.ida, "units", filters={"category": "lift"}) == [one]
    assert numbers(by.ida, "units", filters={"light": "yellow"}, at=at) == [one]
    assert numbers(by.ida, "units", filters={"light": "green"}, at=at) == [two]
    assert numbers(by.ida, "units", filters={"status": "accepted"}) == []
    assert numbers(by.ida, "units", filters={"mailbox": "mayor", "light": "purple"}) == [one, two]
    with pytest.raises(rules.BadInput):
        queries.todo(by.ida, "units", filters={"words": "\0"})


def test_after_a_step_the_next_case_comes_to_the_front():
    by = office()
    first = letter(by.wang, by.mailbox).case
    second = letter(by.wang, by.mailbox, at=MONDAY + HOUR).case
    assert queries.next_todo(by.ida, first, "units") == second.number
    assert queries.next_todo(by.ida, second, "units") == first.number
    Task.objects.filter(case=second).delete()
    assert queries.next_todo(by.ida, first, "units") is None


def test_reports_stand_in_the_list_of_the_integrity_unit_only_with_their_own_title():
    by = office()
    iris, _ivan = integrity()
    case = letter(by.wang, kind="report", title="Bribe at the counter").case
    assert [row.title for row in queries.todo(iris, "unclaimed").rows] == ["Bribe at the counter"]
    assert case.number not in numbers(by.ida, "units") + numbers(by.hana, "units")


def published(by: object, **changed: object) -> Case:
    case = case_at("answered", by, public=True, **changed)  # type: ignore[arg-type]
    words = {"title": "Lift repaired", "text": "A lift was stuck.", "reply": "It runs again."}
    actions.prepare_publication(case_id=case.pk, by=by.hana, at=MONDAY + DAY, **words)  # type: ignore[attr-defined]
    return case


def test_a_letter_is_public_once_a_second_person_approves_its_copy():
    by = office()
    case = published(by)
    assert not queries.published().rows
    with pytest.raises(rules.WrongStatus):
        actions.approve_publication(case_id=case.pk, by=by.hana)
    actions.approve_publication(case_id=case.pk, by=by.rita, at=MONDAY + DAY)
    row = queries.published(words="stuck").rows[0]
    assert (row.number, row.letter.reply) == (case.number, "It runs again.")
    assert row.snippet_html == "A lift was <mark>stuck</mark>."
    assert queries.published_letter(case.number).title == "Lift repaired"
    found = Document.objects.get(room="case", ref=case.number)
    assert "two weeks" not in found.text + found.title
    assert kinds(case.stream_name)[-1] == "case.published"
    actions.unpublish(case_id=case.pk, by=by.rita)
    assert not Document.objects.exists()
    with pytest.raises(rules.NotFound):
        queries.published_letter(case.number)


def test_the_second_person_may_say_no():
    by = office()
    case = published(by)
    actions.refuse_publication(case_id=case.pk, by=by.sek, reason="A name stands in it")
    assert not Publication.objects.exists()


def test_what_the_citizen_wants_private_and_what_is_not_answered_cannot_be_published():
    by = office()
    words = {"title": "x", "text": "x", "reply": "x"}
    for case in (case_at("answered", by), case_at("signed", by, public=True)):
        with pytest.raises(rules.RuleBroken):
            actions.prepare_publication(case_id=case.pk, by=by.hana, **words)


def test_published_letters_are_filtered_and_paged():
    by = office()
    for _number in range(3):
        case = published(by)
        actions.approve_publication(case_id=case.pk, by=by.rita, at=MONDAY + DAY)
    page = queries.published(by.mailbox, limit=2)
    assert len(page.rows) == 2
    rest = queries.published(by.mailbox, limit=2, after=page.after)
    assert len(rest.rows) == 1
    assert not rest.after
    assert queries.published(unit="housing", year="2026", leader="mayor").rows
    assert not queries.published(unit="water").rows
    assert not queries.published(year="x").rows
    assert queries.letter_choices()["unit"] == [("housing", make.unit("housing").label)]
    found = queries.published(words="lift", unit="housing", year="2026", leader="mayor", limit=2)
    assert (len(found.rows), bool(found.after)) == (2, True)
    more = queries.published(words="lift", unit="housing", year="2026", leader="mayor", limit=2, after=found.after)
    assert (len(more.rows), more.after) == (1, "")
    assert {row.number for row in (*found.rows, *more.rows)} == {row.number for row in (*page.rows, *rest.rows)}
    for none in ({"unit": "city"}, {"year": "2025"}, {"leader": "nobody"}, {"category": "nothing"}):
        assert not queries.published(words="lift", **none).rows


def test_a_category_is_suggested_by_its_words_its_name_and_earlier_titles():
    by = office()
    water = Category.objects.create(code="1", name="供水", name_en="Water", words="水质\n停水")
    lift = Category.objects.create(code="2", name="电梯", name_en="Lifts")
    noise = Category.objects.create(code="3", name="环境", name_en="Environment")
    assert queries.suggest_category("我家水质发黄,请处理") == [water]
    assert queries.suggest_category("小区电梯坏了") == [lift]
    assert queries.suggest_category("") == []
    assert queries.suggest_category("1234567") == []
    for _number in range(5):
        letter(by.wang, title="夜间施工噪音扰民", category=noise)
    from django.core.cache import cache

    cache.clear()
    assert queries.suggest_category("楼下夜间噪音很大") == [noise]


def test_prepared_answers_come_from_the_units_of_the_viewer():
    by = office()
    everywhere = CannedReply.objects.create(title="B", text="x", language="en")
    own = CannedReply.objects.create(title="A", text="x", language="zh-hans", unit=by.housing)
    CannedReply.objects.create(title="C", text="x", unit=by.water)
    assert queries.canned_replies(by.hana, "en") == [everywhere, own]
    assert queries.canned_replies(by.wang) == []


def test_the_letter_of_the_day_is_the_same_all_day():
    by = office()
    for _number in range(4):
        letter(by.wang, by.mailbox, at=timezone.now())
    today = timezone.localdate()
    found = queries.letter_of_the_day(by.lin, today, queries.mailboxes_of(by.lin))
    assert found is not None
    assert queries.letter_of_the_day(by.lin, today, queries.mailboxes_of(by.lin)) == found
    assert queries.letter_of_the_day(by.hana, today, queries.mailboxes_of(by.hana)) is None


@pytest.mark.parametrize("model", ["category", "mailbox", "calendar", "calendarday", "cannedreply"])
def test_the_set_up_pages_open_for_an_administrator(model):
    by = office()
    actions.seed_calendar("city", [2026])
    client = Client()
    assert by.adam.person is not None
    client.force_login(by.adam.person, "accounts.backends.PersonBackend")
    assert client.get(f"/admin/engagement/{model}/").status_code == 200
    assert client.get(f"/admin/engagement/{model}/add/").status_code == 200
    assert client.get("/admin/engagement/case/").status_code == 404
