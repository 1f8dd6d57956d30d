"""Boards and topics over django-comments-xtd."""
