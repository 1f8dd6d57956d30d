"""What we keep beside django-wiki's articles."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Unit


class Page(models.Model):
    """Our side of an article: who owns it, who may read it, and until when it was found right."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everybody")
        OFFICIALS = "officials", _("officials only")

    article = models.OneToOneField("wiki.Article", models.CASCADE, related_name="page")
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="+")
    audience = models.CharField(max_length=9, choices=Audience.choices, default=Audience.PUBLIC)
    language = models.CharField(max_length=10, default="zh-hans")
    # When somebody last found that it is right, who, and the revision that was looked at.
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_revision = models.IntegerField(null=True)
    # The day by which somebody must look at it again, and the day about which its unit was told.
    expires_on = models.DateField(null=True)
    reminded_on = models.DateField(null=True)
    # The same page in the other language, and the revision of that one which this one's present words match.
    twin = models.OneToOneField("self", models.SET_NULL, null=True, related_name="+")
    matches = models.IntegerField(null=True)
    # The case whose published answer it grew out of.
    case = models.ForeignKey("engagement.Case", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("page of the handbook")
        verbose_name_plural = _("pages of the handbook")
        indexes = [models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="page_expiry")]

    def __str__(self) -> str:
        return f"page of {self.article_id}"

    @property
    def stream_name(self) -> str:
        """The journal stream of what was done to the page."""
        return f"page-{self.article_id}"

    @property
    def talk_name(self) -> str:
        """The journal stream of what is said below the page: whoever reads the page may follow it."""
        return f"remarks-{self.article_id}"


class Proposal(models.Model):
    """Words that wait for a second person before they stand in the handbook: of a page, or a new page."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for review")
        PUBLISHED = "published", _("published")
        SENT_BACK = "sent_back", _("sent back")
        WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "withdrawn")

    page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="proposals")
    # The revision that the editor showed; null for a new page.
    base = models.IntegerField(null=True)
    # Where a new page is to stand: a URLPath's id and the last part of its address.
    parent = models.IntegerField(null=True)
    slug = models.CharField(max_length=50, blank=True)
    audience = models.CharField(max_length=9, choices=Page.Audience.choices, default=Page.Audience.PUBLIC)
    language = models.CharField(max_length=10, default="zh-hans")
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="+")
    case = models.ForeignKey("engagement.Case", models.SET_NULL, null=True, related_name="+")
    # A new page that says in the other language what this one says.
    twin = models.ForeignKey(Page, models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=200)
    text = models.TextField()
    summary = models.CharField(max_length=200, blank=True)
    # Only the wording changes: nobody needs to be told, and the other language stays right.
    minor = models.BooleanField(default=False)
    # Afterwards it says what the page in the other language says.
    same = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True)
    # Digest of the form's token: sent twice, it is proposed once.
    token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unique, so none must be null

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(state="waiting"), name="proposal_waiting"),
            models.Index(fields=["author", "-at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("author")), name="proposal_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(reviewer__isnull=False), name="proposal_published_by_reviewer"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stream_name(self) -> str:
        """The journal stream of what is done to it: its page's, or its own before there is a page."""
        return self.page.stream_name if self.page else f"page-p{self.pk}"


class Vote(models.Model):
    """One reader's answer to "was this helpful?"."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="votes")
    # viewer.key: a person, or the random name of a session.
    voter = models.CharField(max_length=60)
    helpful = models.BooleanField()
    words = models.CharField(max_length=500, blank=True)
    revision = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "voter"], name="page_vote_once")]
        indexes = [models.Index(fields=["page", "-at"])]

    def __str__(self) -> str:
        return f"{self.page_id} {self.helpful}"


class Remark(models.Model):
    """What somebody says about a page, below it."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="remarks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # The unit in whose name an official speaks.
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unique, so none must be null

    class Meta:
        indexes = [models.Index(fields=["page", "-id"])]

    def __str__(self) -> str:
        return f"{self.page_id} {self.pk}"


class Citation(models.Model):
    """An answer to a citizen, in a case, a talk or a topic, that rests on a revision of a page."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="citations")
    revision = models.IntegerField()
    # Where the answer stands: the journal stream "case-K7QM2FXP9T" or "talk-…", "reply-12" in a topic.
    stream = models.CharField(max_length=60)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    # The revision that replaced the one cited, and when those who got the answer were told.
    newer = models.IntegerField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "stream"], name="citation_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(newer__isnull=False, told_at__isnull=True), name="citation_to_tell")
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.page_id}"


class FormerPath(models.Model):
    """Where a page stood before it moved: old links lead on."""

    path = models.CharField(max_length=400, unique=True)
    page = models.ForeignKey(Page, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.path
