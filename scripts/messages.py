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
    command = [sys.executable, str(ROOT / "manage.py"), "makemessages", "-l", LANGUAGE, "--no-obsolete", "--no-wrap"]
    for room in ROOMS:
        (ROOT / room / "locale").mkdir(exist_ok=True)
        subprocess.run(command, cwd=ROOT / room, check=True)


def extracted(room: str) -> set[tuple[str | None, str]]:
    """Return (context, msgid) of every text that the room's code and templates show."""
    with tempfile.TemporaryDirectory() as folder:
        return _extract(ROOT / room, Path(folder))


def _extract(source: Path, folder: Path) -> set[tuple[str | None, str]]:
    """Run Django's makemessages on a copy of the room, so that the committed catalogue is never touched."""
    copy = folder / source.name
    subprocess.run(["cp", "-r", str(source), str(copy)], check=True)
    target = copy / "locale"
    subprocess.run(["rm", "-rf", str(target)], check=True)
    (target / LANGUAGE / "LC_MESSAGES").mkdir(parents=True)
    command = [sys.executable, "-m", "django", "makemessages", "-l", LANGUAGE, "--no-obsolete", "-v", "0"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{source.name}: makemessages failed\n{done.stderr}")
    made = target / LANGUAGE / "LC_MESSAGES" / "django.po"
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(made))} if made.exists() else set()


def missing(room: str) -> list[str]:
    """Return a line for every text of the room that has no finished Chinese in the room's own catalogue."""
    path = ROOT / room / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
    known = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    lines = []
    for key in sorted(extracted(room), key=str):
        entry = known.get(key)
        if entry is None:
            lines.append(f"{room}: not in the catalogue: {key[1]!r}")
        elif entry.fuzzy or not entry.translated():
            lines.append(f"{room}: not translated: {key[1]!r}")
    return lines


def check() -> None:
    """End with 1 and a list if any text lacks its Chinese."""
    lines = [line for room in ROOMS for line in missing(room)]
    print("\n".join(lines) or "Translations are complete.")
    sys.exit(bool(lines))


if __name__ == "__main__":
    {"compile": compile_all, "gather": gather, "check": check}[sys.argv[1] if len(sys.argv) > 1 else "check"]()
