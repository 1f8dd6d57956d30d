"""The worker: calls the functions of settings.WORK again and again, each on its own thread."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connections
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from .models import Lease

LEASE = timedelta(seconds=20)
RENEWED_AFTER = 5.0
BACKOFF_MOST = 60.0
# What comes round as often keeps its database connection: making one costs more than most of its looks.
KEPT_UP_TO = 2.0
# Functions that run in every worker and at once when something was queued; claims keep them apart.
OUTBOX = ("notices.actions.deliver_mails", "notices.actions.deliver_texts", "notices.actions.deliver_pushes")

logger = logging.getLogger(__name__)
_bells: list[threading.Event] = []


def wake() -> None:
    """Let the outbox look for work now; called when a transaction with a delivery has committed."""
    for bell in list(_bells):
        bell.set()


def run(stop: threading.Event) -> None:
    """Do the work of settings.WORK until `stop` is set; returns when the last call has ended.

    Several processes may run this: one of them leads and does the periodic work, all of them empty the outbox.
    """
    lead = Leadership(f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
    jobs = [Job(path, seconds, stop, lead) for path, seconds in settings.WORK]
    threads = [threading.Thread(target=job.run, name=job.path, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lead.give_up()
    connections.close_all()


def end(stop: threading.Event) -> None:
    """Set `stop`, and have also the outbox see it at once: `run` returns when the last calls have ended."""
    stop.set()
    wake()


class Leadership:
    """One row says which process leads; it must be renewed, so a killed leader is followed within LEASE."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        self._lock = threading.Lock()
        self._checked = -RENEWED_AFTER
        self._leads = False

    def is_mine(self) -> bool:
        """Return whether this process leads, renewing the lease every few seconds."""
        with self._lock:
            if time.monotonic() - self._checked >= RENEWED_AFTER:
                # A failed renewal is no leadership: better nobody for a moment than two.
                self._leads = False
                self._leads = take_lease(self.holder, timezone.now())
                self._checked = time.monotonic()
            return self._leads

    def give_up(self) -> None:
        """Let another process lead at once after a clean stop."""
        if self._leads:
            Lease.objects.filter(name="worker", holder=self.holder).update(until=timezone.now())


def take_lease(holder: str, at: datetime) -> bool:
    """Take or renew the lease for `holder` unless somebody else holds it at the moment `at`."""
    Lease.objects.get_or_create(name="worker", defaults={"holder": holder, "until": at})
    free = Lease.objects.filter(Q(holder=holder) | Q(until__lte=at), name="worker")
    return free.update(holder=holder, until=at + LEASE) == 1


class Job:
    """One function of settings.WORK, called every `seconds`, less often while it fails."""

    def __init__(self, path: str, seconds: float, stop: threading.Event, lead: Leadership) -> None:
        self.path, self.seconds, self.stop, self.lead = path, seconds, stop, lead
        self.is_outbox = path in OUTBOX
        self.failures = 0

    def run(self) -> None:
        """Call the function until told to stop; what it raises is logged and touches nothing else."""
        bell = threading.Event() if self.is_outbox else self.stop
        if self.is_outbox:
            _bells.append(bell)
        try:
            while not self.stop.is_set():
                self._once()
                bell.wait(self._pause())
                if self.is_outbox:
                    bell.clear()
        finally:
            if self.is_outbox:
                _bells.remove(bell)
            # The connections of a thread are its own: nobody else can close them.
            connections.close_all()

    def _pause(self) -> float:
        return min(self.seconds * 2.0**self.failures, max(BACKOFF_MOST, self.seconds))

    def _once(self) -> None:
        # Drops a connection that broke; one that was kept is asked for a sign of life before its next use.
        close_old_connections()
        try:
            if self.is_outbox or self.lead.is_mine():
                function: Callable[[], object] = import_string(self.path)
                function()
            self.failures = 0
        except Exception:
            self.failures = min(self.failures + 1, 10)
            logger.exception("%s failed (%s in a row)", self.path, self.failures)
        finally:
            if self.seconds <= KEPT_UP_TO:
                for connection in connections.all(initialized_only=True):
                    connection.close_at = None
            close_old_connections()
