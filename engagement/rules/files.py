"""Checking what people upload: the content must be what the name says, and nothing in it may hurt a reader."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.rules import BadInput, clean_text
from accounts.wording import listed

FILE_BYTES = 20 * 1024 * 1024
CASE_BYTES = 50 * 1024 * 1024
CASE_FILES = 50
PIXELS = 40_000_000
# Longer side, in pixels, of the small copy that a conversation shows.
SMALL = 640
NAME = 120
# What an office document may unfold to.
ZIP_ENTRIES = 2_000
ZIP_BYTES = 200 * 1024 * 1024
ZIP_RATIO = 100
TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
IMAGES = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: images are drawn anew, so that nothing but the picture is left."""

    name: str
    media_type: str
    content: bytes


def check_all(uploads: Iterable[Any], used: int = 0, count: int = 0) -> list[Checked]:
    """Return the checked files. Raises BadInput; `used` bytes and `count` files are already in the case."""
    checked = []
    for upload in uploads:
        count += 1
        if count > CASE_FILES:
            raise BadInput(_("At most %(most)d files, please.") % {"most": CASE_FILES}, field="files", code="too_many")
        checked.append(check_file(upload))
        used += len(checked[-1].content)
        if used > CASE_BYTES:
            raise BadInput(_("All files of a case together may have 50 MB."), field="files", code="too_large")
    return checked


def check_file(upload: Any) -> Checked:
    """Return one checked file. Raises BadInput when it is too large, of another type, broken or dangerous."""
    if not hasattr(upload, "read"):
        raise BadInput(field="files", code="not_a_file")
    name = _plain_name(getattr(upload, "name", "") or "")
    ending = name.rpartition(".")[2].lower()
    if ending not in TYPES or "." not in name:
        raise _bad(_("Files of these types are taken: %(types)s.") % {"types": listed(sorted(TYPES))}, "bad_type")
    upload.seek(0)
    content = upload.read(FILE_BYTES + 1)
    if not content:
        raise _bad(_("The file “%(name)s” is empty.") % {"name": name}, "empty_file")
    if len(content) > FILE_BYTES:
        raise _bad(_("The file “%(name)s” is larger than 20 MB.") % {"name": name}, "too_large")
    return Checked(name, TYPES[ending], _checked(name, ending, content))


def _checked(name: str, ending: str, content: bytes) -> bytes:
    if ending in IMAGES:
        return _image(name, ending, content)
    if ending in ("docx", "xlsx"):
        _check_office(name, ending, content)
    elif ending == "txt":
        return _text(name, content)
    elif not _looks_right(ending, content):
        raise _other(name)
    return content


def _plain_name(name: str) -> str:
    """Return the last part of the name without signs that could mean something to a file system or a header."""
    name = re.split(r"[\\/]", str(name))[-1]
    name = re.sub(r"[\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]", "", name.encode("utf-8", "ignore").decode())
    stem, dot, ending = name.strip().rpartition(".")
    return clean_text(f"{stem[: NAME - 12]}{dot}{ending[:10]}", most=NAME, least=1, field="files", newlines=False)


def _image(name: str, ending: str, content: bytes) -> bytes:
    """Draw the picture anew: place, camera and whatever else was hidden in it stay behind."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[IMAGES[ending]]) as picture:
                if picture.width * picture.height > PIXELS:
                    raise _bad(_("The picture “%(name)s” has more than 40 megapixels.") % {"name": name}, "too_large")
                upright = ImageOps.exif_transpose(picture)
                mode = "RGB" if ending in ("jpg", "jpeg") else "RGBA" if _has_alpha(upright) else "RGB"
                plain = upright.convert(mode)
    except BadInput:
        raise
    # Pillow raises many kinds of errors for broken pictures (OSError, SyntaxError, struct.error, ValueError, …).
    except Exception as error:
        raise _other(name) from error
    # Pixels only: a fresh image carries no metadata of the old one.
    fresh = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    fresh.save(out, IMAGES[ending], **({} if ending == "png" else {"quality": 88}))
    return out.getvalue()


def small_picture(checked: Checked) -> tuple[bytes, int, int] | None:
    """Return a small WebP of a checked picture with the width and height of the picture; None for other files."""
    if not checked.media_type.startswith("image/"):
        return None
    with Image.open(io.BytesIO(checked.content)) as picture:
        width, height = picture.size
        picture.thumbnail((SMALL, SMALL))
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=80)
    return out.getvalue(), width, height


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _check_office(name: str, ending: str, content: bytes) -> None:
    """Look at the list of contents only: nothing is unfolded beyond a few hundred bytes."""
    part = "word/document.xml" if ending == "docx" else "xl/workbook.xml"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if part not in names or "[Content_Types].xml" not in names:
                raise _other(name)
            with archive.open("[Content_Types].xml") as opened:
                if b"macroEnabled" in opened.read(1_000_000):
                    raise _bad(_("The file “%(name)s” holds macros.") % {"name": name}, "macros")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error):
        raise _other(name) from None
    unfolded = sum(entry.file_size for entry in entries)
    if len(entries) > ZIP_ENTRIES or unfolded > min(ZIP_BYTES, max(ZIP_RATIO * len(content), 1_000_000)):
        raise _bad(_("The file “%(name)s” unfolds to far too much.") % {"name": name}, "zip_bomb")
    if any(entry.flag_bits & 1 or ".." in entry.filename or entry.filename.startswith("/") for entry in entries):
        raise _other(name)
    if any(each.lower().endswith("vbaproject.bin") for each in names):
        raise _bad(_("The file “%(name)s” holds macros.") % {"name": name}, "macros")


def _text(name: str, content: bytes) -> bytes:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text):
            return text.encode()
    raise _other(name)


def _looks_right(ending: str, content: bytes) -> bool:
    if ending == "pdf":
        return b"%PDF-" in content[:1024] and b"%%EOF" in content[-2048:]
    if ending == "mp4":
        return content[4:8] == b"ftyp"
    return content[:3] == b"ID3" or (len(content) > 3 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0)


def _bad(text: str, code: str) -> BadInput:
    return BadInput(text, field="files", code=code)


def _other(name: str) -> BadInput:
    return _bad(_("The file “%(name)s” is broken or is not what its name says.") % {"name": name}, "bad_content")
