"""Persons, units and posts: who is who, and where everybody serves."""
