"""Topics with their polls and pictures, and the replies that django-comments-xtd stores for us."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_comments_xtd.models import XtdComment

from accounts.models import Unit

from .boards import Board


class Topic(models.Model):
    """A first post and what people answered; the lock row of every write to it."""

    board = models.ForeignKey(Board, models.PROTECT, related_name="topics")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="topics")
    title = models.CharField(max_length=200)
    # What was written, addresses and numbers masked, and the safe HTML made of it once.
    text = models.TextField()
    html = models.TextField(default="")
    language = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    tags = models.JSONField(default=list)
    # [{"key", "width", "height"}], so that pages ask no further.
    pictures = models.JSONField(default=list)
    supports = models.PositiveIntegerField(default=0)
    # Replies that stand; those shown, lines of hidden ones included; the number last given to a reply.
    replies = models.PositiveIntegerField(default=0)
    shown = models.PositiveIntegerField(default=0)
    numbers = models.PositiveIntegerField(default=0)
    # Bit n is set when reply number n cannot be read (hidden, held, moved): nobody has it unread.
    gone = models.BinaryField(default=b"")
    locked = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    # Waits for a moderator before anybody but its author sees it.
    held = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    # The first official answer that stands, so that lists show its badge without asking.
    official_reply = models.BigIntegerField(null=True)
    # When an official answer is due, from when on, and when it came.
    asked_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    # The last light that the unit was told of.
    warned = models.CharField(max_length=6, blank=True)
    case = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="topics")
    # When readers were told that the case has its answer.
    case_told_at = models.DateTimeField(null=True)
    # HMAC of the author and the form's token: a repeated POST opens the topic once.
    token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    # Where an imported topic came from; unique, so that importing again makes no second one.
    source = models.CharField(max_length=200, unique=True, null=True)  # noqa: DJ001

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        indexes = [
            models.Index(
                fields=["board", "-last_at"],
                condition=Q(hidden=False, held=False, archived=False, merged_into__isnull=True),
                name="topic_standing",
            ),
            models.Index(fields=["-last_at"], condition=Q(hidden=False, held=False), name="topic_newest"),
            models.Index(fields=["author", "-last_at"]),
            models.Index(fields=["due_at"], condition=Q(asked_at__isnull=False, answered_at=None), name="topic_due"),
            models.Index(fields=["case"], condition=Q(case__isnull=False), name="topic_of_case"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the topic's address."""
        return f"/forums/topics/{self.pk}/"

    @property
    def stream_name(self) -> str:
        """The journal stream of its replies."""
        return f"topic-{self.pk}"

    @property
    def closed(self) -> bool:
        """Whether nobody but moderators writes in it any more."""
        return self.locked or self.archived


class Reply(XtdComment):
    """A reply. Edited and hidden by QuerySet.update() only: saving one would publish it again."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")
    # Its place in the reading order: one part a level, each the second and the id of a post. Never changes by itself.
    path = models.CharField(max_length=130, default="")
    # Its place in time within the topic, from 1.
    number = models.PositiveIntegerField(default=0)
    # The number of the reply that it answers; 0 for the topic itself.
    answers = models.PositiveIntegerField(default=0)
    html = models.TextField(default="")
    pictures = models.JSONField(default=list)
    agrees = models.PositiveIntegerField(default=0)
    thanks = models.PositiveIntegerField(default=0)
    held = models.BooleanField(default=False)
    # An answer in the name of the unit, by somebody who held a post there.
    official = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)
    # The case that was made of this one post.
    case = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="+")
    # The case whose public answer this is.
    answer_of = models.ForeignKey("engagement.Case", models.PROTECT, null=True, related_name="+")
    moved_to = models.ForeignKey(Topic, models.SET_NULL, null=True, related_name="+")
    # Pages that an official answer names and that say something else since: [{"title", "url"}].
    changed_sources = models.JSONField(default=list)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [
            models.UniqueConstraint(fields=["topic", "path"], name="reply_place_once"),
            models.UniqueConstraint(fields=["topic", "number"], name="reply_number_once"),
            models.UniqueConstraint(fields=["topic", "answer_of"], name="reply_answer_once"),
        ]


class Tagged(models.Model):
    """A topic bears a tag."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="tagged")
    tag = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "topic"], name="tag_once")]

    def __str__(self) -> str:
        return self.tag


class Picture(models.Model):
    """A picture of a post: drawn anew, made smaller, kept as a file."""

    key = models.CharField(max_length=32, unique=True)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")
    reply = models.ForeignKey(Reply, models.CASCADE, null=True, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Poll(models.Model):
    """A question with options; who chose what is nobody's business."""

    topic = models.OneToOneField(Topic, models.CASCADE, related_name="poll")
    question = models.CharField(max_length=200)
    most = models.PositiveSmallIntegerField(default=1)
    closes_at = models.DateTimeField(null=True)
    voters = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.question


class Option(models.Model):
    """Something to choose."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="options")
    text = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    votes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text


class Vote(models.Model):
    """A person chose an option."""

    option = models.ForeignKey(Option, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["option", "person"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.person_id} for {self.option_id}"
