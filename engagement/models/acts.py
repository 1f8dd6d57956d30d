"""Acts around the graph: orders, extensions, returns, ties, promises, points and reviews."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit

from .cases import Case

PERSON = settings.AUTH_USER_MODEL


class Dated(models.Model):
    """Something that is due; `next_at` is when the clock next has to tell somebody, null when it never will again."""

    due_at = models.DateTimeField()
    yellow_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Series(models.Model):
    """The last number given in a series, such as the orders of a year; its row is locked to take the next one."""

    key = models.CharField(max_length=40, unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return f"{self.key} {self.last}"


class Order(Dated):
    """A supervision order (督办单): what a unit must do, and by when it must itself have answered the order."""

    class State(models.TextChoices):
        ISSUED = "issued", _("to be answered")
        ANSWERED = "answered", _("answered, to be judged")
        ACCEPTED = "accepted", pgettext_lazy("order", "accepted")
        WITHDRAWN = "withdrawn", pgettext_lazy("order", "withdrawn")

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="orders")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="orders")
    state = models.CharField(max_length=9, choices=State.choices, default=State.ISSUED)
    demand = models.TextField()
    # How often it was judged not good enough and given a new due time.
    renewals = models.PositiveSmallIntegerField(default=0)
    issued_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    # Whether the first answer came by the first due time; what figures count.
    on_time = models.BooleanField(null=True)
    verdict = models.TextField(blank=True)
    judged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="order_number_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=("issued", "answered")), name="order_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "due_at"], name="order_unit"),
            models.Index(fields=["issued_at"], name="order_issued"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="order_timer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number as it stands on paper."""
        return gettext("Order %(year)d-%(serial)d") % {"year": self.year, "serial": self.serial}

    @property
    def is_open(self) -> bool:
        """Whether the unit or the supervisor still has something to do about it."""
        return self.state in (self.State.ISSUED, self.State.ANSWERED)


class Extension(models.Model):
    """A unit asks for more working days; somebody else decides."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", pgettext_lazy("extension", "refused")

    case = models.ForeignKey(Case, models.CASCADE, related_name="extensions")
    round = models.PositiveSmallIntegerField(default=1)
    days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="asked"), name="extension_asked_once")
        ]
        indexes = [models.Index(fields=["asked_at"], name="extension_asked")]

    def __str__(self) -> str:
        return f"extension of {self.case_id} by {self.days}"


class ReturnGround(Named):
    """A ground on which a unit may give a case back, with what it rests on."""

    code = models.SlugField(max_length=40, unique=True)
    basis = models.CharField(_("rests on"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("ground of a return")
        verbose_name_plural = _("grounds of returns")
        ordering = ["position", "code"]


class Return(models.Model):
    """A unit disputes that a case is its own (退单), and what was decided about it."""

    class Decision(models.TextChoices):
        OTHER = "other", _("sent to another unit")
        SAME = "same", _("ruled: the unit handles it")

    case = models.ForeignKey(Case, models.CASCADE, related_name="returned")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    ground = models.ForeignKey(ReturnGround, models.PROTECT, null=True, related_name="+")
    proposed = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=5, choices=Decision.choices, blank=True)
    decided_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # After a binding decision the unit it names cannot return the case again.
    binding = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["case", "at"], name="return_case"),
            models.Index(fields=["unit"], condition=Q(decided_at__isnull=True), name="return_open"),
            models.Index(fields=["at"], name="return_at"),
        ]

    def __str__(self) -> str:
        return f"return of {self.case_id} by {self.unit_id}"


class Tie(models.Model):
    """One case hangs on another: joined to it, merged into it, or split from it."""

    class Kind(models.TextChoices):
        JOINED = "joined", _("joined")
        MERGED = "merged", _("merged")
        PART = "part", _("part of")

    case = models.OneToOneField(Case, models.CASCADE, related_name="tie")
    lead = models.ForeignKey(Case, models.CASCADE, related_name="tied")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    # The round of the leading case whose answer this one has got.
    answered_round = models.PositiveSmallIntegerField(default=0)
    # Set when the leading case was answered and this one still waits for its copy.
    answer_due = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["lead", "kind"], name="tie_lead"),
            models.Index(fields=["id"], condition=Q(answer_due=True), name="tie_answer_due"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.lead_id}"


class Promise(Dated):
    """Something promised for a day (挂账): until there is evidence the case counts as answered, not solved."""

    class State(models.TextChoices):
        OPEN = "open", _("promised")
        KEPT = "kept", _("kept")
        DROPPED = "dropped", _("given up")

    case = models.ForeignKey(Case, models.CASCADE, related_name="promises")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="promises")
    words = models.TextField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    made_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    moved = models.PositiveSmallIntegerField(default=0)
    evidence = models.TextField(blank=True)
    ended_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case"], condition=Q(state="open"), name="promise_open_once")]
        indexes = [
            models.Index(fields=["unit", "due_at"], condition=Q(state="open"), name="promise_unit"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="promise_timer"),
        ]

    def __str__(self) -> str:
        return f"promise of {self.case_id}"


class Point(models.Model):
    """One question of a letter, so that each gets its own answer."""

    class State(models.TextChoices):
        OPEN = "open", _("to be answered")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("refused, with a ground")
        PASSED_ON = "passed_on", _("passed on")

    case = models.ForeignKey(Case, models.CASCADE, related_name="points")
    round = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["case", "round", "position"], name="point_once")]

    def __str__(self) -> str:
        return self.text


class Review(Dated):
    """The citizen asks that somebody else looks at it: another person first, the leader after that."""

    class State(models.TextChoices):
        ASKED = "asked", _("being looked at")
        UPHELD = "upheld", _("the reply stands")
        REDONE = "redone", _("handled anew")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    round = models.PositiveSmallIntegerField(default=1)
    # 1: another person of the unit; 2: the leader, or the supervisor where there is none.
    level = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.ASKED)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    words = models.TextField(blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round", "level"], name="review_once_a_level")]
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="review_timer")]

    def __str__(self) -> str:
        return f"review {self.level} of {self.case_id}"
