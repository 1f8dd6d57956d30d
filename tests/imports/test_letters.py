"""import_letters: what becomes of good, bad, repeated and interrupted rows."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts.viewers import Viewer, person_viewer
from engagement.imports import runs
from engagement.imports.store import Store
from engagement.models import Case, CaseFact, Mailbox, Publication, Reply
from engagement.queries import timeline, visible_to
from journal.models import Entry, Stream
from search.queries import find
from tests import make

from . import cast

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def city():
    return make.unit("city")


def run(path, *options):
    """Run the command and return what it said."""
    out = io.StringIO()
    call_command("import_letters", str(path), *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def snapshot():
    """Return what a second run could change."""
    return {model.__name__: model.objects.count() for model in (Case, CaseFact, Reply, Publication, Entry, Stream)}


def test_a_letter_becomes_a_concluded_case_with_its_true_times(tmp_path, city):
    run(cast.xlsx(tmp_path, [cast.letter(2549)]))
    case = Case.objects.get(source="letters_replied:2549")
    assert case.title == "2549号楼电梯停运"
    assert case.text == "尊敬的领导:\n电梯坏了。\n请尽快修好!"
    assert (case.status, case.channel, case.unit) == ("concluded", "import", city)
    assert case.received_at == datetime(2019, 4, 25, 9, 32, 9, tzinfo=SHANGHAI)
    assert case.answered_at == case.concluded_at == datetime(2019, 5, 10, 14, 56, 53, tzinfo=SHANGHAI)
    assert case.replies.get().text == "您好!电梯已修复,水质也检测合格。"
    assert [entry.kind for entry in Entry.objects.filter(stream__name=case.stream_name).order_by("seq")] == [
        "case.received", "case.answered", "case.concluded",
    ]  # fmt: skip


def test_its_fact_counts_calendar_and_working_time(tmp_path):
    run(cast.xlsx(tmp_path, [cast.letter(1)]))
    fact = CaseFact.objects.get()
    assert fact.reply_seconds == 15 * 86400 + 5 * 3600 + 24 * 60 + 44
    # 25 April 9:32 to 10 May 2019 14:56: 1 to 4 May were off, the Sundays 28 April and 5 May were worked.
    assert fact.reply_work_minutes == (420 - 32) + 9 * 420 + (180 + 116)
    assert fact.reply_working_days == pytest.approx(4464 / 420)
    assert fact.month == 201904


def test_anybody_can_read_and_find_it(tmp_path):
    run(cast.xlsx(tmp_path, [cast.letter(1)]))
    (hit,) = find("水质", audiences=["public"])
    assert "<mark>水质</mark>" in hit.snippet
    letter = Publication.objects.get()
    assert letter.published_at
    assert hit.document.ref == letter.case.number


def test_its_office_reads_the_timeline_and_strangers_see_no_case(tmp_path, city):
    run(cast.xlsx(tmp_path, [cast.letter(1)]))
    case = Case.objects.get()
    official = make.official("olga", "handler", city)
    assert timeline(case, person_viewer(official))[0].kind == "case.received"
    assert not visible_to(Viewer()).exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_encoding_of_an_office(tmp_path, encoding):
    run(cast.csv_file(tmp_path, [cast.letter(1), cast.letter(2)], encoding=encoding))
    assert set(Case.objects.values_list("title", flat=True)) == {"1号楼电梯停运", "2号楼电梯停运"}


def test_other_headings_are_mapped(tmp_path):
    headings = ["No", "谁", "题目", "何时", "正文", "如何答复", "答复于"]
    path = cast.xlsx(tmp_path, [cast.letter(7)], headings)
    with pytest.raises(CommandError, match="--map"):
        run(path)
    run(path, "--map", "No=id,题目=title,何时=received,正文=text,如何答复=reply,答复于=answered", "--source", "old")
    assert Case.objects.get().source == "old:7"


@pytest.mark.parametrize("mapping", ["题目", "留言主题=nonsense", "没有=title"])
def test_a_wrong_map_is_refused_in_words(tmp_path, mapping):
    with pytest.raises(CommandError):
        run(cast.xlsx(tmp_path, [cast.letter()]), "--map", mapping)
    assert not Case.objects.exists()


BAD = [
    ({"留言时间": "昨天"}, "昨天"), ({"留言时间": ""}, "received"), ({"答复时间": "2019/4/1 1:00:00"}, "answered"),
    ({"留言时间": "2519/4/25 9:32:09"}, "2519"), ({"留言主题": ""}, "title"), ({"留言主题": "长" * 201}, "title"),
    ({"留言详情": "\n\t "}, "text"), ({"答复意见": None}, "reply"), ({"留言编号": ""}, "id"),
    ({"留言详情": "长" * 20_001}, "text"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), BAD)
def test_one_bad_row_never_stops_the_rest_and_is_reported_with_its_reason(tmp_path, changes, said):
    path = cast.xlsx(tmp_path, [cast.letter(1), cast.letter(2, **changes), cast.letter(3)])
    run(path)
    assert set(Case.objects.values_list("source", flat=True)) == {"letters_replied:1", "letters_replied:3"}
    (row,) = cast.refused(path)
    number, reason, *_cells = row.values()
    assert number == "3"
    assert said in reason


def test_nul_and_formulas_in_a_csv_are_refused_and_harmless_in_the_report(tmp_path):
    path = cast.csv_file(tmp_path, [cast.letter(1, 留言用户="=1+1", 留言主题="a\x01b"), cast.letter(2)])
    run(path)
    (row,) = cast.refused(path)
    assert row["留言用户"] == "'=1+1"
    assert Case.objects.count() == 1


def test_a_number_that_stands_twice_is_taken_once(tmp_path):
    path = cast.xlsx(tmp_path, [cast.letter(1), cast.letter(1, 留言主题="又一个")])
    run(path)
    assert Case.objects.get().title == "1号楼电梯停运"
    assert len(cast.refused(path)) == 1


def test_a_second_run_changes_nothing(tmp_path):
    path = cast.xlsx(tmp_path, [cast.letter(number) for number in range(5)])
    run(path)
    before, cases = snapshot(), list(Case.objects.order_by("pk").values())
    run(path)
    assert snapshot() == before
    assert list(Case.objects.order_by("pk").values()) == cases


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 2)
    path = cast.xlsx(tmp_path, [cast.letter(number) for number in range(7)])
    stored, calls = Store.add, []

    def interrupted(self, batch, at):
        calls.append(len(batch))
        if len(calls) == 3:
            raise KeyboardInterrupt
        stored(self, batch, at)

    monkeypatch.setattr(Store, "add", interrupted)
    with pytest.raises(SystemExit) as stopped:
        run(path)
    assert stopped.value.code == 130
    assert Case.objects.count() == Publication.objects.count() == CaseFact.objects.count() == 4
    monkeypatch.setattr(Store, "add", stored)
    run(path)
    assert Case.objects.count() == Publication.objects.count() == CaseFact.objects.count() == 7


def test_a_row_that_only_the_database_refuses_does_not_take_its_batch_along(tmp_path, monkeypatch):
    path = cast.xlsx(tmp_path, [cast.letter(1), cast.letter(2), cast.letter(3)])
    bundle = Store._bundle

    def broken(self, row, at):
        made = bundle(self, row, at)
        if row.source.endswith(":2"):
            made.case.satisfaction = 9
        return made

    monkeypatch.setattr(Store, "_bundle", broken)
    run(path)
    assert Case.objects.count() == 2
    assert len(cast.refused(path)) == 1


def test_a_mailbox_and_columns_of_units_are_understood(tmp_path):
    housing = make.unit("housing", name="住建局")
    leader = make.official("leader", "leader", housing)
    box = Mailbox.objects.create(slug="he", leader=leader, unit=housing, title="局长")
    headings = [*cast.HEADINGS, "承办单位", "信箱"]
    run(cast.xlsx(tmp_path, [[*cast.letter(1), "住建局", ""], [*cast.letter(2), "", ""]], headings), "--mailbox", "he")
    assert {case.unit for case in Case.objects.all()} == {housing}
    assert {case.mailbox for case in Case.objects.all()} == {box}
    path = cast.xlsx(tmp_path, [[*cast.letter(3), "没有的局", ""]], headings, "second.xlsx")
    run(path)
    assert "没有的局" in str(cast.refused(path))


@pytest.mark.parametrize("name", ["missing.xlsx", "missing.csv"])
def test_a_missing_file_is_told(tmp_path, name):
    with pytest.raises(CommandError, match=name):
        run(tmp_path / name)


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", b"no zip"), ("b.csv", b"\xff\xff\xff\x81"), ("c.csv", b"")])
def test_a_broken_file_is_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=name):
        run(tmp_path / name)


@pytest.mark.parametrize(
    ("day", "expected"), [("2019/4/25", "2019-04-25T09:32:09+08:00"), ("2019/5/2", "2019-05-02T00:00:00+08:00")]
)
def test_a_reply_of_which_only_the_day_is_known_is_not_older_than_its_letter(tmp_path, day, expected):
    run(cast.xlsx(tmp_path, [cast.letter(1, 答复时间=day)]))
    assert Case.objects.get().answered_at == datetime.fromisoformat(expected)


def test_a_time_may_be_a_cell_of_its_own_kind(tmp_path):
    run(cast.xlsx(tmp_path, [cast.letter(1, 留言时间=datetime(2019, 4, 8, 8, 37, 20))]))
    assert Case.objects.get().received_at == datetime(2019, 4, 8, 8, 37, 20, tzinfo=SHANGHAI)


@pytest.mark.skipif(not (cast.SHARED / "letters_replied.xlsx").exists(), reason="the real letters are not here")
def test_the_real_letters_give_the_known_figures(tmp_path):
    from engagement.figures import figures

    run(cast.SHARED / "letters_replied.xlsx", "--report", str(tmp_path / "refused.csv"))
    found = figures()
    days = found["reply_calendar_days"]
    assert found["count"] == found["reply_working_days"]["n"] == 2816
    assert days["median"] == pytest.approx(11.208, abs=0.01)
    assert days["mean"] == pytest.approx(20.342, abs=0.01)
    assert days["p90"] == pytest.approx(40.98, abs=0.01)
    assert 5 < found["reply_working_days"]["median"] < days["median"]
    assert find("水质", audiences=["public"])
    assert find("电梯", audiences=["public"])
