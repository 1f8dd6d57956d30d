"""A small city in which every role holds its post and every kind of object exists, with canaries where few may look.

The matrix (tests/test_matrix.py) walks through it as each role. Everything is made by the rooms' own actions.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Person, Role
from accounts.viewers import GRANTS, VISITOR, Viewer, person_viewer
from tests import make

# A word that search finds, and a mark that must reach nobody but its readers.
CANARIES = {
    "letter": "CANARYLETTER quokka",
    "note": "CANARYNOTE wombat",
    "draft": "CANARYDRAFT numbat",
    "contact": "CANARYCONTACT",
    "phone": "+8613900007788",
    "report": "CANARYREPORT dugong",
    "private": "CANARYPRIVATE bilby",
    "talk": "CANARYTALK potoroo",
}


@dataclass
class World:
    """Who is there (`people`, `grants`) and what (`objects`: route parameters by kind, `missing`: of nothing)."""

    people: dict[str, Person | None] = field(default_factory=dict)
    grants: dict[str, list[str]] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, dict[str, Any]] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """Return a browser of the role, signed in and with the grants of its session."""
        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        if role not in self.sessions:
            self.sessions[role] = self._signed_in(role)
        if self.sessions[role]:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def _signed_in(self, role: str) -> str:
        client, person = Client(), self.people[role]
        if person is not None:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
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


def build() -> World:
    """Make the city, its people, and one of everything."""
    world = World()
    _people(world)
    _cases(world)
    _talk(world)
    _forum(world)
    _wiki(world)
    _notice(world)
    _admin(world)
    for name, stream in world.streams.items():
        prefix = stream.partition("-")[0]
        world.add(f"stream-{name}", {"stream": f"{prefix}-ZZZZZZZZZZ"}, stream=stream)
    nonsense = dict.fromkeys(("token", "uid", "signed"), "nonsense")
    world.add("nonsense", dict.fromkeys(nonsense, "rubbish"), **nonsense)
    # Every session begins before the first question, so that each answer's changes can be taken back whole.
    for role in world.people:
        world.client(role)
    return world


def _people(world: World) -> None:
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


def _act(world: World, name: str) -> Viewer:
    return world.viewer(name)


def _cases(world: World) -> None:
    """A private letter being worked on, a confidential report, another citizen's complaint, and a published letter."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from engagement import actions
    from engagement.models import Attachment, Case, Mailbox

    actions.load_processes()
    box = Mailbox.objects.create(
        slug="mayor", title="市长", title_en="Mayor", unit=make.unit("city"), leader=world.people["leader"]
    )
    world.add("mailbox", {"slug": "nobody"}, slug=box.slug)
    contact = {"name": CANARIES["contact"], "phone": CANARIES["phone"], "email": "", "wants": "none"}
    nameless = {"name": "", "phone": "", "email": "", "wants": "none"}

    lift = SimpleUploadedFile("lift.txt", b"parties only", "text/plain")

    def file(by: str, kind: str, title: str, text: str, **more: Any) -> Case:
        asked = {"channel": "form", "language": "en", "contact": nameless, **more}
        return actions.file_case(viewer=_act(world, by), kind=kind, title=title, text=text, **asked).case

    letter = file(
        "citizen", "enquiry", "The lift stands still", f"It has stood still for weeks. {CANARIES['letter']}",
        channel="letter", mailbox=box, contact=contact, files=[lift],
    )  # fmt: skip
    letter = _to_housing(world, letter)
    handler = _act(world, "handler")
    office = SimpleUploadedFile("office.txt", b"office only", "text/plain")
    actions.add_note(case_id=letter.pk, by=handler, text=CANARIES["note"], files=[office])
    actions.save_draft(case_id=letter.pk, by=handler, text=CANARIES["draft"])
    report = file("reporter", "report", "About an inspector", CANARIES["report"])
    private = file("stranger", "complaint", "Noise at night", CANARIES["private"])
    for kind, case in (("case", letter), ("report", report), ("private", private)):
        world.add(kind, {"number": "ZZZZZZZZZZ"}, number=case.number)
        for verb, slug in (("note", "add-note"), ("comment", "comment-case")):
            world.add(f"{kind}-{verb}", {"number": "ZZZZZZZZZZ", "slug": slug}, number=case.number, slug=slug)
        world.streams[kind], world.streams[f"{kind}-file"] = case.stream_name, case.file_stream_name
    for audience, kind in ((Attachment.Audience.PARTIES, "file"), (Attachment.Audience.OFFICE, "office-file")):
        found = Attachment.objects.get(case=letter, audience=audience)
        world.add(kind, {"key": "0" * len(found.key)}, key=found.key)
    world.grants["coded"] = [f"case-{letter.number}"]
    world.streams["todo-unit"] = f"todo-unit-{make.unit('housing').pk}"
    world.streams["board"] = f"board-unit-{make.unit('city').pk}"
    for name, scope in (
        ("city", f"unit-{make.unit('city').pk}"),
        ("transport", f"unit-{make.unit('transport').pk}"),
        ("mailbox", f"mailbox-{box.pk}"),
    ):
        world.add(f"board-{name}", {"scope": "unit-999999"}, scope=scope)
    world.streams["todo-person"] = f"todo-person-{_id(world, 'handler')}"
    _published(world, file("stranger", "enquiry", "When does the pool open", "I would like to swim.", public=True))


def _id(world: World, name: str) -> int:
    person = world.people[name]
    assert person is not None
    return person.pk


def _to_housing(world: World, case: Any) -> Any:
    """Take the case through intake and dispatch to the housing office's handler."""
    from engagement import actions

    actions.accept_case(case_id=case.pk, version=None, by=_act(world, "intake"))
    dispatcher, housing = _act(world, "dispatcher"), make.unit("housing").pk
    actions.dispatch_case(case_id=case.pk, version=None, by=dispatcher, unit_id=housing)
    return actions.sign_for_case(case_id=case.pk, version=None, by=_act(world, "handler"))


def _published(world: World, case: Any) -> None:
    """Answer the case and publish it, by two persons."""
    from engagement import actions
    from engagement.models import Calendar, Callback

    _to_housing(world, case)
    handler, reviewer = _act(world, "handler"), _act(world, "reviewer")
    actions.submit_reply(case_id=case.pk, version=None, by=handler, text="On the first of May.", outcome="explained")
    actions.approve_reply(case_id=case.pk, version=None, by=reviewer)
    words = {"title": case.title, "text": case.text, "reply": "On the first of May."}
    actions.prepare_publication(case_id=case.pk, by=handler, **words)
    actions.approve_publication(case_id=case.pk, by=reviewer)
    world.add("letter", {"number": "ZZZZZZZZZZ"}, number=case.number)
    now = timezone.now()
    call = Callback.objects.create(case=case, unit=make.unit("city"), planned_at=now, next_try_at=now)
    world.add("call", {"callback_id": 999999}, callback_id=call.pk)
    calendar = Calendar.objects.create(key="city", name="日历", sessions=[["09:00", "17:00"]], unit=make.unit("city"))
    world.add("calendar", {"calendar_id": 999999}, calendar_id=calendar.pk)


def _talk(world: World) -> None:
    """A desk, its officer on duty, and a visitor's talk that the officer holds."""
    from messaging import actions
    from messaging.models import Desk, Shift, Talk

    desk = Desk.objects.create(slug="city-desk", name="市民热线", name_en="City desk", unit=make.unit("city"))
    now = timezone.now()
    officer = world.people["officer"]
    Shift.objects.create(
        desk=desk, officer=officer, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8)
    )
    world.grants["talker"] = ["talk-none"]
    talk = actions.open_talk(
        viewer=world.viewer("talker"), desk_id=desk.pk, text=CANARIES["talk"], name="Li", token="matrix-talk-token"
    )
    world.grants["talker"] = [f"talk-{talk.number}"]
    actions.set_duty(by=_act(world, "officer"), state="on")
    talk = Talk.objects.get(pk=talk.pk)
    if talk.status == Talk.Status.WAITING:
        talk = actions.take_talk(talk_id=talk.pk, by=_act(world, "officer"))
    world.add("talk", {"number": "ZZZZZZZZZZ"}, number=talk.number)
    world.streams["talk"], world.streams["desk"] = talk.stream_name, f"desk-{desk.pk}"


def _forum(world: World) -> None:
    """A board for everybody and one for members, a topic on each."""
    from forums import actions
    from forums.models import Board

    for kind, members in (("open", False), ("members", True)):
        board = Board.objects.create(slug=f"{kind}-board", name=kind, name_en=kind, members_only=members)
        topic = actions.open_topic(
            viewer=_act(world, "citizen"), board_id=board.pk, title=f"A topic on {kind}", text="Good morning."
        )
        reply = actions.reply_to(viewer=_act(world, "stranger"), topic_id=topic.pk, text="Good morning to you.")
        world.add(f"{kind}-board", {"slug": "no-such-board"}, slug=board.slug)
        world.add(f"{kind}-topic", {"topic_id": 999999, "reply_id": 999999}, topic_id=topic.pk, reply_id=reply.pk)
        world.streams[f"{kind}-topic"] = topic.stream_name


def _wiki(world: World) -> None:
    """A public page and one for officials."""
    from wiki.models import URLPath

    from wiki.knowledge import actions

    actions.load_handbook()
    for audience in ("public", "officials"):
        made = actions.create_page(
            by=_act(world, "handler"), parent_id=URLPath.root().pk, slug=f"{audience}-page", title=f"A {audience} page",
            text="Words.", audience=audience,
        )  # fmt: skip
        revision = made.article.current_revision.revision_number
        world.add(f"{audience}-page", {"path": "no-page/", "number": 999}, path=f"{audience}-page/", number=revision)


def _notice(world: World) -> None:
    """The citizen was told of the letter's steps; one of those notices."""
    from notices.models import Notice

    notice = Notice.objects.filter(person=world.people["citizen"]).order_by("pk").first()
    assert notice is not None, "nobody told the citizen anything"
    world.add("notice", {"notice_id": 999999}, notice_id=notice.pk)
    world.streams["person"] = f"person-{_id(world, 'citizen')}"


def _admin(world: World) -> None:
    """Something of every kind that the admin asks for by number."""
    world.add(
        "admin",
        {"object_id": 999999, "app_label": "nothing", "content_type_id": 999999, "url": "nothing"},
        object_id=make.unit("city").pk, app_label="accounts", content_type_id=1, url="accounts/",
    )  # fmt: skip
