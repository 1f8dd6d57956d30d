"""Desks, shifts and talks: live conversations of citizens and duty officers."""
