"""Minghu City: an invented city with its people, letters and talks, loaded in demo mode only."""
