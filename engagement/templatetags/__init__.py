"""Template filters of letters and cases."""
