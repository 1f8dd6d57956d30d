"""Carriers bring a delivery to its address: mail, screen."""
