"""Imports, figures, calendars and facts from the command line."""
