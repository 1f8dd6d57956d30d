"""Cases of every kind, with what hangs on them and how they are set up."""

from typing import Any

from django.utils import timezone

from tests import make

from .people import CANARIES, World


def cases(world: World) -> None:
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
        return actions.file_case(viewer=world.viewer(by), kind=kind, title=title, text=text, **asked).case

    letter = file(
        "citizen", "enquiry", "The lift stands still", f"It has stood still for weeks. {CANARIES['letter']}",
        channel="letter", mailbox=box, contact=contact, files=[lift],
    )  # fmt: skip
    letter = _to_housing(world, letter)
    handler = world.viewer("handler")
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
    world.streams["todo-person"] = f"todo-person-{world.id_of('handler')}"
    _set_up(world)
    _published(world, file("stranger", "enquiry", "When does the pool open", "I would like to swim.", public=True))


def _set_up(world: World) -> None:
    """A draft of a process, a replay of it, and a routing rule."""
    from engagement import actions

    chief = world.viewer("supervisor")
    actions.add_step(by=chief, key="approval", code="extra", name="Extra")
    world.add("process", {"key": "nothing"}, key="approval")
    world.add("step", {"key": "nothing", "code": "register"}, key="approval", code="register")
    replay = actions.start_replay(by=chief, key="enquiry", days=30, most=10)
    world.add("replay", {"replay_id": 999_999}, replay_id=replay.pk)
    # It catches nothing that the matrix files.
    rule = actions.save_rule(by=chief, name="Trams", unit_id=make.unit("transport").pk, words="tramway")
    world.add("rule", {"rule_id": 999_999}, rule_id=rule.pk)
    world.add("rule-move", {"rule_id": 999_999, "where": "up"}, rule_id=rule.pk, where="up")


def _to_housing(world: World, case: Any) -> Any:
    """Take the case through intake and dispatch to the housing office's handler."""
    from engagement import actions

    actions.accept_case(case_id=case.pk, version=None, by=world.viewer("intake"))
    dispatcher, housing = world.viewer("dispatcher"), make.unit("housing").pk
    actions.dispatch_case(case_id=case.pk, version=None, by=dispatcher, unit_id=housing)
    return actions.sign_for_case(case_id=case.pk, version=None, by=world.viewer("handler"))


def _published(world: World, case: Any) -> None:
    """Answer the case and publish it, by two persons."""
    from engagement import actions
    from engagement.models import Calendar, Callback

    _to_housing(world, case)
    handler, reviewer = world.viewer("handler"), world.viewer("reviewer")
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

    actions.rate_case(case_id=case.pk, by=world.viewer("stranger"), score=5)
    actions.load_criteria()
    today = timezone.localdate()
    check = actions.begin_check(
        by=world.viewer("supervisor"), unit_id=make.unit("city").pk, first=today, last=today, each=1, token="t" * 32,
        one=world.id_of("supervisor"), two=world.id_of("callback"),
    )  # fmt: skip
    world.add("check", {"check_id": 999999}, check_id=check.pk)
    world.add("check-place", {"check_id": 999999, "position": 1}, check_id=check.pk, position=1)
    world.streams["check"] = check.stream_name
