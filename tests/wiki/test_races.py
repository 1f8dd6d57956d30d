"""Pages made at the same moment keep the tree whole."""

import threading

import pytest
from django.db import connections
from wiki.models import URLPath

from tests.wiki import cast
from wiki.knowledge import actions


@pytest.mark.django_db(transaction=True)
def test_pages_made_at_once_stand_in_a_whole_tree():
    home, writer = cast.home(), cast.writer()
    laid = URLPath.objects.get(pk=home.pk).get_descendant_count()
    failed: list[BaseException] = []

    def write(name):
        try:
            for number in range(15):
                actions.create_page(
                    by=writer, parent_id=home.pk, slug=f"{name}-{number}", title="t", text="x", language="en"
                )
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    places = list(URLPath.objects.values_list("lft", "rght"))
    edges = sorted(edge for place in places for edge in place)
    assert edges == list(range(1, 2 * len(places) + 1))
    assert URLPath.objects.get(pk=home.pk).get_descendant_count() == 90 + laid
