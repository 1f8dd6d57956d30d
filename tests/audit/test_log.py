"""The audit log: recorded with the deed, chained, signed, and found out when it was tampered with."""

import json
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts import actions as people
from accounts.models import Role
from audit import actions, guards, queries, rules
from audit.models import Checkpoint, Link, Record, Waiting
from tests import make

pytestmark = pytest.mark.django_db
KEPT = timedelta(days=1095)


@pytest.fixture(autouse=True)
def copies(settings, tmp_path):
    settings.AUDIT_CHECKPOINTS = str(tmp_path / "elsewhere" / "checkpoints.jsonl")
    return tmp_path / "elsewhere" / "checkpoints.jsonl"


def filled(count=6):
    for number in range(count):
        actions.record("talk.watched", subject=f"talk-{number}", by=number + 1)
    actions.link_records()
    return actions.make_checkpoint()


def lifted():
    """Take the database's own refusal away, as somebody who owns the database can."""
    guards.take_down(connection)


def test_a_deed_and_its_record_are_kept_or_lost_together(client):
    person = make.person("wang")
    with transaction.atomic():
        people.sign_out_everywhere(person_id=person.pk)
        transaction.set_rollback(True)
    assert not Record.objects.exists()
    unit = make.unit()
    Record.objects.all().delete() if connection.vendor == "sqlite" else None
    post = people.add_post(person_id=person.pk, unit_id=unit.pk, role=Role.HANDLER)
    found = Record.objects.latest("pk")
    assert (found.kind, found.subject, found.via) == ("post.added", f"person-{person.pk}", "command")
    assert found.facts == {"role": "handler", "unit": unit.pk}
    people.end_post(post_id=post.pk)
    client.post("/sign-in/", {"username": "wang", "password": "wrong"})
    client.post("/sign-in/", {"username": "wang", "password": make.PASSWORD})
    client.post("/account/sign-out-everywhere/")
    client.post("/sign-in/", {"username": "somebody else's secret", "password": "wrong"})
    # Also of no account at all, so that a try takes as long; what was typed is kept nowhere.
    nobody = Record.objects.latest("pk")
    assert (nobody.kind, nobody.subject, nobody.facts) == ("session.failed", "", {})
    told = [(one.kind, one.actor, one.via) for one in Record.objects.order_by("-pk")[1:4]][::-1]
    assert told == [
        ("session.failed", None, "web"), ("session.opened", person.pk, "web"), ("account.signed_out", person.pk, "web"),
    ]  # fmt: skip
    assert Record.objects.latest("pk").request


@pytest.mark.parametrize(
    ("kind", "subject", "facts"),
    [
        ("talk.watched", "Frau Müller", {}), ("talk.watched", "", {"reason": "she asked me to"}),
        ("made.up", "", {}), ("talk.watched", "", {"a": ["list"]}), ("talk.watched", "x" * 81, {}),
    ],
)  # fmt: skip
def test_only_ids_are_taken(kind, subject, facts):
    with pytest.raises(rules.NotARecord):
        actions.record(kind, subject=subject, facts=facts)


def test_a_whole_log_verifies_also_against_copies_kept_elsewhere(copies, capsys):
    filled()
    assert not Waiting.objects.exists()
    assert [link.seq for link in Link.objects.order_by("seq")] == [1, 2, 3, 4, 5, 6]
    call_command("audit", "verify")
    assert "whole: 6 records" in capsys.readouterr().out
    assert [json.loads(line)["seq"] for line in copies.read_text().splitlines()] == [6]
    # Nothing new, nothing signed.
    assert actions.make_checkpoint() is None


def test_the_first_bad_record_is_named(copies):
    filled()
    lifted()
    bad = Record.objects.get(subject="talk-2")
    Record.objects.filter(pk=bad.pk).update(actor=99)
    Record.objects.filter(subject="talk-4").update(actor=99)
    with pytest.raises(CommandError, match=rf"record {bad.pk}, link 3, was altered"):
        call_command("audit", "verify")
    Record.objects.filter(pk=bad.pk).update(actor=3)
    Record.objects.filter(subject="talk-4").update(actor=5)
    assert queries.verify().faults == []
    Record.objects.filter(pk=bad.pk).delete()
    assert queries.verify().faults[0] == f"record {bad.pk}, link 3, was removed"
    Link.objects.filter(seq=3).delete()
    assert queries.verify().faults[0] == "links 3 to 3 were removed"


def test_what_was_cut_off_or_written_anew_is_seen_by_the_checkpoints(copies):
    filled()
    lifted()
    # The end, with the checkpoints of the database: only the copy elsewhere still knows.
    gone = list(Link.objects.filter(seq__gt=4).values_list("record", flat=True))
    Link.objects.filter(seq__gt=4).delete()
    Record.objects.filter(pk__in=gone).delete()
    Checkpoint.objects.all().delete()
    assert queries.verify().faults == []
    with pytest.raises(CommandError, match="ends at link 4, but a checkpoint saw link 6"):
        call_command("audit", "verify", checkpoints=copies)
    # A whole new chain, every hash right.
    Record.objects.all().update(actor=99)
    Waiting.objects.bulk_create(Waiting(record=pk) for pk in Record.objects.values_list("pk", flat=True))
    Link.objects.all().delete()
    filled(2)
    assert queries.verify().read == 6
    assert "rewritten" in queries.verify(queries.checkpoints_in(copies)).faults[0]
    forged = queries.Kept(6, "0" * 64, timezone.now(), "AAAA", rules.public_key(rules.signing_key()))
    assert "wrong signature" in queries.verify([forged]).faults[0]


def test_a_record_taken_out_before_it_was_chained_is_seen():
    actions.record("talk.watched", subject="talk-1")
    Waiting.objects.all().delete()
    assert "never given its place" in queries.verify().faults[0]


def test_the_database_refuses_to_change_or_remove_records():
    guards.take_down(connection)
    guards.put_up(connection)
    filled(1)
    for change in (
        lambda: Record.objects.update(actor=7), lambda: Record.objects.all().delete(),
        lambda: Link.objects.update(hash=""), lambda: Link.objects.all().delete(),
        lambda: Checkpoint.objects.all().delete(),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            change()
    assert queries.verify().read == 1


def test_old_records_go_at_a_signed_border_and_the_rest_still_verifies(settings):
    long_ago = timezone.now() - KEPT - timedelta(days=2)
    for number in range(4):
        actions.record("talk.watched", subject=f"talk-{number}", at=long_ago)
        actions.link_records()
        actions.make_checkpoint(long_ago + timedelta(minutes=number))
    filled(3)
    assert actions.tend_log(at=timezone.now() - timedelta(days=3)) == 0
    assert actions.tend_log() == 4
    actions.link_records()
    verdict = queries.verify()
    assert (verdict.faults, verdict.read) == ([], 4)
    assert "end of their period" in verdict.notes[0]
    # The same gap without the signed border is a fault.
    lifted()
    Checkpoint.objects.filter(seq=4).delete()
    assert queries.verify().faults == ["links 1 to 4 were removed"]


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_keep_one_chain():
    def write(number):
        for each in range(5):
            actions.record("talk.watched", subject=f"talk-{number}-{each}", by=number)
            actions.link_records()
        connections.close_all()

    threads = [threading.Thread(target=write, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    actions.link_records()
    verdict = queries.verify()
    assert (verdict.faults, verdict.read) == ([], 30)


def test_the_auditor_reads_filters_and_verifies(client, django_assert_max_num_queries):
    auditor, wang = make.official("ada", Role.AUDITOR), make.person("wang")
    for number in range(60):
        actions.record("talk.watched", subject=f"talk-{number}", by=wang.pk)
    actions.record("identity.unmasked", subject="case-K7QM2FXP9T", by=auditor.pk)
    client.force_login(auditor, backend="accounts.backends.PersonBackend")
    with django_assert_max_num_queries(20):
        page = client.get("/audit/").text
    assert "Wang (wang)" in page
    assert "case-K7QM2FXP9T" in page
    assert page.count("<tr>") == 51
    later = client.get("/audit/", {"before": Record.objects.order_by("-pk")[49].pk}).text
    assert later.count("<tr>") == 12
    for asked, rows in (({"kind": "identity.unmasked"}, 1), ({"who": "ada"}, 1), ({"subject": "k7qm2fxp9t"}, 1)):
        assert client.get("/audit/", asked).text.count("<tr>") == rows + 1
    assert client.get("/audit/", {"until": "2020-01-01"}).text.count("<tr>") == 0
    for nonsense in ({"kind": "x"}, {"who": "nobody-here"}, {"since": "yesterday"}, {"subject": "x" * 81}):
        assert client.get("/audit/", nonsense).status_code == 400
    assert "61 records were read" in client.post("/audit/verify/", headers={"accept-language": "en"}).text
    kept = client.post("/audit/checkpoints/")
    assert json.loads(kept.content)["seq"] == 62
    for other in (make.official("root", Role.ADMINISTRATOR), make.official("sue", Role.SUPERVISOR), wang):
        client.force_login(other, backend="accounts.backends.PersonBackend")
        assert client.get("/audit/").status_code == client.post("/audit/verify/").status_code == 404
