"""Verifies the audit log, signs a checkpoint, or shows the key that verifies them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import actions, queries, rules


class Command(BaseCommand):
    """`manage.py audit verify|checkpoint|key`."""

    help = "Verify the audit log against itself and against checkpoints kept elsewhere; or sign a checkpoint now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verb and what goes with it."""
        parser.add_argument("verb", choices=["verify", "checkpoint", "key"])
        parser.add_argument("--checkpoints", type=Path, help="a file of checkpoints that was kept elsewhere")

    def handle(self, *args: Any, verb: str, checkpoints: Path | None, **options: Any) -> None:
        """Do it; a fault ends with 1."""
        if verb == "key":
            self.stdout.write(rules.public_key(rules.signing_key()))
        elif verb == "checkpoint":
            self._checkpoint()
        else:
            self._verify(checkpoints or queries.default_copy())

    def _checkpoint(self) -> None:
        actions.link_records()
        made = actions.make_checkpoint()
        told = queries.as_line(made) if made else queries.checkpoints()[-1:]
        self.stdout.write(json.dumps(told))

    def _verify(self, path: Path | None) -> None:
        actions.link_records()
        try:
            kept = queries.checkpoints_in(path) if path else []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{path} cannot be read as checkpoints: {error}") from error
        verdict = queries.verify(kept)
        for note in verdict.notes:
            self.stdout.write(f"note: {note}")
        if verdict.faults:
            raise CommandError("\n".join(verdict.faults))
        with_copy = f", {len(kept)} of them from {path}" if kept else ""
        self.stdout.write(f"whole: {verdict.read} records, checkpoints agree{with_copy}")
