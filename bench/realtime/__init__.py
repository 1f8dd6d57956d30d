"""The suite `realtime`: live delivery measured side by side with the usual ways of doing it, on loopback, in one run."""
