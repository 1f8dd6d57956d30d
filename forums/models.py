"""Boards, topics and the replies that django-comments-xtd stores for us."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_comments_xtd.models import XtdComment

from accounts.models import Named


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
    official_reply = models.BigIntegerField(null=True)
    case = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="topics")
    token = models.CharField(max_length=64, unique=True, null=True)

    class Meta:
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

    official = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "replies"
