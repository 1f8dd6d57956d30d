"""The SMS carrier, its signed webhooks and SMS in."""
