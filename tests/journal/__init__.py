"""Tests of the journal: numbers, the hub behind a real server, the HTTP twin."""
