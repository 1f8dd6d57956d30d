"""Who is in the city of the matrix, as whom one asks, and the marks that must reach nobody but their readers."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from accounts.models import Person, Role
from accounts.viewers import GRANTS, VISITOR, Viewer, person_viewer
from tests import make

CANARIES = {
    "letter": "CANARYLETTER quokka",
    "note": "CANARYNOTE wombat",
    "draft": "CANARYDRAFT numbat",
    "contact": "CANARYCONTACT",
    "phone": "+8613900007788",
    "report": "CANARYREPORT dugong",
    "private": "CANARYPRIVATE bilby",
    "talk": "CANARYTALK potoroo",
    "hidden": "CANARYHIDDEN pademelon",
    "whisper": "CANARYWHISPER bettong",
    "room": "CANARYROOM bandicoot",
    "unscreened": "CANARYUNSCREENED dunnart",
}


class Browser(RequestFactory):
    """A test client that keeps no record of rendered templates and shares one handler: the matrix asks often."""

    handler = ClientHandler(enforce_csrf_checks=False)

    def request(self, **environ: Any) -> Any:
        """Return the answer of the whole house, middleware included."""
        return self.handler(self._base_environ(**environ))


@dataclass
class World:
    """Who is there (`people`, `grants`) and what (`objects`: route parameters by kind, `missing`: of nothing)."""

    people: dict[str, Person | None] = field(default_factory=dict)
    grants: dict[str, list[str]] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, dict[str, Any]] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, role: str) -> Browser:
        """Return a browser of the role, signed in and with the grants of its session."""
        client = Browser(headers={"accept-language": "en"})
        if role not in self.sessions:
            self.sessions[role] = self._signed_in(role)
        if self.sessions[role]:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def _signed_in(self, role: str) -> str:
        client, person = Client(), self.people[role]
        if person is not None:
            client.force_login(person, backend="accounts.backends.PersonBackend")
            return client.cookies[settings.SESSION_COOKIE_NAME].value
        if not self.grants.get(role):
            return ""
        session = client.session
        session[GRANTS], session[VISITOR] = self.grants[role], f"{role}-key-of-sixteen"
        session.save()
        return str(session.session_key)

    def viewer(self, role: str) -> Viewer:
        """Return the viewer that the role is."""
        person = self.people[role]
        if person is not None:
            return person_viewer(person)
        keys = self.grants.get(role, [])
        return Viewer(grants=frozenset(keys), visitor=f"{role}-key-of-sixteen" if keys else "", language="en")

    def add(self, kind: str, missing: dict[str, Any], **parameters: Any) -> None:
        """Note an object of the kind and how one that does not exist would be asked for."""
        self.objects[kind], self.missing[kind] = parameters, missing

    def id_of(self, role: str) -> int:
        """Return the id of the person who holds the role."""
        person = self.people[role]
        assert person is not None
        return person.pk


def people(world: World) -> None:
    city = make.unit("city", name="明湖市政府", name_en="City Government")
    housing, transport = make.unit("housing"), make.unit("transport")
    integrity = make.unit(settings.INTEGRITY_UNIT)
    posts = {
        "intake": (Role.INTAKE_OFFICER, city),
        "dispatcher": (Role.DISPATCHER, city),
        "handler": (Role.HANDLER, housing),
        "reviewer": (Role.REVIEWER, housing),
        "other_handler": (Role.HANDLER, transport),
        "integrity": (Role.HANDLER, integrity),
        "integrity_reviewer": (Role.REVIEWER, integrity),
        "leader": (Role.LEADER, city),
        "secretary": (Role.SECRETARY, city),
        "other_leader": (Role.LEADER, transport),
        "supervisor": (Role.SUPERVISOR, city),
        "other_supervisor": (Role.SUPERVISOR, transport),
        "officer": (Role.DUTY_OFFICER, city),
        "other_officer": (Role.DUTY_OFFICER, transport),
        "moderator": (Role.MODERATOR, city),
        "callback": (Role.CALLBACK_OFFICER, city),
        "auditor": (Role.AUDITOR, city),
    }
    world.people = {"visitor": None, "coded": None, "talker": None}
    world.people |= {name: make.person(name) for name in ("citizen", "stranger", "reporter")}
    world.people |= {name: make.official(name, role, at) for name, (role, at) in posts.items()}
    chief = make.official("administrator", Role.ADMINISTRATOR, city)
    world.people["administrator"] = chief
    root = make.person("root")
    Person.objects.filter(pk=root.pk).update(is_staff=True, is_superuser=True)
    world.people["root"] = Person.objects.get(pk=root.pk)
