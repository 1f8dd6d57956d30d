"""Tags of the forums."""
