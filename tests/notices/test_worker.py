"""The worker: isolated calls, one leader, awake when something is queued, gone when told."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from notices import worker
from notices.models import Delivery, Lease
from tests.notices import cast

pytestmark = pytest.mark.django_db(transaction=True)
calls: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_called_yet() -> None:
    calls.clear()


def works() -> None:
    calls.append("works")


def fails() -> None:
    calls.append("fails")
    raise RuntimeError("as it must in this test")


def until(condition, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def run(settings):
    """A function that starts the worker with a table of work; it is stopped at the end."""
    stop, threads = threading.Event(), []

    def start(*work):
        settings.WORK = list(work)
        threads.append(threading.Thread(target=worker.run, args=(stop,)))
        threads[-1].start()
        return stop

    yield start
    worker.end(stop)
    for thread in threads:
        thread.join(15)
        assert not thread.is_alive()


def test_a_failing_function_hinders_no_other_and_is_called_less_often(run):
    run(("tests.notices.test_worker.fails", 0.02), ("tests.notices.test_worker.works", 0.02))
    assert until(lambda: calls.count("works") >= 30)
    assert 1 <= calls.count("fails") < calls.count("works") / 2


def test_a_commit_wakes_the_outbox_at_once(run, smtp):
    run(("notices.actions.deliver_mails", 60))
    assert until(lambda: bool(worker._bells))
    time.sleep(0.3)
    with transaction.atomic():
        waiting = cast.mail(at=timezone.now() - timedelta(seconds=1))
    assert until(lambda: Delivery.objects.get(pk=waiting.pk).state == "sent")
    assert len(smtp.messages) == 1


def test_several_workers_send_each_mail_once(run, smtp):
    for number in range(40):
        cast.mail(to=f"p{number}@example.org")
    work = [("notices.actions.deliver_mails", 0.02)] * 4
    run(*work)
    assert until(lambda: Delivery.objects.filter(state="sent").count() == 40, 30)
    assert len(smtp.messages) == 40
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_one_process_leads_and_another_follows_when_it_is_gone():
    now = timezone.now()
    assert worker.take_lease("one", now)
    assert not worker.take_lease("two", now + timedelta(seconds=5))
    assert worker.take_lease("one", now + timedelta(seconds=10))
    assert not worker.take_lease("two", now + timedelta(seconds=25))
    assert worker.take_lease("two", now + timedelta(seconds=31))
    assert not worker.take_lease("one", now + timedelta(seconds=32))


def test_who_does_not_lead_does_no_periodic_work(run):
    worker.take_lease("somebody else", timezone.now())
    run(("tests.notices.test_worker.works", 0.02))
    time.sleep(0.5)
    assert calls == []


def test_a_clean_stop_lets_another_lead_at_once(run):
    stop = run(("tests.notices.test_worker.works", 0.02))
    assert until(lambda: "works" in calls)
    stop.set()
    assert until(lambda: Lease.objects.get().until <= timezone.now())
    assert worker.take_lease("another", timezone.now())
