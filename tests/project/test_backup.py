"""A backup is made while the house runs, holds no key, and comes back without sending anything twice."""

import gzip
import shutil
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

import audit.actions
import audit.queries
from accounts.closing import close_house, is_closed, open_house
from accounts.models import Person
from journal.models import Stream
from notices import queries
from notices.models import Delivery, Lease
from portal.servers import alone
from project.backup import BackupRefused, databases, faults_of, read_manifest, restoring, rules
from tests import make
from tests.notices.cast import entry, mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(settings, tmp_path):
    """A house with a citizen, a stream, a letter in the outbox and a sealed file."""
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    # Its own, for a restore closes every house that shares it.
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.AUDIT_CHECKPOINTS = str(tmp_path / "checkpoints.jsonl")
    (settings.MEDIA_ROOT / "cases" / "ab").mkdir(parents=True)
    (settings.MEDIA_ROOT / "cases" / "ab" / "abc").write_bytes(b"sealed bytes")
    (settings.MEDIA_ROOT / "held").mkdir()
    (settings.MEDIA_ROOT / "held" / "form").write_bytes(b"half a letter")
    if connection.vendor == "postgresql":
        _be_alone()
    make.official("olga")
    entry("case-K7QM2FXP9T")
    mail()
    return tmp_path


def _be_alone():
    """End what threads of earlier tests may have left connected: a database that others use is not replaced."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")


@pytest.fixture
def archive(house, capsys):
    call_command("backup", house / "hall.tar")
    return house / "hall.tar"


def changed_since():
    make.person("newcomer")
    for _ in range(3):
        audit.actions.record("outbox.switched", facts={"to": "paused"})
    audit.actions.link_records()
    audit.actions.make_checkpoint()
    Delivery.objects.update(state=Delivery.State.SENT)


def test_a_restore_brings_everything_back_and_sends_nothing_again(archive, settings, client, capsys):
    epoch = Stream.objects.get().epoch
    client.force_login(make.person("olga"), backend="accounts.backends.PersonBackend")
    changed_since()
    (Path(settings.MEDIA_ROOT) / "cases" / "ab" / "later").write_bytes(b"later")
    call_command("restore", archive, "--replace")
    assert set(Person.objects.values_list("username", flat=True)) == {"olga"}
    # May have been sent since the copy was made: asked about, never blindly sent again.
    assert Delivery.objects.get().state == Delivery.State.UNKNOWN
    assert queries.outbox().paused
    stream = Stream.objects.get()
    assert (stream.name, stream.head) == ("case-K7QM2FXP9T", 1)
    assert stream.epoch != epoch
    kept = sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert kept == ["abc"]
    assert client.get("/account/").status_code == 302
    told = capsys.readouterr().out
    assert "1 messages" in told
    assert "files-before-" in told
    # Checkpoints of the time that was taken back are explained by the restore, not a fault.
    audit.actions.link_records()
    verdict = audit.queries.verify(audit.queries.checkpoints_in(archive.with_name("checkpoints.jsonl")))
    assert (verdict.faults, len(verdict.notes)) == ([], 1)
    # Numbers go on where the copy ends.
    assert entry("case-K7QM2FXP9T").seq == 2
    make.person("after")
    assert Person.objects.filter(username="after").exists()


def test_what_does_not_fit_or_is_not_meant_is_refused_and_changes_nothing(archive, settings):
    changed_since()

    def refuses(words, *options, at=archive):
        with pytest.raises(CommandError, match=words):
            call_command("restore", at, "--wait=0", *options)
        assert not is_closed()

    refuses("--replace")
    with alone():
        refuses("stop it first", "--replace")
    lease = Lease.objects.create(name="worker", holder="1", until=timezone.now() + timezone.timedelta(seconds=60))
    refuses("worker", "--replace")
    lease.delete()
    keys = settings.SEALING_KEYS
    settings.SEALING_KEYS = ["another-key-another-key-0123456789abcdef"]
    refuses("OPENHALL_SEALING_KEYS", "--replace")
    settings.SEALING_KEYS = keys
    refuses("newer version", "--replace", at=of_tomorrow(archive))
    for harmed in damaged(archive):
        refuses("damaged|cut off", "--replace", at=harmed)
        with pytest.raises(CommandError):
            call_command("backup", harmed, "--verify")
    assert Person.objects.filter(username="newcomer").exists()
    assert Path(settings.MEDIA_ROOT, "held", "form").exists()


def of_tomorrow(archive):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_later', CURRENT_TIMESTAMP)"
        )
        call_command("backup", archive.with_name("tomorrow.tar"))
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    return archive.with_name("tomorrow.tar")


def damaged(archive):
    """Give copies of the archive: one bit turned, cut off, and with a part too many."""
    body = bytearray(archive.read_bytes())
    cut, added, bit = (archive.with_name(f"{name}.tar") for name in ("cut", "added", "bit"))
    cut.write_bytes(body[: len(body) // 3])
    added.write_bytes(body)
    with tarfile.open(added, "a") as tar:
        tar.add(__file__, "files/cases/ab/more")
    body[body.index(b"sealed bytes")] ^= 1
    bit.write_bytes(body)
    return cut, added, bit


def test_neither_keys_nor_open_sessions_are_inside_and_the_command_says_so(house, settings, client, capsys):
    client.force_login(make.person("olga"), backend="accounts.backends.PersonBackend")
    archive = house / "hall.tar"
    call_command("backup", archive)
    assert "NOT inside" in capsys.readouterr().out
    with tarfile.open(archive) as tar:
        assert sorted(tar.getnames()) == ["database.gz", "files/cases/ab/abc", "manifest.json"]
        database = gzip.decompress(tar.extractfile("database.gz").read())
    assert archive.stat().st_mode & 0o077 == 0
    for secret in (*settings.SEALING_KEYS, settings.SECRET_KEY, client.session.session_key):
        assert secret.encode() not in database + archive.read_bytes()
    manifest = read_manifest(archive)
    manifest.parts["files/cases/ab/abc"] = (12, "0" * 64)
    assert faults_of(archive, manifest) == ["files/cases/ab/abc was changed"]
    with pytest.raises(BackupRefused, match="contents was changed"):
        manifest.check_proof()
    # A key that somebody wrote into the database stops the next one.
    make.person("li", name=settings.SEALING_KEYS[0])
    with pytest.raises(CommandError, match="secret key"):
        call_command("backup", house / "again.tar")
    assert not list(house.glob("again*"))


def test_an_old_backup_is_brought_forward(house):
    call_command("migrate", "search", "zero", verbosity=0)
    try:
        call_command("backup", house / "old.tar")
    finally:
        call_command("migrate", verbosity=0)
    call_command("restore", house / "old.tar", "--replace")
    assert any(name.startswith("search.") for name in databases.applied())
    assert any(name.startswith("search_") for name in connection.introspection.table_names())


@pytest.mark.django_db(transaction=False)
def test_a_copy_of_the_other_database_is_refused():
    with pytest.raises(BackupRefused, match="made from postgresql, this house runs on sqlite"):
        rules.check_fits("postgresql", [], "sqlite", [])


def test_a_failing_database_leaves_the_files_as_they_were(archive, settings, monkeypatch):
    def fail(path):
        raise BackupRefused("no space left")

    monkeypatch.setattr(databases, "replace_with", fail)
    with pytest.raises(CommandError, match="no space"):
        call_command("restore", archive, "--replace")
    assert Path(settings.MEDIA_ROOT, "held", "form").exists()
    assert not list(Path(settings.MEDIA_ROOT).parent.glob("files-before-*"))
    assert not is_closed()


def test_the_house_is_closed_meanwhile_and_stays_so_when_the_rest_fails(archive, tmp_path, monkeypatch, capsys):
    settle, was = restoring._settle, []

    def look(at, proof):
        was.append(is_closed())
        return settle(at, proof)

    monkeypatch.setattr(restoring, "_settle", look)
    call_command("restore", archive, "--replace")
    assert (was, is_closed()) == ([True], False)
    # Who closed it by hand opens it by hand, whatever became of the restore.
    close_house()
    with pytest.raises(CommandError):
        call_command("restore", archive)
    assert is_closed()
    open_house()

    def fail(at, proof):
        raise OSError("no space left")

    # Named by the second, which is still the same.
    shutil.rmtree(next(tmp_path.glob("files-before-*")))
    monkeypatch.setattr(restoring, "_settle", fail)
    with pytest.raises(OSError, match="no space"):
        call_command("restore", archive, "--replace")
    assert is_closed()
    assert "house open" in capsys.readouterr().err
