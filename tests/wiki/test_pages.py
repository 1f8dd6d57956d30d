"""Writing and reading the handbook."""

import pytest
from django.contrib.sites.models import Site
from wiki.models import ArticleRevision, URLPath

import search.queries
from accounts.rules import BadInput, Conflict, NotFound, NotYours
from accounts.viewers import Viewer, person_viewer
from journal.models import Entry
from tests import make
from tests.wiki import cast
from wiki.knowledge import actions, queries, rules
from wiki.knowledge.models import Page

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PersonBackend"


def found(words: str, *audiences: str) -> list[str]:
    return [hit.document.url for hit in search.queries.find(words, audiences=audiences or ["public"])]


def kinds(shown: queries.Shown) -> list[str]:
    entries = Entry.objects.filter(stream__name=shown.page.stream_name).order_by("seq")
    return list(entries.values_list("kind", flat=True))


def test_the_starter_handbook_is_laid_once_in_both_languages(settings):
    settings.PUBLIC_URL = "https://hall.example.org"
    assert actions.load_handbook() == 30
    assert actions.load_handbook() == 0
    assert Site.objects.get_current().domain == "hall.example.org"
    nodes = queries.tree(Viewer())
    assert {node.language for node in nodes} == {"zh-hans", "en"}
    assert "/wiki/zh/how-long/" in [node.url for node in nodes]
    assert found("调休") == ["/wiki/zh/how-long/"]
    assert found("签收") == []
    assert "/wiki/zh/officials/a-case/" in found("签收", "officials")


def test_every_page_of_the_starter_handbook_is_shown(client):
    actions.load_handbook()
    for node in queries.tree(Viewer()):
        page = client.get(node.url)
        assert page.status_code == 200
        assert node.title in page.content.decode()
        assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_a_page_is_created_recorded_and_found():
    shown = cast.page()
    assert kinds(shown) == ["page.created"]
    assert found("bill") == ["/wiki/en/water-bill/"]
    assert "<strong>water</strong>" in queries.html_of(shown)


@pytest.mark.parametrize(
    "text",
    ["[" * 3000, "[a](" * 900, "<b>\n\n" * 1001, "a\n" * 2001, "1. " * 9 + "a", "> - " * 5 + "a", ": a\n\n" * 201],
)
def test_what_would_keep_the_renderer_busy_for_minutes_is_refused(client, text):
    """Python-Markdown's time grows with the square of such things, and everybody signed in may ask for a preview."""
    shown = cast.page()
    client.force_login(make.person("chen"), backend=BACKEND)
    sent = {"title": "Water", "text": text, "seen": shown.revision.pk, "do": "preview"}
    answer = client.post("/wiki/en/water-bill/_edit/", sent)
    assert answer.status_code == 400
    assert "several pages" in answer.content.decode()
    with pytest.raises(BadInput):
        rules.clean_words(text)


def test_a_long_plain_page_is_not_refused():
    table = "| [words](/wiki/en/) | `code` |\n" * 150
    assert rules.clean_words(f"# Title\n\n{table}\n\n" + "A paragraph (with signs) and *stress*.\n\n" * 800)


def test_markup_that_could_run_is_taken_out():
    shown = cast.page(
        text='<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) <b style="x">b</b>'
    )
    html = queries.html_of(shown)
    assert "<script" not in html
    assert "onerror=" not in html.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    assert 'href="javascript' not in html
    assert "style=" not in html


@pytest.mark.parametrize(
    "given",
    [{"slug": "_edit"}, {"slug": "Wasser rechnung"}, {"slug": "x" * 51}, {"slug": ""}, {"slug": "水费"},
     {"title": ""}, {"title": "x" * 201}, {"text": ""}, {"text": "a\0b"}, {"text": "x" * 100_001}, {"audience": "me"}],
)  # fmt: skip
def test_it_refuses_nonsense(given):
    before = URLPath.objects.count()
    with pytest.raises(BadInput):
        cast.page(**given)
    assert URLPath.objects.filter(slug="water-bill").count() == 0
    assert before == 0


def test_it_refuses_an_address_that_is_taken():
    cast.page()
    with pytest.raises(BadInput):
        cast.page()


def test_citizens_read_and_do_not_write(client):
    shown = cast.page()
    citizen = person_viewer(make.person("wang"))
    for viewer in (Viewer(), citizen):
        assert queries.page_at(viewer, "en/water-bill/").path == "en/water-bill/"
        with pytest.raises(NotYours):
            actions.change_page(by=viewer, place_id=shown.place.pk, seen=shown.revision.pk, title="x", text="x")
        with pytest.raises(NotYours):
            actions.delete_page(by=viewer, place_id=shown.place.pk)
    nowhere = client.get("/wiki/en/nothing/_edit/")
    assert client.get("/wiki/en/water-bill/_edit/").content == nowhere.content


def test_pages_for_officials_and_what_is_below_are_closed_to_citizens(client):
    inner = cast.page("inner", title="quokka", audience="officials")
    actions.create_page(
        by=cast.writer(), parent_id=inner.place.pk, slug="below", title="wombat", text="x", language="en"
    )
    for path in ("en/inner/", "en/inner/below/"):
        with pytest.raises(NotFound):
            queries.page_at(Viewer(), path)
        assert queries.page_at(cast.writer(), path)
    assert "quokka" not in client.get("/wiki/").content.decode()
    assert found("wombat") == []
    assert found("wombat", "officials") == ["/wiki/en/inner/below/"]
    assert not inner.place.article.other_read


def test_a_change_makes_a_revision_and_the_second_editor_is_told():
    shown = cast.page()
    change = {"place_id": shown.place.pk, "seen": shown.revision.pk, "title": "Water bill"}
    actions.change_page(by=cast.writer(), text="New words", summary="shorter", **change)
    with pytest.raises(Conflict):
        actions.change_page(by=cast.writer(), text="Other words", **change)
    assert queries.page_at(Viewer(), shown.path).revision.content == "New words"
    assert kinds(shown) == ["page.created", "page.changed"]
    assert ArticleRevision.objects.filter(article=shown.place.article).count() == 2


def test_a_page_taken_away_hides_what_is_below_until_it_is_given_back():
    shown = cast.page()
    actions.create_page(
        by=cast.writer(), parent_id=shown.place.pk, slug="below", title="wombat", text="x", language="en"
    )
    actions.delete_page(by=cast.writer(), place_id=shown.place.pk)
    for path in ("en/water-bill/", "en/water-bill/below/"):
        with pytest.raises(NotFound):
            queries.page_at(cast.writer(), path)
    assert found("wombat") == []
    actions.restore_page(by=cast.writer(), place_id=shown.place.pk)
    assert found("wombat") == ["/wiki/en/water-bill/below/"]
    assert kinds(shown) == ["page.created", "page.deleted", "page.restored"]


def test_another_units_official_may_write_but_not_take_away():
    shown = cast.page()
    other = person_viewer(make.official("otto", at=make.unit("transport")))
    with pytest.raises(NotYours):
        actions.delete_page(by=other, place_id=shown.place.pk)
    moderator = person_viewer(make.official("mona", "moderator", at=make.unit("transport")))
    actions.delete_page(by=moderator, place_id=shown.place.pk)


def test_a_page_moves_with_what_is_below_it_and_old_addresses_lead_on(client):
    shown = cast.page()
    target = cast.page("bills", title="Bills")
    actions.create_page(
        by=cast.writer(), parent_id=shown.place.pk, slug="below", title="wombat", text="x", language="en"
    )
    actions.move_page(by=cast.writer(), place_id=shown.place.pk, parent_id=target.place.pk, slug="water")
    assert queries.page_at(Viewer(), "en/bills/water/below/").revision.title == "wombat"
    assert found("wombat") == ["/wiki/en/bills/water/below/"]
    assert client.get("/wiki/en/water-bill/below/")["Location"] == "/wiki/en/bills/water/below/"
    with pytest.raises(BadInput):
        actions.move_page(by=cast.writer(), place_id=target.place.pk, parent_id=shown.place.pk, slug="x")


def test_a_review_holds_for_the_revision_that_was_looked_at():
    shown = cast.page()
    actions.review_page(by=cast.writer(), place_id=shown.place.pk)
    page = Page.objects.get(pk=shown.page.pk)
    assert page.reviewed_revision == shown.revision.pk


def test_contents_and_page_ask_as_much_for_many_pages_as_for_few(client, django_assert_max_num_queries):
    for number in range(12):
        cast.page(f"page-{number}", title=f"Page {number}")
    for path, most in (("/wiki/", 3), ("/wiki/en/page-3/", 17)):
        client.get(path)
        with django_assert_max_num_queries(most):
            assert client.get(path, headers={"accept-language": "en"}).status_code == 200


def test_a_page_is_written_reviewed_and_looked_after_in_the_browser(client):
    home = cast.home()
    client.force_login(make.official("olga"), backend=BACKEND)
    form = {"parent": home.pk, "slug": "parking", "title": "Parking", "text": "Where **to** park", "audience": "public"}
    preview = client.post("/wiki/_new/", form | {"do": "preview"})
    assert "<strong>to</strong>" in preview.content.decode()
    asked = client.post("/wiki/_new/", form | {"do": "save", "token": "t1"})["Location"]
    assert client.post("/wiki/_new/", form | {"do": "save", "token": "t1"})["Location"] == asked
    assert client.get("/wiki/en/parking/").status_code == 404
    assert client.post(f"{asked}approve/").status_code == 409
    client.force_login(make.official("rita", "reviewer"), backend=BACKEND)
    assert "Parking" in client.get("/wiki/_reviews/").content.decode()
    assert "<strong>to</strong>" in client.get(asked).content.decode()
    assert client.post(f"{asked}approve/")["Location"] == "/wiki/en/parking/"
    assert client.post(f"{asked}approve/").status_code == 409
    seen = queries.page_at(Viewer(), "en/parking/").revision.pk
    edit = {"seen": seen, "title": "Parking", "text": "Where not to park"}
    shown = client.post("/wiki/en/parking/_edit/", edit | {"do": "preview"}).content.decode()
    assert "<mark>" in shown
    assert client.post("/wiki/en/parking/_edit/", edit | {"do": "save"}).status_code == 302
    actions.change_page(
        by=cast.writer(), place_id=cast.place("parking").pk, seen=seen, title="Parking", text="Something else"
    )
    late = client.post("/wiki/en/parking/_edit/", edit | {"text": "My precious words", "do": "save"})
    assert late.status_code == 400
    assert "My precious words" in late.content.decode()
    for part in ("_history/", "_history/2/", "_source/", "_talk/", "_move/", "_care/", "_files/"):
        assert client.get(f"/wiki/en/parking/{part}").status_code == 200, part
    assert client.post("/wiki/en/parking/_review/").status_code == 302
    assert client.post("/wiki/en/parking/_delete/").status_code == 302
    assert "Parking" in client.get("/wiki/_deleted/").content.decode()
    assert client.post("/wiki/en/parking/_restore/").status_code == 302


@pytest.mark.parametrize(
    "path", ["_search/", "_admin/", "create-root/", "_revision/diff/1/", "1/", "1/edit/", "a/" * 9]
)
def test_django_wikis_own_pages_are_not_there(client, path):
    cast.home()
    assert client.get(f"/wiki/{path}").status_code == 404
