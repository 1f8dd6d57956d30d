"""Benchmarks of the house: `python -m bench <suite>`."""
