"""Copying the house and bringing a copy back: database, files, and a manifest that says whether all is there."""

from .archive import Manifest, faults_of, read_manifest
from .making import make_backup
from .restoring import Restored, restore
from .rules import BackupRefused

__all__ = ["BackupRefused", "Manifest", "Restored", "faults_of", "make_backup", "read_manifest", "restore"]
