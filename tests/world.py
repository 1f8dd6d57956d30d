"""A small city in which every role holds its post and every kind of object exists, with canaries where few may look.

The matrix (tests/test_matrix.py) walks through it as each role. Everything is made by the rooms' own actions.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
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
    _watched_talk(world)
    _roster(world)
    _rooms(world)
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
    _set_up(world)
    _published(world, file("stranger", "enquiry", "When does the pool open", "I would like to swim.", public=True))


def _set_up(world: World) -> None:
    """A draft of a process, a replay of it, and a routing rule."""
    from engagement import actions

    chief = _act(world, "supervisor")
    actions.add_step(by=chief, key="approval", code="extra", name="Extra")
    world.add("process", {"key": "nothing"}, key="approval")
    world.add("step", {"key": "nothing", "code": "register"}, key="approval", code="register")
    replay = actions.start_replay(by=chief, key="enquiry", days=30, most=10)
    world.add("replay", {"replay_id": 999_999}, replay_id=replay.pk)
    # It catches nothing that the matrix files.
    rule = actions.save_rule(by=chief, name="Trams", unit_id=make.unit("transport").pk, words="tramway")
    world.add("rule", {"rule_id": 999_999}, rule_id=rule.pk)
    world.add("rule-move", {"rule_id": 999_999, "where": "up"}, rule_id=rule.pk, where="up")


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
    _checked(world, case)


def _checked(world: World, case: Any) -> None:
    """Conclude the case, and draw it in a quality check that two officials judge."""
    from engagement import actions

    actions.rate_case(case_id=case.pk, by=_act(world, "stranger"), score=5)
    actions.load_criteria()
    today = timezone.localdate()
    check = actions.begin_check(
        by=_act(world, "supervisor"), unit_id=make.unit("city").pk, first=today, last=today, each=1, token="t" * 32,
        one=_id(world, "supervisor"), two=_id(world, "callback"),
    )  # fmt: skip
    world.add("check", {"check_id": 999999}, check_id=check.pk)
    world.add("check-place", {"check_id": 999999, "position": 1}, check_id=check.pk, position=1)
    world.streams["check"] = check.stream_name


def _talk(world: World) -> None:
    """A desk, its officer on duty, and a visitor's talk that the officer holds."""
    from engagement.models import CannedReply
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
    world.add("shown-desk", {"slug": "no-such-desk"}, slug=desk.slug)
    talker = world.viewer("talker")
    row = actions.add_file(viewer=talker, key=talk.number, client_key="matrix-file", upload=_picture())
    actions.say(viewer=talker, key=talk.number, client_key="matrix-words", text="", files=[row.key])
    world.add("talk-file", {"key": "0" * 32}, key=row.key)
    canned = CannedReply.objects.create(unit=make.unit("housing"), title="Received", text="We have it.")
    world.add("canned", {"reply_id": 999999}, reply_id=canned.pk)
    world.streams["talk"], world.streams["desk"] = talk.stream_name, f"desk-{desk.pk}"


def _picture() -> Any:
    """A small photograph."""
    from io import BytesIO

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return SimpleUploadedFile("lift.png", out.getvalue(), "image/png")


def _watched_talk(world: World) -> None:
    """A citizen's talk with a guest, somebody asked in, a supervisor who whispers, a report of abuse and a block."""
    from messaging import actions
    from messaging.models import Desk

    officer, desk = _act(world, "officer"), Desk.objects.get(slug="city-desk")
    talk = actions.open_talk(viewer=_act(world, "stranger"), desk_id=desk.pk, text="Where is the office?")
    actions.take_talk(talk_id=talk.pk, by=officer)
    for name, unit in (("other_handler", "transport"), ("reviewer", "housing")):
        asked = {"person_id": _id(world, name), "unit_id": make.unit(unit).pk}
        actions.invite_guest(talk_id=talk.pk, by=officer, **asked)
    actions.join_talk(talk_id=talk.pk, by=_act(world, "other_handler"))
    actions.open_watch(talk_id=talk.pk, by=_act(world, "supervisor"), reason="Quality")
    supervisor = _act(world, "supervisor")
    actions.whisper(viewer=supervisor, key=talk.number, client_key="matrix-whisper", text=CANARIES["whisper"])
    report = actions.report_abuse(talk_id=talk.pk, by=officer, words="Insults")
    block = actions.block_opener(talk_id=talk.pk, by=officer, reason="Insults", hours=1)
    world.add("watched", {"number": "ZZZZZZZZZZ"}, number=talk.number)
    world.add("abuse", {"report_id": 999999}, report_id=report.pk)
    world.add("block", {"block_id": 999999}, block_id=block.pk)
    world.streams["watched"], world.streams["aside"] = talk.stream_name, talk.aside_name


def _roster(world: World) -> None:
    """A shift with a swap asked of a colleague, and the sheet of a shift before."""
    from messaging import actions
    from messaging.models import Desk, Shift

    desk, now = Desk.objects.get(slug="city-desk"), timezone.now()
    other = world.people["other_officer"]
    past = Shift.objects.create(
        desk=desk, officer=other, starts_at=now - timedelta(hours=9), ends_at=now - timedelta(hours=1)
    )
    sheet = actions.hand_over(shift_id=past.pk, by=_act(world, "other_officer"), note="All quiet.")
    tomorrow = now + timedelta(days=1)
    shift = Shift.objects.create(
        desk=desk, officer=world.people["officer"], starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=4)
    )
    swap = actions.ask_swap(shift_id=shift.pk, by=_act(world, "officer"), officer_id=_id(world, "other_officer"))
    running = Shift.objects.get(desk=desk, officer=world.people["officer"], starts_at__lt=now)
    world.add("roster", {"slug": "no-such-desk", "act": "make"}, slug=desk.slug, act="make")
    world.add("shift", {"shift_id": 999999}, shift_id=running.pk)
    world.add("swap", {"swap_id": 999999}, swap_id=swap.pk)
    world.add("sheet", {"sheet_id": 999999}, sheet_id=sheet.pk)


def _rooms(world: World) -> None:
    """A group of two officials, and a live interview with an unscreened question and one that was put."""
    from messaging import actions

    handler = _act(world, "handler")
    group = actions.open_group(by=handler, title="Housing", people=[_id(world, "reviewer")])
    actions.say_in_room(viewer=handler, key=str(group.pk), client_key="matrix-room", text=CANARIES["room"])
    world.add("group", {"room_id": 999999}, room_id=group.pk)
    moderator, soon = _act(world, "moderator"), timezone.now() + timedelta(hours=1)
    interview = actions.announce_interview(
        by=moderator, unit_id=make.unit("city").pk, title="Ask the mayor", about="Anything.", guests="The mayor",
        starts_at=soon, ends_at=soon + timedelta(hours=1), people=[_id(world, "leader")],
    )  # fmt: skip
    actions.move_interview(interview_id=interview.pk, by=moderator, step="start")
    asked = {"viewer": _act(world, "stranger"), "interview_id": interview.pk}
    actions.ask_question(**asked, text=CANARIES["unscreened"], token="matrix-question-1")
    put = actions.ask_question(**asked, text="When is the flood wall done?", token="matrix-question-2")
    actions.screen_question(question_id=put.pk, by=moderator, put=True)
    nothing = {"slug": "no-such-interview", "step": "members", "question_id": 999999}
    world.add("interview", nothing, slug=interview.slug)
    world.add("interview-step", nothing, slug=interview.slug, step="members")
    world.add("interview-question", nothing, slug=interview.slug, question_id=put.pk)
    world.streams["group"], world.streams["interview"] = group.stream_name, interview.room.stream_name
    world.streams["screen"] = interview.screen_name


def _forum(world: World) -> None:
    """A board for everybody and one for members, a topic with picture and reply on each; one hidden, one flagged."""
    from forums import actions
    from forums.models import Board, Member, Picture

    for kind, members in (("open", False), ("members", True)):
        board = Board.objects.create(slug=f"{kind}-board", name=kind, name_en=kind, members_only=members)
        topic = actions.open_topic(
            viewer=_act(world, "citizen"), board_id=board.pk, title=f"A topic on {kind}", text="Good morning.",
            pictures=[make.picture()], question="Tea or coffee?", options=["Tea", "Coffee"], tags=[f"{kind}-tag"],
        )  # fmt: skip
        reply = actions.reply_to(viewer=_act(world, "stranger"), topic_id=topic.pk, text="Good morning to you.")
        world.add(f"{kind}-board", {"slug": "no-such-board"}, slug=board.slug)
        world.add(f"{kind}-tag", {"name": "no-such-tag"}, name=f"{kind}-tag")
        world.add(f"{kind}-topic", {"topic_id": 999999, "reply_id": 999999}, topic_id=topic.pk, reply_id=reply.pk)
        world.add(f"{kind}-picture", {"key": "0" * 32}, key=Picture.objects.get(topic=topic).key)
        world.streams[f"{kind}-topic"] = topic.stream_name
    flagged = actions.flag_post(viewer=_act(world, "reporter"), topic_id=topic.pk, reply_id=reply.pk, ground="other")
    world.add("forum-review", {"review_id": 999999}, review_id=flagged.pk)
    hidden = actions.open_topic(
        viewer=_act(world, "citizen"), board_id=board.pk, title="Taken away", text=CANARIES["hidden"]
    )
    actions.hide_topic(by=_act(world, "moderator"), topic_id=hidden.pk, reason="spam")
    world.add("hidden-topic", {"topic_id": 999999}, topic_id=hidden.pk)
    world.add("forum-member", {"person_id": 999999}, person_id=Member.objects.get(person=hidden.author).person_id)
    world.streams["queue"] = "forum-queue"


def _wiki(world: World) -> None:
    """A public page and one for officials, each with a file; a citizen's remark and suggestion for the public one."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from wiki.models import URLPath

    from wiki.knowledge import actions

    actions.load_handbook()
    for audience in ("public", "officials"):
        made = actions.create_page(
            by=_act(world, "handler"), parent_id=URLPath.root().pk, slug=f"{audience}-page", title=f"A {audience} page",
            text="Words.", audience=audience,
        )  # fmt: skip
        revision = made.article.current_revision.revision_number
        upload = SimpleUploadedFile("page.txt", b"beside the page", "text/plain")
        file = actions.attach_file(by=_act(world, "handler"), place_id=made.pk, upload=upload)
        world.add(
            f"{audience}-page", {"path": "no-page/", "number": 999, "article": 999999, "file_id": 999999},
            path=f"{audience}-page/", number=revision, article=made.article_id, file_id=file.pk,
        )  # fmt: skip
        world.streams[f"{audience}-remarks"] = f"remarks-{made.article_id}"
    page, citizen = URLPath.objects.get(slug="public-page"), _act(world, "citizen")
    remark = actions.remark(by=citizen, place_id=page.pk, text="Is this still so?")
    proposal = actions.propose_change(
        by=citizen, place_id=page.pk, seen=page.article.current_revision_id, title="A public page", text="Better words."
    )
    world.add("remark", {"remark_id": 999999}, remark_id=remark.pk)
    world.add("proposal", {"proposal_id": 999999}, proposal_id=proposal.pk)


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
