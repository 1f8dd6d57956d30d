"""Tests of accounts: pages and actions."""
