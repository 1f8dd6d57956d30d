"""A nickname is one person's, however its letters are dressed up, and never an office's."""

import pytest

from accounts.actions import change_details, erase_person
from accounts.models import Person
from accounts.nicknames import key_of
from accounts.rules import BadInput
from tests import make

pytestmark = pytest.mark.django_db


def named(username: str, nickname: str) -> Person:
    person = make.person(username)
    return change_details(person_id=person.pk, name="Somebody", nickname=nickname, phone="", language="en")


def test_names_that_look_alike_are_one():
    assert key_of("Wang l") == key_of("Ｗáng 1") == key_of("w-а-n-g I") == key_of("wang|")
    assert len({key_of("小王"), key_of("小玉"), key_of("wang"), key_of("")}) == 4


def test_it_refuses_what_somebody_has_and_what_sounds_official():
    make.unit("housing")
    named("li", "Old Wang")
    assert named("li", "Old Wang").nickname == "Old Wang"
    taken = ("old wang", "ＯＬＤ ＷＡＮＧ", "0ld Wаng")
    official = ("HOUSING", "市政府小王", "adm1n", "The Mayor", "Citizen A1B2", "市民 0f3c", "官方 发布")
    for nickname in (*taken, *official, "☆☆☆", "13812345678", "me@example.org"):
        with pytest.raises(BadInput) as refused:
            named("chen", nickname)
        assert refused.value.field == "nickname", nickname
    for nickname in ("Badminton fan", "河边的老陈", ""):
        assert named("chen", nickname).nickname == nickname
    erase_person(person_id=make.person("li").pk)
    assert named("chen", "Old Wang").nickname == "Old Wang"
