"""Commands about persons."""
