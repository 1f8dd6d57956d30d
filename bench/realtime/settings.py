"""Openhall's settings for the benchmark: one more room, open to all, and no limits on a crowd from one address."""

from project.settings import *  # noqa: F403
from project.settings import JOURNAL_CHOIRS, JOURNAL_STREAMS, JOURNAL_VOICES

JOURNAL_STREAMS = {**JOURNAL_STREAMS, "open": "bench.realtime.room.anybody"}
JOURNAL_VOICES = {**JOURNAL_VOICES, "open": "bench.realtime.room.say"}
JOURNAL_CHOIRS = {**JOURNAL_CHOIRS, "open": "bench.realtime.room.say_together"}
SOCKETS_PER_ADDRESS = SOCKETS_PER_PERSON = 1_000_000
REQUESTS_A_MINUTE = 0
