"""The suite `realtime`: live delivery beside the usual ways of doing it, on loopback, in one run."""
