"""What goes with the words of a talk: files, who is there to be asked, and the web sites that show a desk."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .desks import Desk
from .rooms import Room
from .talks import Talk

# A file, and the key it is sealed with, belong either to a talk or to a room of officials.
ONE_HOME = Q(talk__isnull=False, room__isnull=True) | Q(talk__isnull=True, room__isnull=False)


class TalkKey(models.Model):
    """The key that seals the files of one talk or room, itself sealed by the master key."""

    SEALED = {"key": "{0.context}"}

    talk = models.OneToOneField(Talk, models.CASCADE, null=True, related_name="seal")
    room = models.OneToOneField(Room, models.CASCADE, null=True, related_name="seal")
    key = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=ONE_HOME, name="talk_key_one_home")]

    def __str__(self) -> str:
        return f"key of {self.talk_id or self.room_id}"

    @property
    def context(self) -> str:
        """What the key is sealed with."""
        return f"talk-key-{self.talk.number}" if self.talk else f"room-key-{self.room_id}"


class TalkFile(models.Model):
    """A checked file, sealed on disk; it belongs to its sender alone until a message carries it."""

    key = models.CharField(max_length=32, unique=True)
    talk = models.ForeignKey(Talk, models.CASCADE, null=True, related_name="files")
    room = models.ForeignKey(Room, models.CASCADE, null=True, related_name="files")
    # The voice of whoever sent it, and their own key: an upload that is repeated is known as one.
    sender = models.CharField(max_length=60)
    client_key = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    # Of pictures, in pixels; the small copy lies beside the file.
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    added_at = models.DateTimeField()
    # The number of the message that carries it; null until it is sent.
    seq = models.BigIntegerField(null=True)
    # When its message was taken back: kept for the record, shown to nobody.
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["talk", "sender", "client_key"], name="talk_file_once"),
            models.UniqueConstraint(fields=["room", "sender", "client_key"], name="room_file_once"),
            models.CheckConstraint(condition=ONE_HOME, name="talk_file_one_home"),
        ]
        indexes = [models.Index(fields=["added_at"], condition=Q(seq__isnull=True), name="talk_file_unsent")]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> dict[str, Any]:
        """What a message says of it: key, name, size in bytes, type, and of pictures width and height."""
        size = {"width": self.width, "height": self.height} if self.width else {}
        return {"key": self.key, "name": self.name, "size": self.size, "type": self.media_type, **size}


class Here(models.Model):
    """When a page of somebody was last heard of: a person, or who opened a case with its code."""

    # "person-5" or "case-K7QM2FXP9T".
    reader = models.CharField(max_length=60, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reader


class DeskSite(models.Model):
    """A web site, by its origin, that may show a desk in a frame."""

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="sites")
    # Scheme, host and port as browsers send them: "https://www.example.gov".
    origin = models.CharField(_("origin"), max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "origin"], name="desk_site_once")]
        ordering = ["origin"]

    def __str__(self) -> str:
        return self.origin
