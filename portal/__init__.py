"""Front page, my matters, health, errors and the look that all rooms share."""
