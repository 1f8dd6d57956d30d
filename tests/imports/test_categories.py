"""import_categories: trees with full, merged and blank cells."""

import io

import pytest
from django.core.management import call_command

from engagement.models import Category

from . import cast

pytestmark = pytest.mark.django_db
LEVELS = ["一级分类", "二级分类", "三级分类"]


def run(path):
    out = io.StringIO()
    call_command("import_categories", str(path), "--report", str(path.parent / f"{path.stem}.refused.csv"), stdout=out)
    return out.getvalue()


def paths():
    """Return the tree as paths."""
    return sorted("/".join(_above(category)) for category in Category.objects.all())


def _above(category):
    return [*(_above(category.parent) if category.parent else []), category.name]


def test_full_and_blank_cells_give_the_same_tree(tmp_path):
    full = cast.xlsx(
        tmp_path, [["城建", "安全", "事故"], ["城建", "安全", "隐患"], ["教育", "入学", "其他"]], LEVELS, "full.xlsx"
    )
    run(full)
    expected = ["城建", "城建/安全", "城建/安全/事故", "城建/安全/隐患", "教育", "教育/入学", "教育/入学/其他"]
    assert paths() == expected
    blank = cast.xlsx(
        tmp_path, [["城建", "安全", "事故"], [None, None, "隐患"], ["教育", "入学", "其他"]], LEVELS, "blank.xlsx"
    )
    assert "0" in run(blank)
    assert paths() == expected


def test_levels_and_roots_are_right(tmp_path):
    run(cast.csv_file(tmp_path, [["城建", "安全", "事故"], ["教育", "", ""]], LEVELS))
    leaf = Category.objects.get(name="事故")
    assert (leaf.level, leaf.root.name, leaf.root.root) == (3, "城建", leaf.root)
    assert Category.objects.get(name="教育").level == 1


def test_a_level_left_out_is_refused_and_the_rest_goes_on(tmp_path):
    path = cast.xlsx(tmp_path, [["城建", None, "事故"], ["教育", "入学", "其他"]], LEVELS)
    run(path)
    assert paths() == ["教育", "教育/入学", "教育/入学/其他"]
    assert len(cast.refused(path)) == 1


def test_a_second_run_changes_nothing(tmp_path):
    path = cast.xlsx(tmp_path, [["城建", "安全", "事故"]], LEVELS)
    run(path)
    before = list(Category.objects.values())
    run(path)
    assert list(Category.objects.values()) == before


@pytest.mark.skipif(not (cast.SHARED / "categories.xlsx").exists(), reason="the real categories are not here")
def test_the_real_tree_has_fifteen_roots_and_517_leaves(tmp_path):
    call_command(
        "import_categories",
        str(cast.SHARED / "categories.xlsx"),
        "--report",
        str(tmp_path / "x.csv"),
        stdout=io.StringIO(),
    )
    assert Category.objects.filter(level=1).count() == 15
    assert Category.objects.filter(level=3).count() == 517
