"""Coming in, going out, making an account."""

from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import Person
from tests import make

pytestmark = pytest.mark.django_db
URL = "/sign-in/"


def sign_in(client, login, password=make.PASSWORD, **more):
    return client.post(URL, {"username": login, "password": password, **more})


@pytest.mark.parametrize("login", ["wang", "wang@example.org", "WANG@example.org", "138 0013 8000"])
def test_it_lets_in_by_name_address_or_number(client, login):
    person = make.person("wang")
    Person.objects.filter(pk=person.pk).update(phone="13800138000")
    answer = sign_in(client, login)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_number_that_two_persons_share_opens_nothing(client):
    make.person("wang"), make.person("li")
    Person.objects.update(phone="13800138000")
    assert sign_in(client, "13800138000").status_code == 400


@pytest.mark.parametrize("login", ["wang", "nobody", "a\0b", "x" * 254, "<script>"])
def test_it_answers_wrong_passwords_and_unknown_names_alike(client, login):
    make.person("wang")
    answer = sign_in(client, login, "wrong-password")
    assert answer.status_code == 400
    assert "_auth_user_id" not in client.session


def test_it_refuses_a_closed_account(client):
    make.person("wang")
    Person.objects.update(is_active=False)
    assert sign_in(client, "wang").status_code == 400


def test_the_sixth_wrong_try_is_locked_out_by_account(client):
    make.person("wang")
    for _ in range(4):
        assert sign_in(client, "wang", "wrong-password").status_code == 400
    assert sign_in(client, "wang", "wrong-password").status_code == 429
    answer = sign_in(client, "wang@example.org")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"


def test_the_twenty_first_try_is_refused_by_address(client):
    for number in range(20):
        assert sign_in(client, f"nobody{number}", "wrong-password").status_code == 400
    make.person("wang")
    assert sign_in(client, "wang").status_code == 429


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_leads_only_to_pages_of_ours(client, wanted):
    make.person("wang")
    assert sign_in(client, "wang", next=wanted)["Location"] == reverse("portal:home")


def test_it_leads_to_where_somebody_wanted_to_go(client):
    make.person("wang")
    assert sign_in(client, "wang", next="/account/")["Location"] == "/account/"


def test_signing_out_needs_a_post_and_ends_the_session(client):
    client.force_login(make.person("wang"), backend="accounts.backends.PersonBackend")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert "_auth_user_id" not in client.session


FORM = {
    "name": "王芳",
    "username": "wangfang",
    "password": make.PASSWORD,
    "again": make.PASSWORD,
    "email": "",
    "phone": "",
}


def test_a_citizen_makes_an_account_and_is_in(client):
    assert client.post("/sign-up/", {**FORM, "phone": "+86 138-0013-8000"}).status_code == 302
    person = Person.objects.get(username="wangfang")
    assert (person.name, person.phone, person.email) == ("王芳", "+8613800138000", "")
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 81), ("name", "a\0b"), ("username", "no spaces"), ("username", "ab"),
        ("username", "x" * 61), ("password", "short"), ("password", "1234567890123"), ("again", "different-password"),
        ("email", "not an address"), ("phone", "call me"), ("phone", "1" * 31),
    ],
)  # fmt: skip
def test_it_refuses_what_cannot_be_used(client, field, value):
    assert client.post("/sign-up/", {**FORM, field: value}).status_code == 400
    assert not Person.objects.exists()


def test_a_taken_user_name_is_said_so(client):
    make.person("wangfang")
    answer = client.post("/sign-up/", FORM, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "This user name is taken." in answer.text


def test_a_taken_address_gives_the_same_answer_as_a_free_one(client):
    make.person("owner")
    free = client.post("/sign-up/", {**FORM, "email": "free@example.org"})
    client.post("/sign-out/")
    taken = client.post("/sign-up/", {**FORM, "username": "other", "email": "owner@example.org"})
    assert (free.status_code, free["Location"]) == (taken.status_code, taken["Location"])
    assert not Person.objects.get(username="other").email


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-up/", "/reset/"])
def test_the_forms_are_shown_in_both_languages(client, path):
    for language in ("zh-hans", "en"):
        answer = client.get(path, headers={"accept-language": language})
        assert answer.status_code == 200
        assert "csrfmiddlewaretoken" in answer.text


def test_sessions_that_have_run_out_go_and_no_address_is_kept_of_a_sign_in(client):
    make.person("wang")
    Session.objects.create(session_key="of-last-month", session_data="", expire_date=timezone.now() - timedelta(days=1))
    sign_in(client, "wang")
    assert actions.retain() == 1
    assert client.get("/account/").status_code == 200
    assert not AccessLog.objects.exists()
