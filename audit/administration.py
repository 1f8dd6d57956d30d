"""What Django's admin changes: it has one place of its own where every change passes, and this listens there."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.db.models.signals import post_save
from django.dispatch import receiver

from .actions import record

# Persons, units and posts record themselves, whoever changes them from wherever.
THEMSELVES = {"accounts"}
ACTS = {ADDITION: "added", DELETION: "removed"}


@receiver(post_save, sender=LogEntry)
def note_change(instance: LogEntry, created: bool, **kwargs: Any) -> None:
    """Record which row was changed and the names of the fields, not what was written into them."""
    model = instance.content_type
    if not created or model is None or model.app_label in THEMSELVES:
        return
    facts = {"act": ACTS.get(instance.action_flag, "changed")}
    fields = "+".join(_fields(instance.change_message))
    if fields:
        facts["fields"] = fields[:64]
    subject = f"{model.app_label}.{model.model}-{instance.object_id}"
    record("settings.changed", subject=subject[:80], facts=facts, by=instance.user_id)


def _fields(message: str) -> list[str]:
    try:
        told = json.loads(message)
    except ValueError:
        return []
    names = [name for part in told if "changed" in part for name in part["changed"].get("fields", [])]
    # Django writes the labels of fields, in whatever language: only plain ones are ids.
    return [name for name in names if name.isascii() and name.isidentifier()]
