"""Records, the chain over them, and signed checkpoints; the first three tables are only ever added to."""

from django.db import models


class Record(models.Model):
    """One act that others must be able to check: ids, never what was written or read."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    # Ids and no foreign keys: a record outlives whatever it is about.
    actor = models.BigIntegerField(null=True)
    # What it was done to, such as "case-K7QM2FXP9T" or "person-5".
    subject = models.CharField(max_length=80, blank=True)
    facts = models.JSONField(default=dict)
    # "web", or "command" for what somebody did at the machine itself.
    via = models.CharField(max_length=7)
    # The request's id, under which the logs tell more.
    request = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "-id"], name="record_kind"),
            models.Index(fields=["actor", "-id"], name="record_actor"),
            models.Index(fields=["subject", "-id"], name="record_subject"),
            models.Index(fields=["at"], name="record_at"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class Link(models.Model):
    """A record's place in the chain: its number, gapless, and the hash over it and everything before it."""

    seq = models.BigIntegerField(primary_key=True)
    record = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:8]}"


class Checkpoint(models.Model):
    """How far the chain reached at a moment, signed; copies of it are kept elsewhere."""

    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    # Ed25519 over rules.signed_text, and the public key that verifies it; both base64.
    signature = models.CharField(max_length=100)
    key = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seq", "key"], name="checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:8]}"


class Waiting(models.Model):
    """A committed record that has no place in the chain yet; written with it, gone when it is linked."""

    record = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.record)


class Chain(models.Model):
    """The one row that whoever adds to the chain locks."""

    def __str__(self) -> str:
        return "the chain"
