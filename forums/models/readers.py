"""What the forums know of each reader: standing, what was read, what is followed, half-written words, reactions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .boards import Board
from .topics import Reply, Topic


class Member(models.Model):
    """Somebody who has written: how much stood, how much was taken away. Trust follows from it and from time."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="member")
    since = models.DateTimeField()
    posts = models.PositiveIntegerField(default=0)
    hidden = models.PositiveIntegerField(default=0)
    muted_until = models.DateTimeField(_("may not write until"), null=True, blank=True)
    muted_because = models.CharField(_("because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("forum member")
        verbose_name_plural = _("forum members")

    def __str__(self) -> str:
        return f"{self.person}"


class Reading(models.Model):
    """What one person has read of a topic, whether they follow it, and the reply they have begun."""

    class Follow(models.TextChoices):
        NO = "", _("not followed")
        NOW = "now", _("tell me of every reply")
        DAILY = "daily", _("once a day, together")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="readings")
    # Bit n is set when reply number n has been shown to the person.
    read = models.BinaryField(default=b"")
    read_at = models.DateTimeField()
    follow = models.CharField(max_length=5, choices=Follow.choices, blank=True)
    # Up to which number, and when, the follower was told.
    told = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    draft = models.TextField(blank=True)
    draft_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="reading_once")]
        indexes = [
            models.Index(fields=["follow", "told_at"], condition=~Q(follow=""), name="reading_followed"),
            models.Index(fields=["person", "-read_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.topic_id}"


class Draft(models.Model):
    """A topic that somebody has begun to write in a board."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    board = models.ForeignKey(Board, models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    tags = models.CharField(max_length=200, blank=True)
    question = models.CharField(max_length=200, blank=True)
    options = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "board"], name="draft_once")]

    def __str__(self) -> str:
        return self.title


class Reaction(models.Model):
    """Somebody supports a topic, or agrees with or thanks for a reply."""

    class Kind(models.TextChoices):
        SUPPORT = "support", _("support")
        AGREE = "agree", _("agree")
        THANKS = "thanks", _("thanks")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")
    reply = models.ForeignKey(Reply, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "person", "kind"], condition=Q(reply=None), name="topic_reaction_once"
            ),
            models.UniqueConstraint(
                fields=["reply", "person", "kind"], condition=Q(reply__isnull=False), name="reply_reaction_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.person_id}"
