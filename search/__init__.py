"""One full-text index for every room, the same on SQLite and PostgreSQL."""
