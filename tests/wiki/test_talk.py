"""What is said below a page reaches those who read it, and nobody else."""

import pytest

from accounts.viewers import Viewer, person_viewer
from journal.models import Entry
from tests import make
from tests.wiki import cast
from wiki.knowledge import actions, queries
from wiki.knowledge.models import Remark

pytestmark = pytest.mark.django_db


def test_it_is_seen_live_by_who_reads_the_page_and_gone_when_the_page_is(client):
    shown, wang = cast.page(), person_viewer(make.person("wang"))
    made = actions.remark(by=wang, place_id=shown.place.pk, text="Ring me: 13812345678")
    key = str(shown.place.article_id)
    heard = Entry.objects.filter(stream__name=f"remarks-{key}").values_list("kind", "data")
    assert list(heard) == [("page.remarked", {"remark": made.pk})]
    assert Remark.objects.get().text == "Ring me: 138••••••••"
    page = client.get(f"{shown.url}_talk/").content.decode()
    assert f'data-stream="remarks-{key}" data-after="1"' in page
    assert queries.may_follow_remarks(Viewer(), key)
    for nonsense in ("", "x", "999999", "-1", "1" * 30):
        assert not queries.may_follow_remarks(Viewer(), nonsense)
    actions.hide_remark(by=cast.writer(), remark_id=made.pk, reason="A number")
    assert Entry.objects.filter(stream__name=f"remarks-{key}", kind="page.remark_hidden").exists()
    actions.delete_page(by=cast.writer(), place_id=shown.place.pk)
    assert not queries.may_follow_remarks(Viewer(), key)
    inner = cast.page("inner", audience="officials")
    inner_key = str(inner.place.article_id)
    assert [queries.may_follow_remarks(who, inner_key) for who in (Viewer(), wang, cast.writer())] == [
        False, False, True,
    ]  # fmt: skip
