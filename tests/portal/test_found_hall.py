"""Founding a hall on an empty database."""

from functools import partial

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, Unit
from accounts.queries import person_by_login
from accounts.viewers import person_viewer
from engagement.models import Calendar, Process
from tests.wiki.cast import STARTER
from wiki.knowledge.actions import load_handbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("OPENHALL_ADMIN_PASSWORD", "a-long-first-password")


@pytest.fixture
def _small_handbook(monkeypatch):
    """Laying the thirty pages that are shipped takes longest, and one test does."""
    monkeypatch.setattr("portal.management.commands.found_hall.load_handbook", partial(load_handbook, starter=STARTER))


def test_it_makes_the_city_its_calendar_the_processes_and_an_administrator(capsys):
    call_command("found_hall", "root", name="青石市", name_en="Qingshi")
    assert Unit.objects.get().name == "青石市"
    assert Calendar.objects.get().unit == Unit.objects.get()
    assert {"letter", "complaint"} <= set(Process.objects.values_list("key", flat=True))
    person = person_by_login("root")
    assert person is not None
    assert person.check_password("a-long-first-password")
    assert person_viewer(person).holds(Role.ADMINISTRATOR)


@pytest.mark.usefixtures("_small_handbook")
def test_a_second_run_changes_nothing():
    call_command("found_hall", "root", name="青石市")
    before = (Unit.objects.count(), Calendar.objects.count(), Process.objects.count())
    call_command("found_hall", "root", name="another")
    assert (Unit.objects.count(), Calendar.objects.count(), Process.objects.count()) == before


@pytest.mark.usefixtures("_small_handbook")
def test_a_weak_password_founds_nothing(monkeypatch):
    monkeypatch.setenv("OPENHALL_ADMIN_PASSWORD", "12345")
    with pytest.raises(CommandError):
        call_command("found_hall", "root", name="青石市")
    assert not Unit.objects.exists()
    assert not Calendar.objects.exists()


def test_a_city_without_a_name_is_refused():
    with pytest.raises(CommandError, match="--name"):
        call_command("found_hall", "root", name="")
