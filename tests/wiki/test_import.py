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
    with pytest.raises(CommandError, match="1 files were refused"):
        run(tmp_path)
    (tmp_path / "broken.md").unlink()
    assert queries.page_at(Viewer(), "en/water/").revision.content == "All about water."
    chinese = queries.page_at(Viewer(), f"en/water/deep/{slug_of('停水')}/")
    assert (chinese.revision.title, chinese.revision.content) == ("停水怎么办", "请等待。")
    assert run(tmp_path).split("\n")[:3] == ["created: 0", "changed: 0", "unchanged: 3"]
    (tmp_path / "parking.md").write_text("Where not to park")
    (tmp_path / "new.md").write_text("New")
    assert run(tmp_path, "--dry-run").split("\n")[:3] == ["created: 1", "changed: 1", "unchanged: 2"]
    assert run(tmp_path).split("\n")[:3] == ["created: 1", "changed: 1", "unchanged: 2"]


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
