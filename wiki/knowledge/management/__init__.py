"""Commands of the handbook."""
