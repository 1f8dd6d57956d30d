"""May this side do this to a talk now: tables and pure functions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import BadInput, Conflict, NotFound, NotYours, RuleBroken, TooMany, WrongStatus, clean_text
from accounts.viewers import Role, Viewer
from engagement.rules.files import CASE_BYTES, CASE_FILES
from journal.models import Entry

from .models import AbuseReport, Desk, Duty, Seats, Shift, Talk

CITIZEN, OFFICER = "citizen", "officer"
# An official of another unit who was asked in, and a supervisor who reads along.
GUEST, WATCHER = "guest", "watcher"
# Who may answer at a desk: duty officers, and leaders on their leader days.
SERVING = (Role.DUTY_OFFICER, Role.LEADER)
# Whom an officer may ask into a talk.
INVITED = (Role.HANDLER, Role.REVIEWER, Role.DUTY_OFFICER, Role.LEADER, Role.INTAKE_OFFICER, Role.DISPATCHER)
# Who makes the roster, within the units above which they stand.
KEEPERS = (Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR)

# Characters of one message, of a name, and of what somebody adds to a rating.
MOST_TEXT, MOST_NAME, MOST_WORDS = 4000, 40, 500
# Files that one message carries.
MOST_FILES = 10
# What all files of a room of officials may have: it stays for years, where a talk ends.
ROOM_BYTES, ROOM_FILES = 1024 * 1024 * 1024, 2000
# Web sites that may show one desk, and what the name of one looks like.
MOST_SITES = 50
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", re.ASCII)
FILE_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
# A duty page says every 15 s that it is there; three silences mean that it is gone.
PRESENT = timedelta(seconds=45)

# A supervision that was opened when the talk was over ends by itself after so long.
WATCHED_AFTERWARDS = timedelta(hours=24)

# In which states each act makes sense.
POSSIBLE: dict[str, frozenset[str]] = {
    "say_citizen": frozenset({Talk.Status.WAITING, Talk.Status.OPEN}),
    "say_officer": frozenset({Talk.Status.OPEN}),
    "say_guest": frozenset({Talk.Status.OPEN}),
    "say_watcher": frozenset(),
    "whisper": frozenset({Talk.Status.OPEN}),
    "transfer": frozenset({Talk.Status.OPEN}),
    "invite": frozenset({Talk.Status.OPEN}),
    "watch": frozenset({Talk.Status.OPEN, Talk.Status.ENDED}),
    "take": frozenset({Talk.Status.WAITING}),
    "hand_back": frozenset({Talk.Status.OPEN}),
    "end": frozenset({Talk.Status.OPEN}),
    "leave": frozenset({Talk.Status.WAITING}),
    "rate": frozenset({Talk.Status.ENDED}),
    "make_case": frozenset({Talk.Status.OPEN, Talk.Status.ENDED}),
    "turn_to_message": frozenset({Talk.Status.WAITING, Talk.Status.ABANDONED}),
}


def is_opener(talk: Talk | Seats, viewer: Viewer) -> bool:
    """Return whether the viewer opened the talk, or their session proved that it did."""
    if viewer.person is not None and talk.citizen_id == viewer.person.pk:
        return True
    # A session without a visitor key is nobody in particular.
    named = viewer.person is not None or bool(viewer.visitor)
    # A citizen who was asked holds the access code of the case.
    return (named and viewer.key == talk.opened_by) or bool({talk.stream_name, talk.opened_by} & viewer.grants)


def is_holder(talk: Talk | Seats, viewer: Viewer) -> bool:
    """Return whether the viewer is the officer who holds the talk and still serves as one."""
    if viewer.person is None or talk.officer_id != viewer.person.pk:
        return False
    # Who asked the citizen of a case needs an office, but no duty at a desk.
    return viewer.is_official if talk.asked else viewer.holds(*SERVING)


def side_of(talk: Talk | Seats, viewer: Viewer) -> str:
    """Return on which side of the talk the viewer is; raises NotYours for everybody else."""
    if is_holder(talk, viewer):
        return OFFICER
    if is_opener(talk, viewer):
        return CITIZEN
    raise NotYours()


def voice_of(talk: Talk | Seats, viewer: Viewer, side: str) -> str:
    """Return the name under which a side speaks: the opener keeps one voice, also after signing in."""
    return talk.opened_by if side == CITIZEN else viewer.key


def check_opener(talk: Talk, viewer: Viewer) -> None:
    """Raise NotYours unless the viewer opened the talk."""
    if not is_opener(talk, viewer):
        raise NotYours()


def check_holder(talk: Talk, viewer: Viewer) -> None:
    """Raise NotYours unless the viewer holds the talk."""
    if not is_holder(talk, viewer):
        raise NotYours()


def check_origins(origins: Iterable[str]) -> list[str]:
    """Return web sites as browsers name them: scheme, host, and port unless it is the usual one. Raises BadInput."""
    found = sorted({_origin(text) for text in origins})
    if len(found) > MOST_SITES:
        raise BadInput(_("At most %(most)d web sites, please.") % {"most": MOST_SITES}, field="origins")
    return found


def _origin(text: str) -> str:
    words = _("“%(text)s” is no web site, such as https://www.example.gov.") % {"text": text[:60]}
    told = BadInput(words, field="origins")
    try:
        parts = urlsplit(clean_text(text, most=200, field="origins", newlines=False).rstrip("/"))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise told from None
    plain = HOST.fullmatch(host) and not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not plain:
        raise told
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def is_possible(talk: Talk | Seats, act: str) -> bool:
    """Return whether `act` (a key of POSSIBLE) makes sense in the talk's state."""
    return talk.status in POSSIBLE[act]


def check_possible(talk: Talk | Seats, act: str) -> None:
    """Raise WrongStatus unless `is_possible`."""
    if not is_possible(talk, act):
        raise WrongStatus(_("This conversation is over.") if talk.status in OVER else "")


def check_from_queue(talk: Talk) -> None:
    """Raise WrongStatus for a talk that an official began from a case: there is no queue it could go back to."""
    if talk.asked:
        raise WrongStatus(_("You began this conversation yourself; please end it."))


# Characters of a hand-over note, guests at once, and for how many hours an officer and a supervisor may block.
MOST_NOTE, MOST_GUESTS = 1000, 5
MOST_OFFICER_BLOCK, MOST_SUPERVISOR_BLOCK = 24, 24 * 30


def check_receiver(talk: Talk, target: Person, present: bool, held: int, limit: int) -> None:
    """Raise Conflict unless the officer is another one who is there and below the limit."""
    if talk.officer_id == target.pk:
        raise Conflict(_("You hold this conversation already."), code="same")
    if not present:
        raise Conflict(_("%(name)s is not there at the moment.") % {"name": target}, code="absent")
    if held >= limit:
        told = _("%(name)s already holds %(held)d conversations.") % {"name": target, "held": held}
        raise Conflict(told, code="at_limit")


def most_block(talk: Talk, viewer: Viewer) -> int:
    """Return for how many hours the viewer may block the opener of the talk. Raises NotYours."""
    if viewer.person is None or is_opener(talk, viewer):
        raise NotYours()
    if talk.desk.unit_id in viewer.scope(Role.SUPERVISOR):
        return MOST_SUPERVISOR_BLOCK
    check_holder(talk, viewer)
    return MOST_OFFICER_BLOCK


def check_decision(report: AbuseReport, decision: Any) -> None:
    """Raise BadInput for a decision that this report cannot have: a citizen's report blocks nobody."""
    if decision not in AbuseReport.Decision.values:
        raise BadInput(field="decision")
    if decision == AbuseReport.Decision.BLOCKED and report.side == CITIZEN:
        raise BadInput(_("An officer is not blocked: deal with it inside."), field="decision")


# A shift is a day long at most, and planned a year ahead at most; a rota has so many officers.
LONGEST_SHIFT, FARTHEST_SHIFT, MOST_TURNS = timedelta(hours=24), timedelta(days=366), 40


def zone() -> ZoneInfo:
    """Return the city's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def check_shift(start: datetime, end: datetime, at: datetime) -> None:
    """Raise BadInput for a shift that ends before it begins, is over, too long, or too far away."""
    if end <= start:
        raise BadInput(_("A shift ends after it begins."), field="ends_at")
    if end <= at:
        raise BadInput(_("This shift is over already."), field="ends_at")
    if end - start > LONGEST_SHIFT or start > at + FARTHEST_SHIFT:
        raise BadInput(_("A shift is at most a day long, and planned at most a year ahead."), field="starts_at")


def check_apart(start: datetime, end: datetime, others: Iterable[Shift]) -> None:
    """Raise Conflict if the officer serves at another place during these hours."""
    for other in others:
        if other.starts_at < end and start < other.ends_at:
            raise Conflict(_("%(name)s has another shift at that time.") % {"name": other.officer}, code="overlap")


def check_languages(languages: Sequence[str]) -> list[str]:
    """Return the languages, each once. Raises BadInput for one that the house does not have."""
    if any(one not in dict(settings.LANGUAGES) for one in languages):
        raise BadInput(field="languages")
    return sorted(set(languages))


# Members of a group, members of a live interview, characters of a title, of a question and of an announcement.
MOST_MEMBERS, MOST_TITLE, MOST_QUESTION, MOST_ABOUT = 200, 120, 500, 4000
# Who may announce a live interview, for the units below theirs.
HOSTS = (Role.LEADER, Role.SECRETARY, Role.MODERATOR, Role.SUPERVISOR)
ANYBODY_READS = frozenset({"announced", "live", "ended", "published"})

# What happens to an interview, from which states.
INTERVIEW_STEPS: dict[str, frozenset[str]] = {
    "change": frozenset({"announced"}),
    "cancel": frozenset({"announced"}),
    "start": frozenset({"announced"}),
    "end": frozenset({"live"}),
    "ask": frozenset({"announced", "live"}),
    "screen": frozenset({"announced", "live"}),
    "answer": frozenset({"live", "ended"}),
    "speak": frozenset({"live"}),
    "publish": frozenset({"ended"}),
}


def check_interview(status: str, act: str) -> None:
    """Raise WrongStatus unless `act` (a key of INTERVIEW_STEPS) makes sense in the interview's state."""
    if status not in INTERVIEW_STEPS[act]:
        raise WrongStatus()


def check_times(start: datetime, end: datetime, at: datetime) -> None:
    """Raise BadInput for an interview that ends before it begins, has begun, or takes more than a day."""
    if end <= start or end - start > timedelta(hours=24):
        raise BadInput(_("An interview ends after it begins, on the same day."), field="ends_at")
    if start <= at:
        raise BadInput(_("An interview is announced ahead."), field="starts_at")


OVER = frozenset({Talk.Status.ENDED, Talk.Status.ABANDONED, Talk.Status.MESSAGE})


def limit_of(desk: Desk, duty: Duty | None) -> int:
    """Return how many talks an officer may hold at once at the desk: the desk's limit or their own lower one."""
    return desk.limit if duty is None or duty.limit is None else min(desk.limit, duty.limit)


def speaks(languages: Sequence[str], language: str) -> bool:
    """Return whether an officer with these languages answers in `language`; with none named, in every one."""
    return not languages or any(language.startswith(one[:2]) for one in languages)


def check_take(talk: Talk, held: int, limit: int) -> None:
    """Raise Conflict if somebody was quicker or the officer already holds as many talks as they may."""
    if talk.status not in POSSIBLE["take"]:
        raise Conflict(_("Somebody else has taken this conversation, or it is over."))
    if held >= limit:
        raise Conflict(
            _("You already hold %(held)d conversations; please end one first.") % {"held": held}, code="at_limit"
        )


def check_desk(desk: Desk) -> None:
    """Raise NotFound for a desk that is not in use."""
    if not desk.active:
        raise NotFound()


def check_words(text: Any, least: int = 1) -> str:
    """Return a message's text as it may be stored; raises BadInput."""
    return clean_text(text, most=MOST_TEXT, least=least, field="text")


def check_files(files: Any) -> tuple[str, ...]:
    """Return the keys of the files that a message carries; raises BadInput for what are no keys."""
    if not files:
        return ()
    keys = tuple(files)
    if len(keys) > MOST_FILES or len(set(map(str, keys))) != len(keys):
        raise BadInput(_("At most %(most)d files, please.") % {"most": MOST_FILES}, field="files", code="too_many")
    if not all(isinstance(key, str) and FILE_KEY.fullmatch(key) for key in keys):
        raise no_such_file()
    return keys


def no_such_file() -> BadInput:
    """Return the refusal of a file that is not the sender's to send."""
    return BadInput(_("This file is not here any more. Please add it again."), field="files", code="no_such_file")


def no_such_message() -> BadInput:
    """Return the refusal of a message that is not there, or not any more."""
    return BadInput(_("This message is not here any more."), field="seq", code="no_such_message")


def check_space(size: int, count: int, most: int = CASE_BYTES, most_files: int = CASE_FILES) -> None:
    """Raise BadInput when a talk would hold more than cases may, 50 MB and 50 files, or a room more than it may."""
    if size > most or count > most_files:
        words = _("All files of a conversation together may have %(most)d MB.") % {"most": most // (1024 * 1024)}
        raise BadInput(words, field="files", code="too_large")


def check_change(said: Entry, voice: str, side: str, at: datetime) -> None:
    """Raise BadInput for words of somebody else, WrongStatus when the citizen's time to change their own is over."""
    if said.sender != voice:
        raise no_such_message()
    minutes = settings.CHAT_CHANGE_MINUTES
    if side == CITIZEN and at > said.at + timedelta(minutes=minutes):
        raise WrongStatus(
            _("A message can be changed for %(minutes)d minutes.") % {"minutes": minutes}, code="too_late"
        )


def check_repeat(digest: str, stored: str) -> None:
    """Raise Conflict if the same key came with another body."""
    if digest != stored:
        raise Conflict(_("This message was already sent with other words."), code="other_body")


def check_score(score: Any) -> int:
    """Return a rating from 1 to 5; raises BadInput."""
    if not isinstance(score, int) or isinstance(score, bool) or not 1 <= score <= 5:
        raise BadInput(_("Please choose one of the five."), field="score")
    return score


def check_unrated(talk: Talk) -> None:
    """Raise Conflict if the talk has its rating already."""
    if talk.rating is not None:
        raise Conflict(_("You have already rated this conversation. Thank you."))


def check_state(state: Any) -> str:
    """Return a duty state; raises BadInput."""
    if state not in Duty.State.values:
        raise BadInput(field="state")
    return str(state)


def digest_of(text: str, files: tuple[str, ...] = (), quotes: int | None = None) -> str:
    """Return what tells two bodies of a message apart."""
    more = f"\0{' '.join(files)}\0{quotes}" if files or quotes is not None else ""
    return hashlib.sha256(f"{text}{more}".encode()).hexdigest()


def is_present(duty: Duty | None, at: datetime) -> bool:
    """Return whether the officer's page was heard of in the last 45 s and they have not gone away."""
    return duty is not None and duty.state != Duty.State.AWAY and duty.seen_at > at - PRESENT


__all__ = ["BadInput", "Conflict", "NotFound", "NotYours", "RuleBroken", "TooMany", "WrongStatus"]
