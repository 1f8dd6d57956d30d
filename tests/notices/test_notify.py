"""Telling somebody: the notice, its words, its deliveries, once."""

import pytest
from django.db import transaction

from journal.models import Entry
from journal.rules import OutsideTransaction
from notices import queries, rules
from notices.actions import notify
from notices.models import Delivery, Notice
from tests import make
from tests.notices import cast

pytestmark = pytest.mark.django_db


def tell(**changes):
    given = {
        "entry": cast.entry(),
        "kind": "test.told",
        "context": {"step": "accepted & sent"},
        "url": "/cases/K7QM2FXP9T/",
    }
    with transaction.atomic():
        return notify(**{**given, **changes})


def test_it_writes_the_notice_its_mail_and_the_badge():
    wang = make.person("wang")
    notice = tell(person=wang)
    assert (notice.title, notice.reader, notice.url) == (
        "Your letter moved on",
        f"person-{wang.pk}",
        "/cases/K7QM2FXP9T/",
    )
    delivery = Delivery.objects.get()
    address, body = cast.opened(delivery)
    assert (delivery.channel, delivery.state, address) == ("email", "pending", "wang@example.org")
    assert "Minghu City: accepted & sent" in body
    assert "http://127.0.0.1:8000/cases/K7QM2FXP9T/" in body
    badge = Entry.objects.get(stream__name=f"person-{wang.pk}")
    assert (badge.kind, badge.data) == ("notice.made", {"kind": "test.told", "unread": 1})


def test_a_mail_that_adds_nothing_says_itself_what_it_is_about():
    tell(person=make.person("wang"), kind="test.bare")
    _address, body = cast.opened(Delivery.objects.get())
    assert body.startswith("Hello,\n\nYour letter moved on\n\nhttp://127.0.0.1:8000/cases/K7QM2FXP9T/\n")


def test_address_and_words_are_sealed_in_the_database():
    tell(person=make.person("wang"))
    delivery = Delivery.objects.get()
    assert b"wang@" not in bytes(delivery.address)
    assert b"accepted" not in bytes(delivery.body)


def test_a_repeat_changes_nothing():
    wang, entry = make.person("wang"), cast.entry()
    assert tell(person=wang, entry=entry) == tell(person=wang, entry=entry)
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)
    assert Entry.objects.filter(stream__name=f"person-{wang.pk}").count() == 1


def test_it_speaks_the_recipients_language():
    wang = make.person("wang")
    wang.language = "zh-hans"
    notice = tell(person=wang)
    assert notice.title == "您的来信有新进展"
    assert "明湖市" in cast.opened(Delivery.objects.get())[1]


def test_it_sends_only_by_the_channels_asked_for_that_have_an_address():
    wang = make.person("wang")
    tell(person=wang, channels=("email", "sms"))
    assert [row.channel for row in Delivery.objects.all()] == ["email"]
    wang.phone = "139 1234 5678"
    tell(person=wang, channels=("sms",))
    delivery = Delivery.objects.get(channel="sms")
    address, body = cast.opened(delivery)
    assert address == "+8613912345678"
    assert body.startswith("Minghu City: accepted & sent http://127.0.0.1:8000/cases/K7QM2FXP9T/ #K7QM2FXP9T-")


def test_somebody_without_an_account_is_told_by_address_and_case():
    notice = tell(reader="case-K7QM2FXP9T", email="li@example.org", language="en")
    assert (notice.person, notice.reader) == (None, "case-K7QM2FXP9T")
    assert cast.opened(Delivery.objects.get())[0] == "li@example.org"
    assert not Entry.objects.filter(kind="notice.made").exists()


def test_somebody_who_is_gone_is_not_told():
    wang = make.person("wang")
    wang.is_active = False
    assert tell(person=wang) is None
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b c", "a@example.org\r\nBcc: x@example.org", "a@b@c.org", "a,b@c.org"]
)
def test_a_broken_address_gets_a_notice_but_no_mail(address):
    assert tell(reader="case-K7QM2FXP9T", email=address)
    assert not Delivery.objects.exists()


def test_it_refuses_a_kind_without_words():
    with pytest.raises(rules.NoTemplate):
        tell(person=make.person("wang"), kind="test.unheard")
    wang = make.person("li")
    wang.phone = "+447700900123"
    with pytest.raises(rules.NoTemplate):
        tell(person=wang, kind="test.mail-only", channels=("sms",))


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "cases/1/"])
def test_it_refuses_a_link_that_leaves_the_site(url):
    with pytest.raises(ValueError, match="not a path"):
        tell(person=make.person("wang"), url=url)


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_run_apart_from_its_cause():
    entry, wang = cast.entry(), make.person("wang")
    with pytest.raises(OutsideTransaction):
        notify(entry=entry, kind="test.told", person=wang)


@pytest.mark.django_db(transaction=True)
def test_it_vanishes_with_its_cause():
    wang = make.person("wang")
    with transaction.atomic():
        notify(entry=cast.entry(), kind="test.told", person=wang)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("13912345678", "+8613912345678"),
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("(139) 1234-5678", "+8613912345678"),
        ("12345", ""),
        ("", ""),
        ("+1\x00234567890", ""),
        ("abc", ""),
        ("+" + "1" * 40, ""),
    ],
)
def test_numbers_are_written_as_providers_want_them(number, dialled):
    assert rules.dialable(number) == dialled


def test_a_reply_code_names_its_case_and_cannot_be_made_up():
    code = rules.reply_code("K7QM2FXP9T")
    assert rules.case_of_reply(f"Thank you {code} the lift still stands") == (
        "K7QM2FXP9T",
        "Thank you  the lift still stands",
    )
    assert rules.case_of_reply(code.lower() + " hi") == ("K7QM2FXP9T", "hi")
    for forged in ("#K7QM2FXP9T-AAAAAAAA", "#K7QM2FXP9U" + code[11:], "K7QM2FXP9T", "", "#-"):
        assert rules.case_of_reply(forged)[0] == ""


def test_only_the_person_may_follow_the_own_stream():
    wang, li = make.person("wang"), make.person("li")
    assert queries.may_follow_person(make.viewer(wang), str(wang.pk))
    assert not queries.may_follow_person(make.viewer(li), str(wang.pk))
    assert not queries.may_follow_person(make.viewer(li), "nonsense")
