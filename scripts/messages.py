"""Translations without gettext's programs: compiles catalogues, and says what is not translated.

scripts/messages.py compile    .po to .mo, wherever the .po is newer
scripts/messages.py gather     new texts of the code into the catalogues (needs gettext)
scripts/messages.py check      every text in the code has its Chinese (needs gettext's xgettext)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "zh_Hans"
ROOMS = ["accounts", "audit", "journal", "notices", "sms", "search", "engagement", "messaging", "forums", "portal"]
ROOMS.append("wiki/knowledge")


def catalogues() -> list[Path]:
    """Return every .po file of ours."""
    return sorted(path for room in ROOMS for path in (ROOT / room).glob("locale/*/LC_MESSAGES/*.po"))


def compile_all() -> None:
    """Write a .mo beside every .po."""
    for path in catalogues():
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def gather() -> None:
    """Bring every room's catalogue up to date with its texts; new ones are left empty for a translator."""
    for room in ROOMS:
        path = catalogue(room)
        path.parent.mkdir(parents=True, exist_ok=True)
        book = opened(path)
        renew(book, extracted(room))
        book.save(str(path))


def renew(book: polib.POFile, found: polib.POFile) -> None:
    """Drop from `book` what is not in `found`, add what is new at its end, and leave the rest where it stands."""
    new = {key(entry): entry for entry in found}
    known = [entry for entry in book if key(entry) in new]
    for entry in known:
        source = new.pop(key(entry))
        entry.occurrences, entry.comment, entry.msgid_plural = source.occurrences, source.comment, source.msgid_plural
        entry.flags = [*source.flags, *(["fuzzy"] if entry.fuzzy else [])]
    book[:] = [*known, *new.values()]


def key(entry: polib.POEntry) -> tuple[str | None, str]:
    """Return what tells a text from all others: (context, msgid)."""
    return entry.msgctxt, entry.msgid


def catalogue(room: str) -> Path:
    """Return where the room's Chinese stands."""
    return ROOT / room / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def opened(path: Path) -> polib.POFile:
    """Return a catalogue that keeps each text on one line; an empty one where there is no file."""
    return polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)


def extracted(room: str) -> polib.POFile:
    """Return every text that the room's code and templates show, with the files that show it."""
    with tempfile.TemporaryDirectory() as folder:
        return _extract(ROOT / room, Path(folder))


def _extract(source: Path, folder: Path) -> polib.POFile:
    """Run Django's makemessages on a copy of the room, so that the committed catalogue is never touched."""
    copy = folder / source.name
    subprocess.run(["cp", "-r", str(source), str(copy)], check=True)
    target = copy / "locale"
    subprocess.run(["rm", "-rf", str(target)], check=True)
    (target / LANGUAGE / "LC_MESSAGES").mkdir(parents=True)
    # Without numbers of lines: they change with every edit, and nobody needs them to find a text.
    options = ["--no-obsolete", "--add-location", "file", "-v", "0"]
    command = [sys.executable, "-m", "django", "makemessages", "-l", LANGUAGE, *options]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{source.name}: makemessages failed\n{done.stderr}")
    return opened(target / LANGUAGE / "LC_MESSAGES" / "django.po")


def missing(room: str) -> list[str]:
    """Return a line for every text of the room that has no finished Chinese in the room's own catalogue."""
    known = {key(entry): entry for entry in opened(catalogue(room))}
    lines = []
    for found in extracted(room):
        entry = known.get(key(found))
        if entry is None:
            lines.append(f"{room}: not in the catalogue: {found.msgid!r}")
        elif entry.fuzzy or not entry.translated():
            lines.append(f"{room}: not translated: {found.msgid!r}")
    return lines


def check() -> None:
    """End with 1 and a list if any text lacks its Chinese."""
    lines = [line for room in ROOMS for line in missing(room)]
    print("\n".join(lines) or "Translations are complete.")
    sys.exit(bool(lines))


if __name__ == "__main__":
    {"compile": compile_all, "gather": gather, "check": check}[sys.argv[1] if len(sys.argv) > 1 else "check"]()
