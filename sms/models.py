"""What SMS providers told us, stored raw before anything is done with it."""

from django.conf import settings
from django.db import models

# What accounts.sealing binds the raw messages to.
CONTEXT = "inbound"


class Inbound(models.Model):
    """A verified webhook: an SMS in, or the state of one that went out."""

    SEALED = {"raw": "inbound"}

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    provider_id = models.CharField(max_length=80)
    status = models.CharField(max_length=20, blank=True)
    # Sealed (accounts.sealing, context "inbound"): the sender's number and words stand in it.
    raw = models.BinaryField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind", "provider_id", "status"], name="inbound_once")
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(processed_at__isnull=True), name="inbound_open")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.provider_id}"


class Poll(models.Model):
    """Up to when a provider's list of messages in has been read."""

    provider = models.CharField(max_length=20, unique=True)
    read_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.provider


class Code(models.Model):
    """A six-digit code sent to a number, to show that the person holds it."""

    SEALED = {"phone": "code"}

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Sealed (accounts.sealing, context "code"): the number that waits to be confirmed.
    phone = models.BinaryField()
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"code of {self.person_id}"
