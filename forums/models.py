"""Boards, topics and the replies that django-comments-xtd stores for us."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_comments_xtd.models import XtdComment

from accounts.models import Named, Unit


class Board(Named):
    """A place for topics about one matter or neighbourhood."""

    slug = models.SlugField(max_length=60, unique=True)
    about = models.CharField(_("about"), max_length=300, blank=True)
    about_en = models.CharField(_("about, in English"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    members_only = models.BooleanField(_("members only"), default=False)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ["position", "pk"]

    @property
    def about_label(self) -> str:
        """What the board is about, in the reader's language."""
        english = (get_language() or "").startswith("en")
        return self.about_en if english and self.about_en else self.about


class Topic(models.Model):
    """A first post and what people answered; the lock row of every write to it."""

    board = models.ForeignKey(Board, models.PROTECT, related_name="topics")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="topics")
    title = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    replies = models.PositiveIntegerField(default=0)
    locked = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    # The first official answer that stands, so that lists show its badge without asking.
    official_reply = models.BigIntegerField(null=True)
    case = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="topics")
    # HMAC of the author and the form's token: a repeated POST opens the topic once.
    token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        indexes = [models.Index(fields=["board", "-last_at"], condition=models.Q(hidden=False), name="topic_latest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the topic's address."""
        return f"/forums/topics/{self.pk}/"

    @property
    def stream_name(self) -> str:
        """The journal stream of its replies."""
        return f"topic-{self.pk}"


class Reply(XtdComment):
    """A reply. Edited and hidden by QuerySet.update() only: saving one would publish it again."""

    # An answer in the name of the unit, by somebody who held a post there.
    official = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
