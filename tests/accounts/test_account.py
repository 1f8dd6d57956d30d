""" "My account" and the mails about it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import actions
from accounts.models import Person
from accounts.rules import BadInput, TooMany
from accounts.sealing import unseal
from notices.models import CONTEXT, Delivery
from tests import make
from tests.notices.cast import opened

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
NEW = "another-battery-staple"
DETAILS = {
    "details-name": "Wang Fang", "details-nickname": "Fang", "details-phone": "", "details-language": "en",
    "details-email": "wang@example.org",
}  # fmt: skip


@pytest.fixture
def wang(client):
    person = make.person("wang")
    client.force_login(person, backend="accounts.backends.PersonBackend")
    return person


def link(kind):
    body = unseal(Delivery.objects.latest("pk").body, CONTEXT).decode()
    return re.search(rf"http://[^/]+(/{kind}/\S+)", body)[1]


@pytest.mark.parametrize("path", ["/account/"])
def test_it_asks_strangers_to_sign_in(client, path):
    assert client.get(path)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", ["details", "password", "sign-out-everywhere", "erase"])
def test_changes_need_a_post_and_a_person(client, wang, path):
    assert client.get(f"/account/{path}/").status_code == 405
    client.logout()
    assert client.post(f"/account/{path}/")["Location"].startswith("/sign-in/")


def test_it_shows_and_changes_details(client, wang):
    assert "wang@example.org" in client.get("/account/").text
    assert client.post("/account/details/", DETAILS).status_code == 302
    wang.refresh_from_db()
    assert (wang.name, wang.nickname) == ("Wang Fang", "Fang")
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("phone", "abc"), ("language", "fr"), ("nickname", "x" * 41)]
)
def test_it_refuses_details_that_cannot_be_used(client, wang, field, value):
    assert client.post("/account/details/", {**DETAILS, f"details-{field}": value}).status_code == 400
    wang.refresh_from_db()
    assert wang.name == "Wang"


def test_a_new_address_counts_once_its_owner_confirms(client, wang):
    client.post("/account/details/", {**DETAILS, "details-email": "new@EXAMPLE.org"})
    wang.refresh_from_db()
    assert wang.email == "wang@example.org"
    path = link("account/email")
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    wang.refresh_from_db()
    assert wang.email == "new@example.org"


def test_a_strangers_box_is_not_filled_and_learns_no_name(wang):
    for _ in range(5):
        actions.ask_to_confirm(person_id=wang.pk, email="stranger@example.org")
    with pytest.raises(TooMany):
        actions.ask_to_confirm(person_id=make.person("li").pk, email="Stranger@example.org")
    assert wang.name not in opened(Delivery.objects.latest("pk"))[1]


def test_an_address_that_somebody_has_cannot_be_confirmed(client, wang):
    make.person("li")
    actions.ask_to_confirm(person_id=wang.pk, email="li@example.org")
    assert client.post(link("account/email")).status_code == 400
    assert client.post("/account/email/forged:token:x/").status_code == 400


def test_a_new_password_keeps_this_session_and_ends_the_others(client, wang, django_user_model):
    other = type(client)()
    other.force_login(wang, backend="accounts.backends.PersonBackend")
    given = {"password-before": make.PASSWORD, "password-password": NEW, "password-again": NEW}
    assert client.post("/account/password/", {**given, "password-before": "wrong"}).status_code == 400
    assert client.post("/account/password/", given).status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_signing_out_everywhere_ends_every_session(client, wang):
    other = type(client)()
    other.force_login(wang, backend="accounts.backends.PersonBackend")
    client.post("/account/sign-out-everywhere/")
    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_forgotten_password_is_set_by_mail(client):
    person = make.person("wang")
    assert client.post("/reset/", {"email": "WANG@example.org"}).status_code == 200
    assert Delivery.objects.count() == 1
    path = link("reset")
    form = client.get(path)["Location"]
    assert client.post(form, {"password": "short", "again": "short"}).status_code == 400
    assert client.post(form, {"password": NEW, "again": NEW}).status_code == 302
    person.refresh_from_db()
    assert person.check_password(NEW)
    # A link works once.
    assert client.get(path).status_code == 400


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(client):
    make.person("wang")
    asked, pages = [], []
    for name in ("wang", "none"):
        with CaptureQueriesContext(connection) as captured:
            pages.append(
                client.post("/reset/", {"email": f"{name}@example.org"}, headers=ENGLISH).text.replace(name, "NAME")
            )
        asked.append([query["sql"].split()[0] for query in captured])
    assert pages[0] == pages[1]
    # Nor does the time: both wait for the same statements, and so for one commit.
    assert asked[0] == asked[1]
    told = Delivery.objects.latest("pk")
    assert unseal(told.address, CONTEXT) == b"none@example.org"
    assert "no account" in unseal(told.body, CONTEXT).decode()


@pytest.mark.parametrize("path", ["/reset/AAAA/x-y/", "/reset/%00/x/", "/reset/OTk5OTk5OTk5OTk5OTk5OTk5OTk/x-y/"])
def test_a_forged_link_opens_nothing(client, path):
    assert client.get(path).status_code == 400


def test_the_sixth_mail_to_one_address_within_an_hour_is_refused(client):
    make.person("wang")
    for _ in range(5):
        assert client.post("/reset/", {"email": "wang@example.org"}).status_code == 200
    assert client.post("/reset/", {"email": "wang@example.org"}).status_code == 429
    assert Delivery.objects.count() == 5


def test_erasing_asks_for_the_password_and_leaves_no_trace_of_who_it_was(client, wang):
    assert client.get("/account/data/").status_code == 200
    assert client.post("/account/erase/", {"erase-before": "wrong", "erase-sure": "on"}).status_code == 400
    assert client.post("/account/erase/", {"erase-before": make.PASSWORD}).status_code == 400
    assert client.post("/account/erase/", {"erase-before": make.PASSWORD, "erase-sure": "on"}).status_code == 200
    row = Person.objects.values().get(pk=wang.pk)
    assert not row["is_active"]
    assert "wang" not in str(row).lower()
    assert client.get("/account/").status_code == 302


def test_an_official_is_not_erased_before_the_post_ends(client, wang):
    make.official("wang")
    given = {"erase-before": make.PASSWORD, "erase-sure": "on"}
    assert client.post("/account/erase/", given).status_code == 409


def test_an_erased_account_is_not_opened_again(wang):
    actions.erase_person(person_id=wang.pk)
    with pytest.raises(Exception, match=r"erased|已"):
        actions.set_active(person_id=wang.pk, active=True)


def test_a_confirming_link_of_last_week_is_spent(wang):
    with pytest.raises(BadInput):
        actions.confirm_email(token="x")
