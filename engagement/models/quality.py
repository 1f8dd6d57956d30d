"""Sampled quality checks: which cases were drawn, who judges them by which criteria, and what they found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Unit

from .cases import Case

PERSON = settings.AUTH_USER_MODEL


class Criterion(Named):
    """One thing that reviewers look at in a concluded case."""

    code = models.SlugField(max_length=40, unique=True)
    question = models.CharField(_("question"), max_length=300)
    question_en = models.CharField(_("question in English"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("criterion of quality checks")
        verbose_name_plural = _("criteria of quality checks")
        ordering = ["position", "code"]

    @property
    def asks(self) -> str:
        """The question in the reader's language."""
        english = (get_language() or "").startswith("en")
        return (english and self.question_en) or self.question


class QualityCheck(models.Model):
    """A sample of a period's concluded cases (抽查), judged by two people who do not see each other's marks."""

    # The page that asked for it: pressed twice, it is begun once.
    token = models.CharField(max_length=64, unique=True)
    # With the period and the strata below it the sample can be drawn again, the very same.
    seed = models.CharField(max_length=32)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    # Cases of each unit at most.
    each = models.PositiveSmallIntegerField()
    # Reports of wrongdoing are sampled apart, by the unit that alone handles them.
    confidential = models.BooleanField(default=False)
    # The codes of the criteria asked for, as the table was when it began.
    criteria = models.JSONField(default=list)
    # [{"unit": id, "of": concluded cases, "drawn": how many}]
    strata = models.JSONField(default=list)
    one = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    two = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    # Who decides where they differ; without a third the two settle it together.
    third = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    begun_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-begun_at"], name="quality_unit"),
            models.Index(fields=["one"], condition=Q(finished_at__isnull=True), name="quality_one"),
            models.Index(fields=["two"], condition=Q(finished_at__isnull=True), name="quality_two"),
            models.Index(fields=["third"], condition=Q(finished_at__isnull=True), name="quality_third"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("two")), name="quality_two_persons"),
            models.CheckConstraint(
                condition=Q(third__isnull=True) | ~Q(third=F("one")) & ~Q(third=F("two")), name="quality_third_person"
            ),
        ]

    def __str__(self) -> str:
        return f"quality check {self.pk}"

    @property
    def stream_name(self) -> str:
        """The stream of what happens in the check; no marks stand there."""
        return f"check-{self.pk}"


class Sampled(models.Model):
    """One case of the sample and what was agreed about it."""

    class Settled(models.TextChoices):
        AGREED = "agreed", _("both judged the same")
        THIRD = "third", _("decided by the third")
        TOGETHER = "together", _("settled together")

    check_of = models.ForeignKey(QualityCheck, models.CASCADE, related_name="sample")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()
    # {"polite": "met", …}; null until both agree or the difference is settled.
    marks = models.JSONField(null=True)
    words = models.TextField(blank=True)
    settled = models.CharField(max_length=8, choices=Settled.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    # What one of the two has proposed to settle a difference, until the other says the same.
    proposed = models.JSONField(null=True)
    proposed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "sampled"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "case"], name="sampled_once"),
            models.UniqueConstraint(fields=["check_of", "position"], name="sampled_place"),
            models.CheckConstraint(condition=Q(settled="") | Q(marks__isnull=False), name="sampled_settled_has_marks"),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}/{self.position}"


class Judgement(models.Model):
    """What one reviewer found, on their own; never changed once it is given."""

    class Mark(models.TextChoices):
        MET = "met", pgettext_lazy("mark", "met")
        PARTLY = "partly", pgettext_lazy("mark", "partly met")
        MISSED = "missed", pgettext_lazy("mark", "not met")

    sampled = models.ForeignKey(Sampled, models.CASCADE, related_name="judgements")
    reviewer = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    marks = models.JSONField()
    words = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sampled", "reviewer"], name="judged_once")]

    def __str__(self) -> str:
        return f"judgement of {self.sampled_id}"
