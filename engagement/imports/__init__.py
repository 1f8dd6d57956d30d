"""Bringing in letters, cases and categories from other systems: read, checked row by row, stored in batches."""
