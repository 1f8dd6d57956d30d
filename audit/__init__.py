"""The audit log: who did what that others must be able to check, in a chain that shows every change."""
