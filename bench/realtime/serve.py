"""`manage.py serve` for the benchmark: the generator plays a crowd from few persons, so that their rates are no limit.

The counting itself is still done, and measured.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.realtime.settings")

import django

django.setup()

from django.core.management import call_command

from journal import consumer, voices

if __name__ == "__main__":
    voices.SAYS = consumer.FRAMES = 10**9
    call_command("serve", *sys.argv[1:])
