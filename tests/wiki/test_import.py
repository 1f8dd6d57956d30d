"""Pages from a folder of Markdown files."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.viewers import Viewer
from tests import make
from tests.wiki import cast
from wiki.knowledge import queries
from wiki.knowledge.actions.folders import read_page, slug_of

pytestmark = pytest.mark.django_db


def run(folder, *more: str) -> str:
    out = StringIO()
    call_command("import_pages", str(folder), "--by", "olga", "--below", "en/", *more, stdout=out)
    return out.getvalue()


def test_a_folder_becomes_a_tree_and_a_second_run_changes_only_what_differs(tmp_path):
    cast.home()
    make.official("olga")
    (tmp_path / "01-water" / "deep").mkdir(parents=True)
    (tmp_path / "01-water" / "README.md").write_text("# Water\n\nAll about water.")
    (tmp_path / "01-water" / "deep" / "停水.md").write_text("---\ntitle: 停水怎么办\n---\n请等待。")
    (tmp_path / "parking.md").write_bytes("\ufeffWhere to park\r\n".encode())
    (tmp_path / "notes.txt").write_text("not a page")
    (tmp_path / "broken.md").write_bytes(b"\xff\xfe\x00broken")
    (tmp_path / "01-parking.md").write_text("Two files of one address")
    (tmp_path / "huge.md").write_bytes(b"x" * 1_000_001)
    with pytest.raises(CommandError, match="3 files were refused"):
        run(tmp_path)
    for name in ("broken.md", "01-parking.md", "huge.md"):
        (tmp_path / name).unlink()
    run(tmp_path)
    assert queries.page_at(Viewer(), "en/water/").revision.content == "All about water."
    chinese = queries.page_at(Viewer(), f"en/water/deep/{slug_of('停水')}/")
    assert (chinese.revision.title, chinese.revision.content) == ("停水怎么办", "请等待。")
    assert run(tmp_path).split("\n")[:3] == ["created: 0", "changed: 0", "unchanged: 3"]
    (tmp_path / "parking.md").write_text("Where not to park")
    (tmp_path / "new.md").write_text("New")
    assert run(tmp_path, "--dry-run").split("\n")[:3] == ["created: 1", "changed: 1", "unchanged: 2"]
    assert run(tmp_path).split("\n")[:3] == ["created: 1", "changed: 1", "unchanged: 2"]


def test_links_lead_from_page_to_page_and_pictures_come_along_once(tmp_path):
    cast.home()
    make.official("olga")
    (tmp_path / "02-park").mkdir()
    (tmp_path / "02-park" / "gate.jpg").write_bytes(make.picture().read())
    links = "[water](../01-water.md#when) [no](gone.md) [web](https://x.org/a.md) ![gate](gate.jpg) ![no](no.png)"
    (tmp_path / "02-park" / "index.md").write_text(f"See\n\n{links}")
    (tmp_path / "01-water.md").write_text("Back to [the park](02-park/index.md)")
    out = run(tmp_path)
    assert "gone.md" in out
    assert "no.png" in out
    assert "[the park](/wiki/en/park/)" in queries.page_at(Viewer(), "en/water/").revision.content
    page = queries.page_at(Viewer(), "en/park/")
    (picture,) = queries.files_of(page)
    for link in (
        "[water](/wiki/en/water/#when)",
        f"![gate](/wiki/en/park/_files/{picture.pk}/)",
        "(https://x.org/a.md)",
    ):
        assert link in page.revision.content
    assert run(tmp_path).split("\n")[:3] == ["created: 0", "changed: 0", "unchanged: 2"]
    assert len(queries.files_of(page)) == 1


def test_it_refuses_who_may_not_write_and_places_that_are_not_there(tmp_path):
    cast.home()
    make.person("olga")
    with pytest.raises(CommandError):
        run(tmp_path)
    make.official("olga")
    with pytest.raises(CommandError):
        run(tmp_path, "--below", "en/nowhere/")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# Title\n\nWords", ("Title", "Words")),
        ("---\ntitle: 'Head'\n---\n# Other\nWords", ("Head", "# Other\nWords")),
        ("Words only", ("my page", "Words only")),
        ("", ("my page", "my page")),
    ],
)
def test_a_title_is_found_where_it_stands(text, told):
    assert read_page(text, "03-my_page") == told
