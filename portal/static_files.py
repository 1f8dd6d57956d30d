"""Names of static files: with their digest once `manage.py prepare` has collected them, plain before."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Never fails a page for a file that is not collected yet.

    A house that is closed before it was ever prepared, or between new code and its files, still has a page to show.
    """

    def stored_name(self, name: str) -> str:
        """Return the name with its digest, or `name` itself where no list of collected files knows it."""
        try:
            stored: str = super().stored_name(name)
        except ValueError:
            return name
        return stored
