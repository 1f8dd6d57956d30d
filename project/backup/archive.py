"""The archive: a tar file of the database, the files and last a manifest with the checksum of each."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from accounts.sealing import SealBroken, seal, unseal

from . import rules
from .rules import DATABASE, FORMAT, MANIFEST, PIECE, BackupRefused

PROOF = "backup manifest"


@dataclass
class Manifest:
    """What an archive holds: versions, the names of all migrations, and (size, SHA-256) of every part."""

    format: int = FORMAT
    made_at: str = ""
    release: str = ""
    vendor: str = ""
    server: str = ""
    migrations: list[str] = field(default_factory=list)
    parts: dict[str, tuple[int, str]] = field(default_factory=dict)
    # The digest of all the rest, sealed by the house's key: it shows both the right key and that nobody wrote here.
    proof: str = ""

    def digest(self) -> bytes:
        """Return the digest of everything but the proof."""
        kept = {name: value for name, value in asdict(self).items() if name != "proof"}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).digest()

    def sign(self) -> None:
        """Seal the digest with the newest sealing key."""
        self.proof = base64.b64encode(seal(self.digest(), PROOF)).decode()

    def check_proof(self) -> None:
        """Raise BackupRefused unless a key of this house sealed the manifest, and it was not changed since."""
        try:
            if unseal(base64.b64decode(self.proof), PROOF) == self.digest():
                return
            told = "its list of contents was changed"
        except (SealBroken, ValueError) as error:
            told = str(error)
        raise BackupRefused(
            f"The backup does not fit the sealing key of this house ({told}). Without the key under which it was made"
            " contacts, reports and files stay closed: set OPENHALL_SEALING_KEYS."
        )


class Writer:
    """Writes an archive part by part, counting and watching what goes in."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar, self.manifest = tar, manifest
        self._forbidden = rules.secrets()

    def add_database(self, raw: Path) -> None:
        """Add the copy of the database, packed; secrets are looked for before packing hides them."""
        packed = raw.with_suffix(".gz")
        with raw.open("rb") as source, gzip.open(packed, "wb", compresslevel=5) as target:
            watched = rules.Watched(source, "the database", self._forbidden)
            while piece := watched.read(PIECE):
                target.write(piece)
        self._add(packed, DATABASE, ())

    def add_file(self, path: Path, name: str) -> None:
        """Add a file; one that was erased since it was listed is left out."""
        try:
            self._add(path, name, self._forbidden)
        except FileNotFoundError:
            return

    def _add(self, path: Path, name: str, forbidden: tuple[bytes, ...] | list[bytes]) -> None:
        rules.check_name(name)
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = os.fstat(file.fileno()).st_size, int(path.stat().st_mtime)
            counted = _Digested(rules.Watched(file, name, forbidden))
            self._tar.addfile(info, counted)
        self.manifest.parts[name] = (info.size, counted.hexdigest)

    def close(self) -> None:
        """Write the manifest, as the last part."""
        self.manifest.sign()
        body = json.dumps(asdict(self.manifest), indent=1, sort_keys=True).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(body)
        self._tar.addfile(info, io.BytesIO(body))


class _Digested:
    """A reader that knows the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes] | rules.Watched) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._file.read(size)
        self._digest.update(piece)
        return piece

    @property
    def hexdigest(self) -> str:
        """The digest so far."""
        return self._digest.hexdigest()


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except (OSError, tarfile.TarError) as error:
        raise BackupRefused(f"{path} cannot be read as a backup: {error}") from error


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of the archive. Raises BackupRefused for anything else than a whole archive of ours."""
    with _opened(path) as tar:
        try:
            member = tar.extractfile(MANIFEST)
            told = json.loads(member.read()) if member else None
        except (KeyError, tarfile.TarError, ValueError) as error:
            raise BackupRefused(f"{path} has no list of its contents: it was cut off, or is no backup.") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise BackupRefused(f"{path} is of another format than this version reads ({FORMAT}).")
    try:
        parts = {str(name): (int(size), str(digest)) for name, (size, digest) in told.pop("parts").items()}
        return Manifest(**told, parts=parts)
    except (KeyError, TypeError, ValueError) as error:
        raise BackupRefused(f"{path} has a list of contents that cannot be understood.") from error


def _parts(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name and content of every part but the manifest."""
    with _opened(path) as tar:
        for member in tar:
            if member.name == MANIFEST:
                continue
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise BackupRefused(f"The archive has a part that is no plain file: {member.name!r}.")
            yield member.name, content


def faults_of(path: Path, manifest: Manifest) -> list[str]:
    """Return a line for every part that is missing, added or changed; none for a whole archive."""
    faults, missing = [], dict(manifest.parts)
    try:
        for name, content in _parts(path):
            expected = missing.pop(name, None)
            digested, size = _Digested(content), 0
            while piece := digested.read(PIECE):
                size += len(piece)
            if expected is None:
                faults.append(f"{name} is not in the list of contents, or is there twice")
            elif expected != (size, digested.hexdigest):
                faults.append(f"{name} was changed")
    except tarfile.TarError as error:
        faults.append(f"the archive breaks off: {error}")
    return faults + [f"{name} is missing" for name in missing]


def unpack(path: Path, folder: Path) -> None:
    """Write every part below the folder, the database unpacked as `database`. Raises BackupRefused for odd names."""
    for name, content in _parts(path):
        rules.check_name(name)
        target = folder / name.removesuffix(".gz") if name == DATABASE else folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if name == DATABASE:
            with gzip.open(content) as packed:
                _write(target, packed)
        else:
            _write(target, content)


def _write(target: Path, source: IO[bytes] | gzip.GzipFile) -> None:
    with open(target, "xb", opener=lambda at, flags: os.open(at, flags, 0o600)) as out:
        while piece := source.read(PIECE):
            out.write(piece)
