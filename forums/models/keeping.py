"""What moderators look at and what they decided: reviews, flags, earlier wordings."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .topics import Reply, Topic


class Review(models.Model):
    """A post that a moderator has to look at, and what came of it."""

    class Cause(models.TextChoices):
        FIRST = "first", _("first posts")
        LINK = "link", _("link")
        WORD = "word", _("watched word")
        FLAGS = "flags", _("flagged")
        APPEAL = "appeal", _("appeal")

    class Decision(models.TextChoices):
        OPEN = "", _("open")
        KEPT = "kept", _("left or given back")
        HIDDEN = "hidden", _("taken away")

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="reviews")
    reply = models.ForeignKey(Reply, models.CASCADE, null=True, related_name="reviews")
    cause = models.CharField(max_length=6, choices=Cause.choices)
    # The word found, the link, or what the author says in an appeal.
    why = models.CharField(max_length=1000, blank=True)
    weight = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField()
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic"], condition=Q(reply=None, decision=""), name="review_of_topic_open_once"
            ),
            models.UniqueConstraint(
                fields=["reply"], condition=Q(reply__isnull=False, decision=""), name="review_of_reply_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-weight", "opened_at"], condition=Q(decision=""), name="review_open"),
            models.Index(fields=["-decided_at"], condition=~Q(decision=""), name="review_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.topic_id}/{self.reply_id or ''} {self.decision}"


class Flag(models.Model):
    """A reader says that something is wrong with a post."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="flags")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    ground = models.CharField(max_length=10)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "person"], name="flag_once")]

    def __str__(self) -> str:
        return f"{self.ground} by {self.person_id}"


class Revision(models.Model):
    """What a post said before it was changed, for moderators."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")
    reply = models.ForeignKey(Reply, models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.topic_id}/{self.reply_id or ''} until {self.until}"
