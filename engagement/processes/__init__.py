"""Processes as data: their definitions, the checks before publishing and the engine that walks them."""
