"""Streams and entries: the numbered log."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Stream(models.Model):
    """Something people may watch live; its numbers are gapless within an epoch."""

    name = models.CharField(max_length=80, unique=True)
    # A restore gives every stream a new epoch, so that clients holding later numbers start over.
    epoch = models.UUIDField(default=uuid.uuid4, editable=False)
    head = models.BigIntegerField(default=0)
    # Entries up to here were pruned; a cursor below it gets a reset.
    floor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """One thing that happened, written once."""

    # Found by the constraint on (stream, seq); an index of its own would cost every insert for nothing.
    stream = models.ForeignKey(Stream, models.CASCADE, related_name="entries", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    # Nobody asks for all that a person wrote, and persons are erased, never deleted: an index would cost every insert.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    # Who said it, also for visitors without an account: viewer.key.
    sender = models.CharField(max_length=60, blank=True)
    # The client's own key for a message, so that a repeat is known as one; with the digest of its body.
    key = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="entry_seq_once"),
            # The key first: it begins with the time, so what is said now lies together, whoever says it.
            models.UniqueConstraint(fields=["key", "sender", "stream"], condition=~Q(key=""), name="entry_key_once"),
        ]
        indexes = [models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.seq} {self.kind}"


class Ticket(models.Model):
    """A single-use way into the socket for clients without the cookie; kept 30 s."""

    digest = models.CharField(max_length=64, unique=True)
    session_key = models.CharField(max_length=40)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:8]


class Retraction(models.Model):
    """A right to follow may have ended: every process asks again for this stream or person. Kept an hour."""

    target = models.CharField(max_length=80)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.target
