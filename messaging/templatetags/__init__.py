"""Template tags of the room messaging."""
