"""The citizen's chat and the officer's duty desk."""
