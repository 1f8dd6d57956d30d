"""The suite `import`: how many letters a second the command takes in, and how quickly it sees that all are there."""

from __future__ import annotations

import io
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from openpyxl import Workbook

LETTERS = 3_000
REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "letters_replied.xlsx"
HEADINGS = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
SIGNS = (
    "小区物业电梯水质噪音停车道路施工学校公交医院社保居民街道反映情况请问希望解决政府部门已经现将回复如下感谢来信核实"
)


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Import the letters twice into an empty house."""
    django.setup()
    from django.core.management import call_command

    from accounts.actions import place_unit
    from engagement.figures import figures

    call_command("migrate", verbosity=0)
    place_unit(code="city", name="明湖市人民政府", name_en="Minghu City Government", kind="city")
    path = _file(given["letters"])

    def run() -> None:
        call_command("import_letters", str(path), "--report", str(_folder() / "refused.csv"), stdout=io.StringIO())

    first, cpu = _timed(run)
    again, _cpu = _timed(run)
    found = figures()
    return {
        "file": path.name,
        "letters": found["count"],
        "seconds": first,
        "letters_per_second": found["count"] / first,
        "processor_seconds": cpu,
        "second_run_seconds": again,
        "median_days": found["reply_calendar_days"]["median"],
        "mean_days": found["reply_calendar_days"]["mean"],
        "p90_days": found["reply_calendar_days"]["p90"],
        "median_working_days": found["reply_working_days"]["median"],
    }


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _folder() -> Path:
    from django.conf import settings

    return Path(settings.DATA_DIR)


def _file(given: str) -> Path:
    """Return the given file, the real letters where they are, or generated ones of the same size and shape."""
    if given:
        return Path(given)
    return REAL if REAL.exists() else _generated(_folder() / "letters.xlsx")


def _generated(path: Path) -> Path:
    dice = random.Random(7)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADINGS)
    for number in range(LETTERS):
        received = datetime(2018, 1, 2, 8, tzinfo=UTC) + timedelta(hours=dice.uniform(0, 17_000))
        answered = received + timedelta(days=dice.lognormvariate(2.4, 1.0))
        sheet.append([
            number, f"U{number}", _words(dice, 20), received.strftime("%Y/%m/%d %H:%M:%S"),
            f"\n\t\t\t\u3000\u3000{_words(dice, 380)}\n\t\t\t", _words(dice, 420),
            answered.strftime("%Y/%m/%d %H:%M:%S"),
        ])  # fmt: skip
    book.save(path)
    return path


def _words(dice: random.Random, length: int) -> str:
    return "".join(dice.choices(SIGNS + ",。", k=length))


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    Path(options["result"]).write_text(json.dumps(main(options), ensure_ascii=False), encoding="utf-8")
