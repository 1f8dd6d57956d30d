"""Files: what is taken, what is refused, what is removed from pictures, who may read them, and no leftovers."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from accounts.viewers import Viewer
from engagement import actions, queries, rules
from engagement.models import Attachment
from engagement.rules.files import FILE_BYTES, check_file
from tests.engagement.cast import case_at, integrity, letter, office

SECRET = b"Canary-GPS-31.2304N"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), exif: bool = True) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "red")
    data = Image.Exif()
    if exif:
        data[0x010E] = SECRET.decode()
        data[0x0112] = 6
        data.get_ifd(0x8825)[1] = "N"
    image.save(out, kind, exif=data)
    return out.getvalue()


def office_file(part: str, extra: dict[str, bytes] | None = None, types: bytes = b"<Types/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(part, b"<x/>")
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GOOD = {
    "a.jpg": picture(), "a.JPEG": picture(), "a.png": picture("PNG"), "a.webp": picture("WEBP"), "a.pdf": PDF,
    "a.txt": "你好".encode(), "b.txt": "你好".encode("gb18030"), "a.docx": office_file("word/document.xml"),
    "a.xlsx": office_file("xl/workbook.xml"),
    "a.mp3": b"ID3\x03\x00" + bytes(50), "b.mp3": b"\xff\xfb\x90" + bytes(50),
    "a.mp4": b"\x00\x00\x00\x18ftypisom" + bytes(50),
}  # fmt: skip
BAD = {
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.html": b"<script>", "a.exe": b"MZ", "a": b"x",
    ".jpg": b"x",
    "a.pdf.exe": PDF, "a.jpg": b"<script>alert(1)</script>", "b.jpg": picture("PNG"), "c.png": picture()[:80],
    "a.pdf": b"MZ not a pdf", "a.docx": b"PK not a zip", "b.docx": office_file("xl/workbook.xml"),
    "c.docx": office_file("word/document.xml", {"word/vbaProject.bin": b"x"}),
    "d.docx": office_file("word/document.xml", types=b"document.macroEnabled.main+xml"),
    "e.docx": office_file("word/document.xml", {"../../etc/passwd": b"x"}),
    "a.txt": b"a\0b", "b.txt": b"\x81\xff\xfe\x80",
    "a.mp3": b"RIFF", "a.mp4": b"nothing of the kind", "empty.txt": b"",
    "bomb.docx": office_file("word/document.xml", {"word/bomb.xml": b"0" * 60_000_000}),
    "many.xlsx": office_file("xl/workbook.xml", {f"xl/{number}.xml": b"" for number in range(2001)}),
    "huge.txt": b"x" * (FILE_BYTES + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_it_takes_what_is_what_its_name_says(name):
    checked = check_file(upload(name, GOOD[name]))
    assert checked.content
    assert "/" in checked.media_type


@pytest.mark.parametrize("name", BAD)
def test_it_refuses_other_types_broken_and_dangerous_files(name):
    with pytest.raises(rules.BadInput) as told:
        check_file(upload(name, BAD[name]))
    assert told.value.field == "files"
    assert str(told.value)


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")])
def test_pictures_lose_place_and_camera_and_stand_upright(name, kind):
    content = check_file(upload(name, picture(kind))).content
    assert SECRET not in content
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        # Orientation 6: the camera was turned, the picture is turned back.
        assert image.size == (30, 40)


def test_a_picture_of_more_than_40_megapixels_is_refused_before_it_is_unfolded():
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    png = picture("PNG", exif=False)
    forged = png[:16] + header + png[29:]
    with pytest.raises(rules.BadInput):
        check_file(upload("a.png", forged))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", "C:\\x\\y.txt", "a\u202etxt.txt", 'a"b<c>.txt', "x" * 300 + ".txt"]
)
def test_names_lose_what_could_mean_something(name):
    kept = check_file(upload("x.txt", b"x")).name
    assert kept == "x.txt"
    file = upload("x.txt", b"x")
    file._name = name
    cleaned = check_file(file).name
    assert cleaned.endswith(".txt")
    assert len(cleaned) <= 120
    assert not set('/\\"<>\u202e') & set(cleaned)


@pytest.mark.django_db
def test_files_are_sealed_on_disk_and_read_back():
    by = office()
    case = letter(by.wang, by.mailbox, files=[upload("a.txt", b"plain words")]).case
    kept = Attachment.objects.get(case=case)
    raw = queries.files.path_of(kept.key).read_bytes()
    assert b"plain" not in raw
    assert actions.open_file(kept) == b"plain words"
    assert queries.attachment_for(by.wang, kept.key) == kept
    assert [each["name"] for each in queries.timeline(case, by.wang)[0].files] == ["a.txt"]


@pytest.mark.django_db
def test_a_file_that_was_changed_on_disk_is_not_given_out():
    by = office()
    kept = Attachment.objects.get(case=letter(by.wang, files=[upload("a.txt", b"plain words")]).case)
    path = queries.files.path_of(kept.key)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(rules.NotFound):
        actions.open_file(kept)


@pytest.mark.django_db
def test_the_offices_own_files_are_for_the_office():
    by = office()
    iris, _ivan = integrity()
    case = case_at("signed", by)
    actions.add_note(case_id=case.pk, by=by.hana, text="See this", files=[upload("n.txt", b"note")])
    theirs = Attachment.objects.get(case=case)
    for viewer in (by.wang, by.walt, by.adam, iris, Viewer(), Viewer(grants=frozenset({f"case-{case.number}"}))):
        with pytest.raises(rules.NotFound):
            queries.attachment_for(viewer, theirs.key)
    for viewer in (by.hana, by.rita, by.lin, by.sek, by.sven):
        assert queries.attachment_for(viewer, theirs.key) == theirs
    assert case.files == []


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 33, "../x", "中", "nothing"])
def test_an_unknown_key_is_not_found(key):
    with pytest.raises(rules.NotFound):
        queries.attachment_for(office().wang, key)


def add_and_fail(case_id: int, by: Viewer) -> None:
    with actions.files.keeping_files(), transaction.atomic():
        actions.add_to_case(case_id=case_id, by=by, text="x", files=[upload("a.txt", b"x")])
        raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_disk_when_the_transaction_fails():
    by = office()
    case = case_at("signed", by)
    before = set(Path(settings.MEDIA_ROOT).rglob("*"))
    with pytest.raises(rules.WrongStatus):
        actions.answer_question(case_id=case.pk, by=by.wang, text="x", files=[upload("a.txt", b"x")])
    with pytest.raises(ZeroDivisionError):
        add_and_fail(case.pk, by.wang)
    assert {path for path in set(Path(settings.MEDIA_ROOT).rglob("*")) - before if path.is_file()} == set()
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_all_files_of_a_case_together_have_a_limit(monkeypatch):
    by = office()
    case = case_at("signed", by)
    monkeypatch.setattr("engagement.actions.files.CASE_BYTES", 10)
    actions.add_file(case_id=case.pk, by=by.hana, upload=upload("a.txt", b"12345678"))
    with pytest.raises(rules.BadInput):
        actions.add_file(case_id=case.pk, by=by.hana, upload=upload("b.txt", b"123"))
    assert Attachment.objects.count() == 1


@pytest.mark.django_db
def test_who_only_watches_adds_nothing():
    by = office()
    case = case_at("signed", by)
    for viewer in (by.sven, by.walt, by.adam):
        with pytest.raises(rules.NotFound):
            actions.add_file(case_id=case.pk, by=viewer, upload=upload("a.txt", b"x"))
    with pytest.raises(rules.RuleBroken):
        actions.add_file(case_id=case.pk, by=by.wang, upload=upload("a.txt", b"x"), audience="office")
    actions.add_file(case_id=case.pk, by=by.wang, upload=upload("a.txt", b"x"), audience="parties")
    assert queries.attachments_of(by.wang, case)
