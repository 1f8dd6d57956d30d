"""Rooms where officials talk among themselves, and live interviews that anybody may read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit


class Room(models.Model):
    """Where several people write to one another; its messages are entries of its stream."""

    class Kind(models.TextChoices):
        GROUP = "group", _("group")
        DIRECT = "direct", _("direct talk")
        INTERVIEW = "interview", _("live interview")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=120, blank=True)
    # "3-8" for the direct talk of the persons 3 and 8, so that two who begin at once share one.
    pair = models.CharField(max_length=50, unique=True, null=True)  # noqa: DJ001 - many have none, and unique
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    said_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-said_at"])]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"

    @property
    def stream_name(self) -> str:
        """The journal stream that holds its messages."""
        return f"room-{self.pk}"

    @property
    def kept_name(self) -> str:
        """The journal stream that keeps, sealed, what was changed or taken back; nobody follows it."""
        return f"kept-room-{self.pk}"


class Member(models.Model):
    """Somebody belongs to a room, from joining until leaving."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="rooms")
    is_chair = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    # How far they have read, and when their page was last heard of.
    read_seq = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "person"], name="member_once")]
        indexes = [models.Index(fields=["person"], condition=Q(left_at=None), name="member_now")]

    def __str__(self) -> str:
        return f"{self.room_id} {self.person}"


class Interview(models.Model):
    """A live interview: announced with a page, held in its room, read by anybody, published as a transcript."""

    class Status(models.TextChoices):
        ANNOUNCED = "announced", _("announced")
        LIVE = "live", pgettext_lazy("interview", "live")
        ENDED = "ended", _("ended")
        PUBLISHED = "published", _("transcript published")
        CANCELLED = "cancelled", _("cancelled")

    room = models.OneToOneField(Room, models.PROTECT, related_name="interview")
    slug = models.SlugField(max_length=60, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="interviews")
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(pgettext_lazy("interview", "title, in English"), max_length=120, blank=True)
    about = models.TextField(_("what it is about"), max_length=4000)
    about_en = models.TextField(_("what it is about, in English"), max_length=4000, blank=True)
    # Who answers: (in the city's words) "住建局局长 李明".
    guests = models.CharField(_("who answers"), max_length=300)
    guests_en = models.CharField(_("who answers, in English"), max_length=300, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ANNOUNCED)
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="interview_ends_after_start"),
        ]
        indexes = [models.Index(fields=["status", "-starts_at"])]

    def __str__(self) -> str:
        return self.label

    @property
    def screen_name(self) -> str:
        """The journal stream of its unscreened questions, for the chair alone."""
        return f"screen-{self.pk}"

    @property
    def label(self) -> str:
        """The title in the reader's language."""
        return self._said("title")

    @property
    def about_label(self) -> str:
        """What it is about, in the reader's language."""
        return self._said("about")

    @property
    def guests_label(self) -> str:
        """Who answers, in the reader's language."""
        return self._said("guests")

    def _said(self, name: str) -> str:
        english = str(getattr(self, f"{name}_en")) if (get_language() or "").startswith("en") else ""
        return english or str(getattr(self, name))


class Question(models.Model):
    """A reader's question to a live interview, until a moderator lets it through or not."""

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("question", "waiting")
        PUT = "put", pgettext_lazy("question", "put to the guests")
        ANSWERED = "answered", pgettext_lazy("question", "answered")
        REFUSED = "refused", pgettext_lazy("question", "not put")
        # Not screened before the end, or put and without an answer when the transcript came out.
        UNANSWERED = "unanswered", pgettext_lazy("question", "it ended before an answer was given")

    interview = models.ForeignKey(Interview, models.PROTECT, related_name="questions")
    # viewer.key of whoever asked, and the form's token: a repeated POST asks nothing twice.
    asked_by = models.CharField(max_length=60)
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    screened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=200, blank=True)
    # Its number in the room's stream, once it was put.
    seq = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["interview", "status", "at"]), models.Index(fields=["asked_by"])]

    def __str__(self) -> str:
        return f"{self.interview_id} {self.pk}"
