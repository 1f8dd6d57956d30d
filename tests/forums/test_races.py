"""Many at once: every reply gets its own place."""

import threading

import pytest
from django.db import connection, connections

from accounts.viewers import person_viewer
from forums import actions, queries
from tests import make
from tests.forums import cast


@pytest.mark.django_db(transaction=True)
def test_replies_at_the_same_moment_get_distinct_places():
    topic = cast.topic()
    first = actions.reply_to(viewer=person_viewer(make.person("first")), topic_id=topic.pk, text="first")
    writers, each = 6, (20 if connection.vendor == "postgresql" else 4)
    viewers = [[person_viewer(make.person(f"w{w}n{n}")) for n in range(each)] for w in range(writers)]
    failed: list[BaseException] = []

    def write(mine):
        try:
            for number, viewer in enumerate(mine):
                parent = first.pk if number % 2 else None
                actions.reply_to(viewer=viewer, topic_id=topic.pk, text=str(number), parent_id=parent)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(mine,)) for mine in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    places = [(reply.thread_id, reply.order) for reply in queries.replies_of(topic)]
    topic.refresh_from_db()
    assert len(set(places)) == len(places) == writers * each + 1 == topic.replies
