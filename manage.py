#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys

# To walk through what is being loaded, again and again, takes a seventh of every start.
gc.set_threshold(20_000, 20, 20)

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
