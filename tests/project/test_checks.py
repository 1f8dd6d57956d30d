"""An unsafe start is refused, in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project import checks
from project.environment import one_of

ROOT = Path(__file__).resolve().parent.parent.parent


def ids(found: list) -> set[str]:
    return {message.id for message in found}


def test_a_laptop_may_run_everything(settings):
    settings.ALLOWED_HOSTS, settings.DEBUG, settings.DEMO = ["127.0.0.1", "localhost"], True, True
    assert checks.check_modes(None) == []


def test_debug_and_the_demo_are_refused_where_others_can_reach_them(settings):
    settings.ALLOWED_HOSTS, settings.DEBUG, settings.DEMO = ["hall.example.org"], True, True
    assert ids(checks.check_modes(None)) == {"openhall.E002", "openhall.E003", "openhall.W001"}


def test_a_star_for_hosts_is_refused(settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert "openhall.E001" in ids(checks.check_modes(None))


@pytest.mark.parametrize("secret", ["short", "a" * 60, "change-me-change-me-change-me-change-me"])
def test_secrets_that_can_be_guessed_are_refused(settings, secret):
    settings.SECRET_KEY = secret
    assert ids(checks.check_secrets(None)) == {"openhall.E004"}


def test_the_secrets_we_make_ourselves_are_good_enough():
    assert checks.check_secrets(None) == []


def test_a_provider_without_a_token_is_refused(settings):
    settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN = "AC1", ""
    assert ids(checks.check_secrets(None)) == {"openhall.E005"}


def test_a_mail_password_never_travels_readable(settings, monkeypatch):
    settings.SMTP_HOST, settings.SMTP_PASSWORD, settings.SMTP_TLS = "mail.example.org", "geheim", "none"
    assert ids(checks.check_secrets(None)) == {"openhall.E009"}
    settings.SMTP_TLS = "starttls"
    assert checks.check_secrets(None) == []
    monkeypatch.setenv("OPENHALL_SMTP_TLS", "startls")
    with pytest.raises(ImproperlyConfigured):
        one_of("OPENHALL_SMTP_TLS", ("none", "starttls", "tls"))


@pytest.mark.django_db
def test_a_database_that_may_forget_is_refused(settings):
    from django.db import connection

    settings.ACCEPT_LOSS = False
    if connection.vendor == "sqlite":
        assert checks.check_durability(None, ["default"]) == []
        settings.ACCEPT_LOSS = True
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert "openhall.E007" in ids(checks.check_durability(None, ["default"]))


def test_nothing_is_a_default_outside_the_demo(tmp_path):
    code = "from project import settings as s; print(s.DEBUG, s.DEMO, '*' in s.ALLOWED_HOSTS, s.CARRIERS['email'])"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("OPENHALL_")}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**bare, "OPENHALL_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["False", "False", "False", "notices.carriers.mail.Mail"]


@pytest.mark.parametrize("value", ["yes", "true", "2", "on"])
def test_a_switch_takes_only_0_and_1(tmp_path, value):
    told = subprocess.run(
        [sys.executable, "-c", "import project.settings"],
        cwd=ROOT,
        env={**os.environ, "OPENHALL_DATA_DIR": str(tmp_path), "OPENHALL_DEMO": value},
        capture_output=True,
        text=True,
    )
    assert "OPENHALL_DEMO must be 0 or 1" in told.stderr


def test_a_house_as_the_documents_describe_it_has_nothing_to_complain_about(tmp_path):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("OPENHALL_")}
    house = {
        "OPENHALL_DATA_DIR": str(tmp_path), "OPENHALL_HOSTS": "hall.example.org", "OPENHALL_BEHIND_PROXY": "1",
        "OPENHALL_PUBLIC_URL": "https://hall.example.org", "OPENHALL_TRUSTED_PROXIES": "1",
    }  # fmt: skip
    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env={**bare, **house}, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "no issues" in told.stdout


def test_a_start_warns_when_all_visitors_would_share_the_proxys_limits(settings):
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), 0
    assert "openhall.W002" in ids(checks.check_modes(None))
    settings.TRUSTED_PROXIES = 1
    assert "openhall.W002" not in ids(checks.check_modes(None))


@pytest.mark.django_db
def test_a_new_database_has_nobody_who_could_sign_in():
    from accounts.models import Person

    assert not Person.objects.exists()
