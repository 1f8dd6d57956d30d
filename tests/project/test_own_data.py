"""What the house holds of a citizen: taken along whole, and forgotten for good."""

import io
import json
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

import messaging.actions
from accounts.actions import erase_person
from accounts.models import Person
from accounts.rules import WrongStatus
from audit.models import Record
from engagement import actions
from engagement.models import Attachment, Case, CaseFact, Contact
from engagement.queries.sealed import case_key, open_contact
from journal.models import Entry
from messaging.models import Talk, TalkFile, TalkKey
from notices.models import Delivery, Device, Notice
from tests import make
from tests.engagement.cast import MONDAY, case_at, letter, office
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def paper(name="rent.txt", words=b"PAPERMARK"):
    return SimpleUploadedFile(name, words, "text/plain")


@pytest.fixture
def life(settings, tmp_path):
    """Somebody with an answered letter, an open one, and a talk, each with a file, and notices of them."""
    settings.MEDIA_ROOT = tmp_path / "files"
    by = office()
    done = case_at("concluded", by, text="TEXTMARK the lift is broken", files=[paper()])
    actions.add_note(case_id=done.pk, by=by.hana, text="NOTEMARK")
    talk = cast.open_talk(by.wang)
    kept = messaging.actions.add_file(
        viewer=by.wang, key=talk.number, client_key=uuid.uuid4().hex, upload=paper("photo.txt")
    )
    messaging.actions.say(
        viewer=by.wang, key=talk.number, client_key=uuid.uuid4().hex, text="TALKMARK", files=[kept.key]
    )
    messaging.actions.end_talk(talk_id=talk.pk, by=by.wang)
    return by, done, talk


def test_everything_is_taken_along_and_nothing_of_the_office(life, client, tmp_path):
    by, done, talk = life
    client.force_login(by.wang.person, backend="accounts.backends.PersonBackend")
    assert client.get("/account/data/").status_code == 200
    assert client.post("/account/data/export/", {"export-before": "wrong"}).status_code == 400
    answer = client.post("/account/data/export/", {"export-before": make.PASSWORD})
    assert answer["Content-Disposition"].startswith("attachment")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    chapters = {item["ref"]: item for chapter in json.loads(archive.read("data.json")) for item in chapter["items"]}
    case = chapters[done.number]
    assert "TEXTMARK" in case["facts"]["text"]
    assert any("The lift was repaired" in line["text"] for line in case["lines"])
    assert archive.read(case["files"][0]) == b"PAPERMARK"
    assert [line["text"] for line in chapters[talk.number]["lines"]][-1] == "TALKMARK"
    assert archive.read(chapters[talk.number]["files"][0]) == b"PAPERMARK"
    page = archive.read("index.html").decode()
    assert "TEXTMARK" in page
    assert "TALKMARK" in page
    assert not any(b"NOTEMARK" in archive.read(name) for name in archive.namelist())
    assert Record.objects.filter(kind="data.exported", subject=f"person-{by.wang.person.pk}").exists()
    for _more in range(2):
        client.post("/account/data/export/", {"export-before": make.PASSWORD}).getvalue()
    assert client.post("/account/data/export/", {"export-before": make.PASSWORD}).status_code == 429
    call_command("person", "export", by.wang.person.username, tmp_path / "all.zip")
    assert zipfile.is_zipfile(tmp_path / "all.zip")


def everything_stored() -> str:
    """Return every text of every table of ours, and of the search index."""
    told = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith(("django_", "sqlite_", "search_")) and table != "search_document":
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            told += [str(row) for row in cursor.fetchall()]
    return "\n".join(told)


def test_being_forgotten_destroys_words_files_and_keys_and_keeps_figures(
    life, settings, django_capture_on_commit_callbacks
):
    by, done, talk = life
    person = by.wang.person
    waiting = letter(by.wang, None, text="OPENMARK").case
    with pytest.raises(WrongStatus):
        erase_person(person_id=person.pk)
    assert Person.objects.get(pk=person.pk).is_active
    sealed_before = bytes(Contact.objects.get(case=done).sealed)
    facts = CaseFact.objects.count()
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    device = Device.objects.create(digest="d", address=b"", language="en", made_at=timezone.now())
    device.wishes.create(stream=done.stream_name, listener=f"person-{person.pk}")
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(person_id=person.pk, end_matters=True)
    stored = everything_stored()
    for mark in ("TEXTMARK", "TALKMARK", "NOTEMARK", "OPENMARK", "rent.txt", "photo.txt", "13900", "Wang"):
        assert mark not in stored, mark
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert (done.citizen, done.text, waiting.status) == (None, "", Case.Status.WITHDRAWN)
    assert (done.status, done.satisfaction, done.answered_at is not None) == (Case.Status.CONCLUDED, 5, True)
    assert CaseFact.objects.count() >= facts
    assert sealed_before
    assert not Contact.objects.exists()
    assert not [model for model in (Attachment, TalkFile, TalkKey) if model.objects.exists()]
    assert not Notice.objects.filter(person=person).exists()
    assert not Device.objects.exists()
    assert not Delivery.objects.filter(notice__isnull=False, notice__person=person).exists()
    assert len(files) == 2
    assert not any(path.exists() for path in files)
    talk = Talk.objects.get(pk=talk.pk)
    assert (talk.citizen, talk.taken_at is not None) == (None, True)
    kinds = list(Entry.objects.filter(stream__name=done.stream_name).values_list("kind", flat=True))
    assert "case.answered" in kinds
    recorded = set(Record.objects.values_list("kind", "subject"))
    assert {("case.shredded", done.stream_name), ("account.erased", f"person-{person.pk}")} <= recorded


def test_where_the_law_keeps_the_words_only_the_person_goes(life, settings):
    settings.ERASURE_KEEPS_WORDS, settings.KEEP_CASES_DAYS = True, 365
    by, done, _talk = life
    call_command("person", "erase", by.wang.person.username, "--yes")
    done.refresh_from_db()
    assert (done.citizen, "TEXTMARK" in done.text, open_contact(done)["phone"]) == (None, True, "")
    assert case_key(done)
    assert actions.retain(at=MONDAY + timedelta(days=364)) == 0
    assert actions.retain(at=MONDAY + timedelta(days=400)) == 1
    done.refresh_from_db()
    assert done.text == ""
    assert actions.retain(at=MONDAY + timedelta(days=400)) == 0
    with pytest.raises(CommandError, match="Nobody"):
        call_command("person", "erase", "wang", "--yes")


def test_each_class_of_data_has_its_period(life, settings):
    settings.KEEP_TALKS_DAYS, settings.KEEP_NOTICES_DAYS, settings.KEEP_DELIVERIES_DAYS = 30, 60, 0
    now = timezone.now()
    assert messaging.actions.retain(at=now + timedelta(days=29)) == 0
    assert messaging.actions.retain(at=now + timedelta(days=31)) == 1
    assert messaging.actions.retain(at=now + timedelta(days=31)) == 0
    from notices.actions import retain

    kept = Notice.objects.filter(at__gt=now - timedelta(days=30)).count()
    retain(at=now + timedelta(days=30))
    assert Notice.objects.count() == kept
    retain(at=now + timedelta(days=61))
    assert not Notice.objects.exists()
