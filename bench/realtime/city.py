"""Prepares a database for the benchmark: 500 talks, each with the sessions of its visitor and its officer.

    DJANGO_SETTINGS_MODULE=bench.realtime.settings python -m bench.realtime.city TALKS

prints {"rooms": […], "sessions": […]}: for each talk its stream twice, the visitor's session and the officer's.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from importlib import import_module
from typing import Any

import django


def main(count: int) -> dict[str, list[str]]:
    """Migrate, then make what the talks need."""
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import Role
    from accounts.viewers import become_visitor
    from messaging.models import Desk, Talk

    call_command("migrate", verbosity=0)
    now, officers = timezone.now(), []
    unit = _unit()
    desk = Desk.objects.create(slug="bench", unit=unit, name="Bench", languages=["en"])
    # Ten talks in one hand, so that an officer's sockets are many but not all.
    for number in range(count // 10):
        person = _person(f"officer-{number}")
        person.posts.create(unit=unit, role=Role.DUTY_OFFICER, since=now)
        officers.append((person, _session(person)))
    talks, rooms, sessions = [], [], []
    for number in range(count):
        officer, officers_session = officers[number // 10]
        visitor = _store()
        become_visitor(visitor)
        visitor.create()
        talk = _talk(Talk, desk, officer, f"B{number:09}", f"visitor-{visitor['visitor']}", now)
        talks.append(talk)
        rooms += [talk.stream_name] * 2
        sessions += [str(visitor.session_key), officers_session]
    Talk.objects.bulk_create(talks)
    return {"rooms": rooms, "sessions": sessions}


def _talk(model: Any, desk: Any, officer: Any, number: str, opened_by: str, at: datetime) -> Any:
    return model(
        number=number, desk=desk, officer=officer, opened_by=opened_by, language="en", status="open",
        requested_at=at, taken_at=at, first_reply_at=at,
    )  # fmt: skip


def _unit() -> Any:
    from accounts.actions import place_unit

    return place_unit(code="bench", name="Bench", name_en="Bench", kind="city")


def _person(username: str) -> Any:
    from accounts.models import Person

    return Person.objects.create(username=username, name=username)


def _store() -> Any:
    from django.conf import settings

    return import_module(settings.SESSION_ENGINE).SessionStore()


def _session(person: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = _store()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PersonBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
