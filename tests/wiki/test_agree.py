"""Reading, source, history, versions, files, search and contents say the same about who may read a page."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from wiki.models import Article

from accounts.rules import BadInput, NotFound, NotYours
from accounts.viewers import Viewer, person_viewer
from tests import make
from tests.wiki import cast
from wiki.knowledge import actions, queries
from wiki.knowledge.models import Remark

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.PersonBackend"


def picture() -> SimpleUploadedFile:
    made, exif = Image.new("RGB", (20, 10), "red"), Image.Exif()
    exif[0x010E] = "secret place"
    out = io.BytesIO()
    made.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("map.jpg", out.getvalue(), "image/jpeg")


def test_every_way_to_a_page_agrees_on_who_may_read_it():
    """A page for everybody, one for officials, and one for everybody below that one, moved out and taken away."""
    writer = cast.writer()
    cast.page("open", title="quokka open")
    inner = cast.page("inner", title="quokka inner", audience="officials")
    actions.create_page(
        by=writer, parent_id=inner.place.pk, slug="below", title="quokka below", text="x", language="en"
    )
    readers = {"visitor": Client(), "citizen": Client(), "official": Client()}
    readers["citizen"].force_login(make.person("wang"), backend=BACKEND)
    readers["official"].force_login(make.official("otto", at=make.unit("transport")), backend=BACKEND)
    for slug in ("open", "inner", "below"):
        actions.attach_file(by=writer, place_id=cast.place(slug).pk, upload=picture())

    def check(where: dict[str, str], closed: set[str]) -> None:
        for slug, path in where.items():
            place = cast.place(slug)
            shown = queries.page_at(writer, path)
            file = queries.files_of(shown)[0]
            ways = ["", "_history/", "_history/1/", "_source/", "_talk/", f"_files/{file.pk}/"]
            urls = [f"/wiki/{path}{way}" for way in ways] + [f"/wiki/_v/{place.article_id}-1/"]
            for name, client in readers.items():
                may = slug not in closed or name == "official"
                got = {url: client.get(url).status_code for url in urls}
                assert set(got.values()) == {200 if may else 404}, (name, got)
                edits = client.get(f"/wiki/{path}_edit/").status_code
                assert edits == (200 if may and name != "visitor" else 404), (name, path)
                for page in ("/wiki/", "/search/?q=quokka", "/search/?q=quokka&room=article"):
                    text = client.get(page, headers={"accept-language": "en"}).content.decode()
                    assert (f'href="/wiki/{path}"' in text) == may, (name, slug, page)
            assert Article.objects.get(pk=place.article_id).other_read == (slug not in closed)

    check({"open": "en/open/", "inner": "en/inner/", "below": "en/inner/below/"}, {"inner", "below"})
    actions.move_page(by=writer, place_id=cast.place("below").pk, parent_id=cast.place("open").pk, slug="below")
    check({"open": "en/open/", "inner": "en/inner/", "below": "en/open/below/"}, {"inner"})
    assert readers["visitor"].get("/wiki/en/inner/below/")["Location"] == "/wiki/en/open/below/"
    actions.delete_page(by=writer, place_id=cast.place("open").pk)
    for client in readers.values():
        for path in ("en/open/", "en/open/below/", "en/open/below/_source/"):
            assert client.get(f"/wiki/{path}").status_code == 404
        assert "/wiki/en/open/" not in client.get("/search/?q=quokka").content.decode()


def test_a_file_is_checked_drawn_anew_and_read_by_who_reads_the_page(client):
    shown, writer = cast.page(), cast.writer()
    made = actions.attach_file(by=writer, place_id=shown.place.pk, upload=picture())
    answer = client.get(f"/wiki/{shown.path}_files/{made.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"secret place" not in answer.content
    assert not Image.open(io.BytesIO(answer.content)).getexif()
    for name, content in (("x.svg", b"<svg/>"), ("x.jpg", b"not a picture"), ("x.html", b"<p>"), ("x.txt", b"")):
        with pytest.raises(BadInput):
            actions.attach_file(by=writer, place_id=shown.place.pk, upload=SimpleUploadedFile(name, content))
    citizen = person_viewer(make.person("wang"))
    with pytest.raises(NotYours):
        actions.attach_file(by=citizen, place_id=shown.place.pk, upload=picture())
    with pytest.raises(NotYours):
        actions.detach_file(by=citizen, place_id=shown.place.pk, file_id=made.pk)
    actions.detach_file(by=writer, place_id=shown.place.pk, file_id=made.pk)
    assert client.get(f"/wiki/{shown.path}_files/{made.pk}/").status_code == 404
    text = client.get(f"/wiki/{shown.path}").content.decode()
    assert "map.jpg" not in text


def test_what_only_officials_read_stands_on_the_page_for_them_alone(client):
    shown = cast.page()
    actions.create_page(
        by=cast.writer(), parent_id=shown.place.pk, slug="office", title="Inside", text="Ask *wombat* first.",
        audience="officials", language="en",
    )  # fmt: skip
    assert "wombat" not in client.get(shown.url).content.decode()
    client.force_login(make.official("otto", at=make.unit("transport")), backend=BACKEND)
    assert "wombat" in client.get(shown.url).content.decode()


def test_readers_vote_once_and_speak_below_the_page(client):
    shown, writer = cast.page(), cast.writer()
    assert client.post(f"{shown.url}_vote/", {"helpful": "yes"}).status_code == 302
    assert client.post(f"{shown.url}_vote/", {"helpful": "no", "words": "Where is it?"}).status_code == 302
    assert client.post(f"{shown.url}_vote/", {"helpful": "perhaps"}).status_code == 302
    told = queries.helped(writer, shown)
    assert (told.yes, told.no, [vote.words for vote in told.words]) == (0, 1, ["Where is it?"])
    assert queries.helped(Viewer(), shown).words == []
    assert client.post(f"{shown.url}_talk/", {"text": "Hello"}).status_code == 404
    client.force_login(make.person("wang"), backend=BACKEND)
    for _again in range(2):
        client.post(f"{shown.url}_talk/", {"text": "<script>alert(1)</script> why?", "token": "one"})
    page = client.get(f"{shown.url}_talk/").content.decode()
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 1
    remark = Remark.objects.get()
    assert client.post(f"/wiki/_remarks/{remark.pk}/hide/", {"reason": "x"}).status_code == 404
    with pytest.raises(NotFound):
        actions.remark(by=person_viewer(make.person("wang")), place_id=999999, text="x")
    actions.hide_remark(by=writer, remark_id=remark.pk, reason="Advertising")
    assert "why?" not in Client().get(f"{shown.url}_talk/").content.decode()
