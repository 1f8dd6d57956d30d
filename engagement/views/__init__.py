"""Pages of letters and cases."""
