"""import_cases --format nyc311."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Case, CaseFact, Task
from tests import make

from . import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def city():
    return make.unit("city")


def run(path, *options):
    out = io.StringIO()
    call_command("import_cases", str(path), "--format", "nyc311", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_closed_requests_are_concluded_and_open_ones_stay_open(tmp_path):
    run(cast.csv_file(tmp_path, [cast.request(1), cast.request(2, "In Progress"), cast.request(3, "Open")], cast.NYC))
    by_key = {case.source: case for case in Case.objects.all()}
    assert {key: case.status for key, case in by_key.items()} == {
        "nyc311:1": "concluded", "nyc311:2": "in_progress", "nyc311:3": "received",
    }  # fmt: skip
    closed = by_key["nyc311:1"]
    assert closed.received_at == datetime(2022, 5, 1, 0, 0, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (closed.channel, closed.language, closed.latitude, closed.longitude) == ("phone", "en", 40.812, -73.952)
    assert closed.title == "Noise - Street: Loud Music"
    assert closed.place == "364 WEST 127 STREET, NEW YORK"
    assert CaseFact.objects.get().reply_seconds == 457
    assert {task.node for task in Task.objects.filter(status="open")} == {"register", "handle"}


def test_an_agency_goes_to_the_unit_that_is_named_for_it(tmp_path):
    transport = make.unit("transport")
    run(
        cast.csv_file(tmp_path, [cast.request(1), cast.request(2, Agency="NYPD")], cast.NYC),
        "--agency",
        "DOT=transport",
    )
    assert {case.source: case.unit.code for case in Case.objects.all()} == {
        "nyc311:1": transport.code,
        "nyc311:2": "city",
    }


BAD = [
    {"Status": "Lost"},
    {"Closed Date": ""},
    {"Closed Date": "04/01/2022 12:00:00 AM"},
    {"Latitude": "north"},
    {"Longitude": "720"},
]


@pytest.mark.parametrize("changes", BAD)
def test_a_bad_row_is_reported_and_the_rest_goes_on(tmp_path, changes):
    path = cast.csv_file(tmp_path, [cast.request(1, **changes), cast.request(2)], cast.NYC)
    run(path)
    assert Case.objects.get().source == "nyc311:2"
    assert len(cast.refused(path)) == 1


def test_another_file_is_told_apart(tmp_path):
    with pytest.raises(CommandError, match="Unique Key"):
        run(cast.csv_file(tmp_path, [["1"]], ["number"]))


@pytest.mark.skipif(not (cast.SHARED / "nyc_311.csv").exists(), reason="the real requests are not here")
def test_the_real_requests_come_in_whole_and_once(tmp_path):
    for _time in range(2):
        run(cast.SHARED / "nyc_311.csv", "--report", str(tmp_path / "refused.csv"))
    assert Case.objects.count() == 924
    assert Case.objects.filter(status="concluded").count() == CaseFact.objects.count() == 480
