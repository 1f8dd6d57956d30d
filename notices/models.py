"""Notices, the outbox of their deliveries, and the browsers that asked to be told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# What accounts.sealing binds addresses and bodies to.
CONTEXT = "delivery"


class Notice(models.Model):
    """Somebody is told of one entry, once."""

    # "person-5", or "case-K7QM2FXP9T" for the citizen of a case who has no account.
    reader = models.CharField(max_length=60)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices")
    entry = models.ForeignKey("journal.Entry", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "entry", "kind"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-at"]),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message to one address: a row of the outbox."""

    SEALED = {"address": CONTEXT, "body": CONTEXT}

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("SMS")
        PUSH = "push", _("web push")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        ATTEMPTING = "attempting", _("being sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("unknown")
        PARKED = "parked", _("parked")

    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    # Sealed by the master key (accounts.sealing) with the context "delivery".
    address = models.BinaryField()
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, blank=True)
    # Sealed too: what is told is as private as whom it is told.
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    # The number of the try in hand; an outcome counts only for the try that it belongs to.
    attempts = models.PositiveSmallIntegerField(default=0)
    # How often a try ended without our knowing whether it was accepted.
    doubts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="pending"), name="delivery_due"),
            models.Index(fields=["leased_until"], condition=Q(state="attempting"), name="delivery_leased"),
            models.Index(fields=["not_before"], condition=Q(state="unknown"), name="delivery_doubtful"),
            models.Index(fields=["state", "created_at"]),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="delivery_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk} {self.state}"


class OutboxSwitch(models.Model):
    """One row: whether the outbox runs. A restore leaves it paused."""

    paused = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return "paused" if self.paused else "running"


class Lease(models.Model):
    """Who may do something alone, and until when: the worker that leads."""

    name = models.CharField(max_length=40, unique=True)
    holder = models.CharField(max_length=40)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"


class Device(models.Model):
    """A browser that asked to be told by web push; what reaches it is sealed, with the session that asked."""

    SEALED = {"address": "device"}

    # HMAC of the endpoint: one browser is one device, however often it asks.
    digest = models.CharField(max_length=64, unique=True)
    # Sealed with the context "device": endpoint, both keys of the browser, and the key of the session.
    address = models.BinaryField()
    language = models.CharField(max_length=10)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"device {self.pk}"


class Wish(models.Model):
    """A device wants to hear of a stream, for as long as its session may follow it."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="wishes")
    stream = models.CharField(max_length=80, db_index=True)
    # viewer.key of whoever asked, and up to which number of the stream they were told.
    listener = models.CharField(max_length=60)
    told = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "wishes"
        constraints = [models.UniqueConstraint(fields=["device", "stream"], name="wish_once")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.stream}"
