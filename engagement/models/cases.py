"""The case: one number, one timeline, one set of clocks, whatever the channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit

from .catalogue import Category, Mailbox
from .processes import Process, Task


class Case(models.Model):
    """A piece of feedback and the lock row of every step taken on it."""

    class Kind(models.TextChoices):
        ENQUIRY = "enquiry", _("Enquiry")
        HELP_REQUEST = "help_request", _("Request for help")
        COMPLAINT = "complaint", _("Complaint")
        REPORT = "report", _("Report of wrongdoing")
        SUGGESTION = "suggestion", _("Suggestion")
        PRAISE = "praise", _("Praise")
        APPLICATION = "application", _("Application")

    class Channel(models.TextChoices):
        LETTER = "letter", _("letter to a leader")
        FORM = "form", _("web form")
        CHAT = "chat", _("chat")
        FORUM = "forum", _("forum")
        PHONE = "phone", _("telephone")
        COUNTER = "counter", _("counter")
        SMS = "sms", _("SMS")
        EMAIL = "email", _("e-mail")
        API = "api", _("API")
        IMPORT = "import", _("import")

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        NOT_ACCEPTED = "not_accepted", _("not accepted")
        CLARIFY = "clarify", _("waiting for the citizen")
        ACCEPTED = "accepted", _("accepted")
        DISPATCHED = "dispatched", _("dispatched")
        RETURNED = "returned", _("returned by the unit")
        SIGNED_FOR = "signed_for", _("signed for")
        IN_PROGRESS = "in_progress", _("in progress")
        IN_REVIEW = "in_review", _("reply in review")
        ANSWERED = "answered", _("answered")
        CONCLUDED = "concluded", _("concluded")
        ARCHIVED = "archived", _("archived")
        WITHDRAWN = "withdrawn", _("withdrawn")
        TERMINATED = "terminated", _("terminated")
        MERGED = "merged", _("merged")

    class Outcome(models.TextChoices):
        SOLVED = "solved", _("solved")
        PARTLY = "partly", _("partly solved")
        UNSOLVED = "unsolved", _("unsolved")
        EXPLAINED = "explained", _("explained")
        PLANNED = "planned", _("planned")

    # Ten random characters of Crockford's base 32; never sequential.
    number = models.CharField(max_length=16, unique=True)
    # HMAC of the access code; the code itself is shown once and kept nowhere.
    access_hash = models.CharField(max_length=64, blank=True)
    # HMAC of the form token: a repeated POST of the same form gives the same case.
    token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unique, so none must be null
    kind = models.CharField(max_length=12, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVED)
    title = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=10, default="zh-hans")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="cases")
    place = models.CharField(max_length=200, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, related_name="cases")
    citizen = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="cases")
    # The citizen's wish: may anybody read it once names and contacts have been removed?
    public = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    process = models.ForeignKey(Process, models.PROTECT, related_name="cases")
    # The unit that has it now and the handler who signed for it.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="cases")
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="cases_held")
    version = models.PositiveIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    hops = models.PositiveSmallIntegerField(default=0)
    returns = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    first_response_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    # What the citizen was promised on filing; never moved by pauses, only by an approved extension.
    promised_at = models.DateTimeField(null=True)
    # The unit's due time now in force.
    due_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)
    # When 80 % of the unit's working time are used; kept beside due_at so that boards count lights from one index.
    yellow_at = models.DateTimeField(null=True)
    # Whether a supervision order is open, how many citizens have joined, and how high that raises the case.
    supervised = models.BooleanField(default=False)
    joined = models.PositiveIntegerField(default=0)
    level = models.PositiveSmallIntegerField(default=0)
    # Working days by which the answer was extended, in all rounds' present one.
    extended_days = models.PositiveSmallIntegerField(default=0)
    # "talk-12" for a case that grew out of a conversation; see CASE_ORIGINS in the settings.
    origin = models.CharField(max_length=60, blank=True)
    # "letters_replied:12345" for an imported case.
    source = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 - unique, so none must be null

    class Meta:
        indexes = [
            models.Index(fields=["unit", "status", "due_at"]),
            models.Index(fields=["mailbox", "-received_at", "answered_at"], name="case_mailbox"),
            models.Index(fields=["citizen", "-received_at"]),
            models.Index(fields=["status", "due_at"]),
            models.Index(fields=["received_at"]),
            models.Index(fields=["place", "-received_at"], condition=~Q(place=""), name="case_at_place"),
            # Boards count the open cases of every unit, mailbox or category from this index alone.
            models.Index(
                fields=["unit", "status", "due_at", "yellow_at", "supervised", "mailbox", "category", "id"],
                condition=Q(answered_at__isnull=True, concluded_at__isnull=True, confidential=False),
                name="case_board",
            ),
            # Figures count what came in and what fell due, whole and by group, from these indexes alone.
            models.Index(
                fields=["received_at", "answered_at", "concluded_at", "unit", "category", "channel", "mailbox"],
                condition=Q(confidential=False),
                name="case_figures",
            ),
            models.Index(
                fields=["due_at", "unit", "status", "answered_at", "concluded_at"],
                condition=Q(confidential=False),
                name="case_fell_due",
            ),
            # Without those that nobody has answered: SQLite would look for them here and not in the boards' index.
            models.Index(
                fields=["answered_at", "unit"],
                condition=Q(confidential=False, answered_at__isnull=False),
                name="case_answered",
            ),
            # From here samples of a period's concluded cases are drawn.
            models.Index(fields=["concluded_at"], condition=Q(concluded_at__isnull=False), name="case_concluded"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)), name="case_rating_1_to_5"
            ),
            models.CheckConstraint(
                condition=~Q(kind="report") | Q(confidential=True, public=False), name="case_report_confidential"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def stream_name(self) -> str:
        """The stream that the citizen and the office both follow."""
        return f"case-{self.number}"

    @property
    def file_stream_name(self) -> str:
        """The stream of internal notes and drafts, for the office only."""
        return f"file-{self.number}"

    @property
    def files(self) -> list[Attachment]:
        """The files that the citizen and the office both see, in the order they came."""
        return list(self.attachments.filter(audience=Attachment.Audience.PARTIES).order_by("pk"))


class Contact(models.Model):
    """Who wrote and how to reach them, sealed and apart from the case."""

    SEALED = {"key": "case-key-{0.case.number}"}

    case = models.OneToOneField(Case, models.CASCADE, related_name="contact")
    # The case's own key, sealed by the master key with the context "case-key-<number>".
    key = models.BinaryField()
    # Sealed JSON {"name", "phone", "email", "wants": "email|sms|none"} with the case's key, context "contact-<number>".
    sealed = models.BinaryField()
    # A report's title and text, sealed JSON with the case's key, context "words-<number>"; null for other kinds.
    words = models.BinaryField(null=True)
    # HMACs, so that earlier cases of the same person are found without unsealing anything.
    phone_hash = models.CharField(max_length=64, blank=True, db_index=True)
    email_hash = models.CharField(max_length=64, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"contact of {self.case_id}"


class Attachment(models.Model):
    """A checked file of a case, sealed on disk with the case's key."""

    class Audience(models.TextChoices):
        PARTIES = "parties", _("the citizen and the office")
        OFFICE = "office", _("the office only")

    key = models.CharField(max_length=32, unique=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    audience = models.CharField(max_length=7, choices=Audience.choices, default=Audience.PARTIES)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Reply(models.Model):
    """A reply on its way: drafted, reviewed, signed, sent. Never shown to citizens before it is sent."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        TO_SIGN = "to_sign", _("waiting for the leader's signature")
        SENT = "sent", _("sent")
        SENT_BACK = "sent_back", _("sent back")

    case = models.ForeignKey(Case, models.CASCADE, related_name="replies")
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    text = models.TextField()
    outcome = models.CharField(max_length=10, choices=Case.Outcome.choices, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "replies"
        indexes = [models.Index(fields=["case", "-id"])]
        constraints = [
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="reply_sent_has_time")
        ]

    def __str__(self) -> str:
        return f"reply to {self.case_id} {self.state}"


class Pause(models.Model):
    """The unit's clock stands still: why, by whom, from and until when."""

    class Cause(models.TextChoices):
        CLARIFY = "clarify", _("waiting for the citizen")
        EXPERT = "expert", _("an expert opinion or inspection")
        AUTHORITY = "authority", _("a decision of another authority or a court")
        WORKS = "works", _("works that take their time")
        FORCE = "force", _("weather or emergency")
        OTHER = "other", _("other")

    case = models.ForeignKey(Case, models.CASCADE, related_name="pauses")
    task = models.ForeignKey(Task, models.CASCADE, null=True, related_name="pauses")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    # When it ends by itself; null for a question to the citizen, which ends with the answer.
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # The due time in force before, from which it is worked out anew when the clock runs again.
    due_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="pause_open_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="pause_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"pause of {self.case_id} {self.cause}"


class Publication(models.Model):
    """The redacted copy that anybody may read; made by one person and approved by another."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="publication")
    title = models.CharField(max_length=200)
    text = models.TextField()
    reply = models.TextField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Public from here on; null while it waits for the second person.
    published_at = models.DateTimeField(null=True)
    # Copied so that lists of published letters are read from one index.
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, related_name="publications")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-answered_at"], condition=Q(published_at__isnull=False), name="publication_latest"),
            models.Index(
                fields=["mailbox", "-answered_at"], condition=Q(published_at__isnull=False), name="publication_mailbox"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")), name="publication_two_persons"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def mark(self) -> str:
        """What tells this copy from one that is prepared anew."""
        return self.prepared_at.isoformat()
