"""A desk with its talks and its roster, and the rooms of officials."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests import make

from .people import CANARIES, World


def talk(world: World) -> None:
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
    actions.set_duty(by=world.viewer("officer"), state="on")
    talk = Talk.objects.get(pk=talk.pk)
    if talk.status == Talk.Status.WAITING:
        talk = actions.take_talk(talk_id=talk.pk, by=world.viewer("officer"))
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


def watched_talk(world: World) -> None:
    """A citizen's talk with a guest, somebody asked in, a supervisor who whispers, a report of abuse and a block."""
    from messaging import actions
    from messaging.models import Desk

    officer, desk = world.viewer("officer"), Desk.objects.get(slug="city-desk")
    talk = actions.open_talk(viewer=world.viewer("stranger"), desk_id=desk.pk, text="Where is the office?")
    actions.take_talk(talk_id=talk.pk, by=officer)
    for name, unit in (("other_handler", "transport"), ("reviewer", "housing")):
        asked = {"person_id": world.id_of(name), "unit_id": make.unit(unit).pk}
        actions.invite_guest(talk_id=talk.pk, by=officer, **asked)
    actions.join_talk(talk_id=talk.pk, by=world.viewer("other_handler"))
    actions.open_watch(talk_id=talk.pk, by=world.viewer("supervisor"), reason="Quality")
    supervisor = world.viewer("supervisor")
    actions.whisper(viewer=supervisor, key=talk.number, client_key="matrix-whisper", text=CANARIES["whisper"])
    report = actions.report_abuse(talk_id=talk.pk, by=officer, words="Insults")
    block = actions.block_opener(talk_id=talk.pk, by=officer, reason="Insults", hours=1)
    world.add("watched", {"number": "ZZZZZZZZZZ"}, number=talk.number)
    world.add("abuse", {"report_id": 999999}, report_id=report.pk)
    world.add("block", {"block_id": 999999}, block_id=block.pk)
    world.streams["watched"], world.streams["aside"] = talk.stream_name, talk.aside_name


def roster(world: World) -> None:
    """A shift with a swap asked of a colleague, and the sheet of a shift before."""
    from messaging import actions
    from messaging.models import Desk, Shift

    desk, now = Desk.objects.get(slug="city-desk"), timezone.now()
    other = world.people["other_officer"]
    past = Shift.objects.create(
        desk=desk, officer=other, starts_at=now - timedelta(hours=9), ends_at=now - timedelta(hours=1)
    )
    sheet = actions.hand_over(shift_id=past.pk, by=world.viewer("other_officer"), note="All quiet.")
    tomorrow = now + timedelta(days=1)
    shift = Shift.objects.create(
        desk=desk, officer=world.people["officer"], starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=4)
    )
    swap = actions.ask_swap(shift_id=shift.pk, by=world.viewer("officer"), officer_id=world.id_of("other_officer"))
    running = Shift.objects.get(desk=desk, officer=world.people["officer"], starts_at__lt=now)
    world.add("roster", {"slug": "no-such-desk", "act": "make"}, slug=desk.slug, act="make")
    world.add("shift", {"shift_id": 999999}, shift_id=running.pk)
    world.add("swap", {"swap_id": 999999}, swap_id=swap.pk)
    world.add("sheet", {"sheet_id": 999999}, sheet_id=sheet.pk)


def rooms(world: World) -> None:
    """A group of two officials, and a live interview with an unscreened question and one that was put."""
    from messaging import actions

    handler = world.viewer("handler")
    group = actions.open_group(by=handler, title="Housing", people=[world.id_of("reviewer")])
    actions.say_in_room(viewer=handler, key=str(group.pk), client_key="matrix-room", text=CANARIES["room"])
    said = {"viewer": handler, "key": str(group.pk)}
    hasty, _at = actions.say_in_room(**said, client_key="matrix-hasty", text="Said in haste")
    actions.change_in_room(**said, client_key="matrix-taken-back", seq=hasty, text=None)
    world.add("group", {"room_id": 999999}, room_id=group.pk)
    moderator, soon = world.viewer("moderator"), timezone.now() + timedelta(hours=1)
    interview = actions.announce_interview(
        by=moderator, unit_id=make.unit("city").pk, title="Ask the mayor", about="Anything.", guests="The mayor",
        starts_at=soon, ends_at=soon + timedelta(hours=1), people=[world.id_of("leader")],
    )  # fmt: skip
    actions.move_interview(interview_id=interview.pk, by=moderator, step="start")
    asked = {"viewer": world.viewer("stranger"), "interview_id": interview.pk}
    actions.ask_question(**asked, text=CANARIES["unscreened"], token="matrix-question-1")
    put = actions.ask_question(**asked, text="When is the flood wall done?", token="matrix-question-2")
    actions.screen_question(question_id=put.pk, by=moderator, put=True)
    nothing = {"slug": "no-such-interview", "step": "members", "question_id": 999999}
    world.add("interview", nothing, slug=interview.slug)
    world.add("interview-step", nothing, slug=interview.slug, step="members")
    world.add("interview-question", nothing, slug=interview.slug, question_id=put.pk)
    world.streams["group"], world.streams["interview"] = group.stream_name, interview.room.stream_name
    world.streams["screen"] = interview.screen_name
