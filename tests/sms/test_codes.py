"""Six digits that show who holds a number."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.rules import BadInput, TooMany
from notices.models import Delivery
from sms import actions, queries
from sms.rules import WrongCode
from tests import make
from tests.notices import cast

pytestmark = pytest.mark.django_db


def code_sent() -> str:
    found = re.search(r"\b(\d{6})\b", cast.opened(Delivery.objects.latest("pk"))[1])
    assert found
    return found.group(1)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_confirms_the_number():
    wang = make.person("wang")
    assert actions.send_code(person=wang, phone="139 1234 5678") == "+8613912345678"
    assert queries.waiting_number(make.viewer(wang)) == "••• 5678"
    code = code_sent()
    assert actions.check_code(person=wang, code=f" {code[:3]} {code[3:]} ") == "+8613912345678"
    wang.refresh_from_db()
    assert wang.phone == "+8613912345678"


def test_a_code_works_once_and_only_for_its_person():
    wang, li = make.person("wang"), make.person("li")
    actions.send_code(person=wang, phone="13912345678")
    code = code_sent()
    with pytest.raises(WrongCode):
        actions.check_code(person=li, code=code)
    actions.check_code(person=wang, code=code)
    with pytest.raises(WrongCode):
        actions.check_code(person=wang, code=code)


def test_five_wrong_tries_end_a_code():
    wang = make.person("wang")
    actions.send_code(person=wang, phone="13912345678")
    code = code_sent()
    for _ in range(5):
        with pytest.raises(WrongCode):
            actions.check_code(person=wang, code=another(code))
    with pytest.raises(WrongCode):
        actions.check_code(person=wang, code=code)


def test_a_code_lives_ten_minutes():
    wang = make.person("wang")
    actions.send_code(person=wang, phone="13912345678")
    with pytest.raises(WrongCode):
        actions.check_code(person=wang, code=code_sent(), at=timezone.now() + timedelta(minutes=10, seconds=1))


def test_a_number_gets_five_codes_an_hour():
    for name in ("wang", "li", "zhao", "qian", "sun"):
        actions.send_code(person=make.person(name), phone="13912345678")
    with pytest.raises(TooMany):
        actions.send_code(person=make.person("zhou"), phone="+86 139-1234-5678")
    assert Delivery.objects.count() == 5


@pytest.mark.parametrize("phone", ["", "x", "123", "\x00", "1" * 1000, None, 7])
def test_what_is_no_number_is_refused(phone):
    with pytest.raises(BadInput):
        actions.send_code(person=make.person("wang"), phone=phone)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345x", "１２３４５６", None, "1" * 1000, "\x00"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(WrongCode):
        actions.check_code(person=make.person("wang"), code=code)


def test_the_page_leads_through_both_steps(client):
    wang = make.person("wang")
    client.force_login(wang)
    assert client.get("/my/phone/").status_code == 200
    assert client.post("/my/phone/", {"phone": "13912345678"}).status_code == 302
    assert "••• 5678" in client.get("/my/phone/").content.decode()
    assert client.post("/my/phone/", {"code": another(code_sent())}).status_code == 400
    assert client.post("/my/phone/", {"code": code_sent()}).status_code == 302
    wang.refresh_from_db()
    assert wang.phone == "+8613912345678"


def test_the_page_asks_for_a_sign_in(client):
    answer = client.get("/my/phone/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")
