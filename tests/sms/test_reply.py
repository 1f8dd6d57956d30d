"""A citizen answers the SMS about a case: the words reach the case by the signed code, once, whoever sent them."""

from typing import Any

import pytest

from accounts.viewers import Viewer
from engagement.actions import file_case
from engagement.models import Case
from journal.models import Entry
from notices.rules import reply_code
from sms import actions, queries, rules
from tests import make

pytestmark = pytest.mark.django_db
WORDS = "The lift stands still again."


@pytest.fixture
def case() -> Case:
    make.unit("city", name="明湖市政府", name_en="City Government")
    return file_case(
        viewer=Viewer(), kind="help_request", title="Lift stuck", text="It has been stuck for two weeks now.",
        channel="form", language="en", contact={"name": "Wang Min", "phone": "", "email": "", "wants": ""},
    ).case  # fmt: skip


def receive(body: str, sid: str = "SM" + "a" * 32, sender: str = "+8613912345678") -> None:
    raw: dict[str, Any] = {"From": sender, "To": "+15005550006", "Body": body}
    actions.store_inbound(kind=rules.INCOMING, provider_id=sid, status=rules.RECEIVED, raw=raw)
    actions.process_inbound()


def added(case: Case) -> list[str]:
    return [entry.data["text"] for entry in Entry.objects.filter(stream__name=case.stream_name, kind="case.added")]


def test_a_reply_with_the_code_is_added_to_its_case(case):
    receive(f"{WORDS} {reply_code(case.number)}")
    assert not queries.parked().exists()
    assert len(added(case)) == 1


def test_chinese_may_follow_the_code_without_a_space(case):
    receive(f"{reply_code(case.number)}是东侧那部电梯")
    assert added(case) == ["是东侧那部电梯"]


def test_a_repeated_or_reprocessed_reply_is_added_once(case):
    for _ in range(3):
        receive(f"{WORDS} {reply_code(case.number)}")
    assert actions.process_inbound() == 0
    assert len(added(case)) == 1


@pytest.mark.parametrize("forged", ["#{number}-AAAAAAAA", "#{number}", "{number}", ""])
def test_without_the_right_code_nothing_reaches_the_case(case, forged):
    receive(f"{WORDS} {forged.format(number=case.number)}")
    assert added(case) == []
    assert queries.parked().get().error == "no valid reply code"


def test_a_code_for_a_case_that_is_gone_is_parked():
    receive(f"{WORDS} {reply_code('ZZZZZZZZZZ')}")
    assert queries.parked().count() == 1


def test_a_code_without_words_is_parked(case):
    receive(reply_code(case.number))
    assert added(case) == []
    assert queries.parked().get().error == "no words"
