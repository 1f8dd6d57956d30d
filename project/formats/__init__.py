"""How dates and numbers are written, where Django's own habit is American or too long."""
