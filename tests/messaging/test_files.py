"""Files in a talk: checked, sealed, carried by a message, read by both sides and by nobody else."""

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from accounts.viewers import Viewer
from messaging import actions, queries
from messaging.models import TalkFile
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def picture(name="lift.jpg", size=(900, 600)):
    """Return a photograph that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "taken-at-home-31.2N"
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def text(content=b"the rent is paid", name="rent.txt"):
    return SimpleUploadedFile(name, content, "text/plain")


def add(viewer, talk, upload=None, key=None):
    return actions.add_file(viewer=viewer, key=talk.number, client_key=key or uuid.uuid4().hex, upload=upload or text())


def say(viewer, talk, words="", files=(), key=None, **more):
    key = key or uuid.uuid4().hex
    return actions.say(viewer=viewer, key=talk.number, client_key=key, text=words, files=list(files), **more)


def test_a_picture_is_drawn_anew_sealed_and_read_by_both_sides():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    row = add(cast.visitor(), talk, picture())
    assert (row.width, row.height) == (900, 600)
    for path in (queries.file_path(row.key), queries.file_path(row.key, small=True)):
        assert b"JFIF" not in path.read_bytes()
        assert b"WEBP" not in path.read_bytes()
    with pytest.raises(NotFound):
        queries.file_for(dora, row.key)
    seq, _at = say(cast.visitor(), talk, files=[row.key])
    entry = cast.entries(talk.stream_name)[-1]
    assert (entry.seq, entry.data["text"]) == (seq, "")
    assert entry.data["files"][0] | {"size": 0} == {
        "key": row.key, "name": "lift.jpg", "type": "image/jpeg", "size": 0, "width": 900, "height": 600,
    }  # fmt: skip
    for reader in (dora, cast.visitor()):
        shown = queries.file_for(reader, row.key)
        content = queries.file_content(shown)
        assert Image.open(io.BytesIO(content)).size == (900, 600)
        assert b"taken-at-home" not in content
        assert max(Image.open(io.BytesIO(queries.file_content(shown, small=True))).size) == 640


def test_others_find_no_file_and_who_may_read_the_case_does():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    row = add(cast.visitor(), talk)
    say(cast.visitor(), talk, files=[row.key])
    for stranger in (cast.visitor("other"), cast.citizen("chen"), cast.on_duty("emil"), Viewer()):
        with pytest.raises(NotFound):
            queries.file_for(stranger, row.key)
    from engagement.actions import load_processes

    load_processes()
    case = actions.make_case(talk_id=talk.pk, by=dora)
    coded = Viewer(grants=frozenset({case.stream_name}))
    assert queries.file_for(coded, row.key).pk == row.pk
    [line] = [line for line in queries.thread_of_case(case) if line.files]
    assert line.files[0]["name"] == "rent.txt"


def test_an_upload_and_its_message_are_kept_once():
    talk = cast.open_talk()
    key, said = uuid.uuid4().hex, uuid.uuid4().hex
    row = add(cast.visitor(), talk, key=key)
    assert add(cast.visitor(), talk, key=key).pk == row.pk
    with pytest.raises(Conflict):
        add(cast.visitor(), talk, text(b"other"), key=key)
    assert say(cast.visitor(), talk, "see", [row.key], said) == say(cast.visitor(), talk, "see", [row.key], said)
    with pytest.raises(Conflict):
        say(cast.visitor(), talk, "see", [], said)
    with pytest.raises(BadInput):
        say(cast.visitor(), talk, "again", [row.key])


def test_nobody_sends_another_ones_file():
    dora = cast.on_duty()
    talk, other = cast.open_talk(holder=dora), cast.talk(by=cast.citizen("chen"))
    row = add(cast.visitor(), talk)
    with pytest.raises(BadInput):
        say(dora, talk, "mine now", [row.key])
    with pytest.raises(BadInput):
        say(cast.citizen("chen"), other, "mine now", [row.key])


@pytest.mark.parametrize("files", [["x"], ["0" * 32], [5], [{"a": 1}], ["0" * 32] * 2, [None] * 11])
def test_it_refuses_keys_that_are_none(files):
    talk = cast.talk()
    with pytest.raises(BadInput):
        say(cast.visitor(), talk, "x", files)


@pytest.mark.parametrize(
    ("name", "content"), [("a.svg", b"<svg/>"), ("a.jpg", b"<html>"), ("a.txt", b""), ("a.pdf", b"MZ"), ("", b"x")]
)
def test_the_rules_of_cases_hold_here_too(name, content):
    talk = cast.talk()
    with pytest.raises(BadInput):
        add(cast.visitor(), talk, SimpleUploadedFile(name or "x", content))
    assert not TalkFile.objects.exists()


def test_a_talk_holds_fifty_megabytes_and_an_ended_one_takes_nothing():
    talk = cast.open_talk()
    row = add(cast.visitor(), talk)
    TalkFile.objects.filter(pk=row.pk).update(size=50 * 1024 * 1024 - 3)
    assert add(cast.visitor(), talk, text(b"abc")).size == 3
    folder = Path(queries.file_path(row.key)).parent.parent
    before = sorted(folder.rglob("*"))
    with pytest.raises(BadInput):
        add(cast.visitor(), talk, text(b"d"))
    actions.end_talk(talk_id=talk.pk, by=cast.visitor())
    with pytest.raises(WrongStatus):
        add(cast.visitor(), talk)
    assert sorted(folder.rglob("*")) == before


def test_what_is_not_sent_is_forgotten_after_a_day(django_capture_on_commit_callbacks):
    talk = cast.open_talk()
    kept, unsent = add(cast.visitor(), talk), add(cast.visitor(), talk, picture())
    say(cast.visitor(), talk, files=[kept.key])
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.forget_unsent_files(cast.NOW() + timedelta(hours=23)) == 0
        assert actions.forget_unsent_files(cast.NOW() + timedelta(hours=25)) == 1
    assert not queries.file_path(unsent.key).exists()
    assert not queries.file_path(unsent.key, small=True).exists()
    assert queries.file_path(kept.key).exists()
    with pytest.raises(NotFound):
        actions.drop_file(viewer=cast.visitor(), key=kept.key)


def test_the_pages_take_show_and_send_files(client):
    wang = cast.citizen("wang")
    dora = cast.on_duty()
    talk = cast.open_talk(by=wang, holder=dora)
    client.force_login(wang.person, backend="accounts.backends.PersonBackend")
    where = f"/chat/{talk.number}/"
    refused = client.post(f"{where}files/", {"key": "a" * 8, "file": SimpleUploadedFile("x.svg", b"<svg/>")})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "bad_type"
    told = client.post(f"{where}files/", {"key": "a" * 8, "file": picture('门 "x".jpg')}).json()
    assert (told["width"], told["name"]) == (900, "门 x.jpg")
    # Without JavaScript the form carries words and files in one go; a repeated POST changes nothing.
    for _again in range(2):
        form = {"key": "b" * 32, "text": "Here", "files": [text(), picture()]}
        assert client.post(where, form).status_code == 302
    assert cast.kinds(talk.stream_name).count("message.said") == 2
    shown = client.get(where).content.decode()
    assert shown.count('class="picture"') == 1
    assert 'width="432" height="288"' in shown, "its room is kept before it has come"
    assert "rent.txt" in shown
    row = TalkFile.objects.get(name="rent.txt")
    answer = client.get(f"/chat/files/{row.key}/")
    assert answer.content == b"the rent is paid"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/chat/files/{row.key}/small/").status_code == 404
    assert client.post(where, {"key": "c" * 32, "text": ""}).status_code == 400
