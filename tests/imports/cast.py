"""Files that look like those of other systems, made anew for every test."""

import csv
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook

HEADINGS = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def letter(number: object = 1, **changes: object) -> list[object]:
    """Return one good row, changed by heading."""
    row = dict(
        zip(
            HEADINGS,
            [
                number, "A0001", f"{number}号楼电梯停运", "2019/4/25 9:32:09",
                "\n\t\t\t\t\n\t\t\t  尊敬的领导:\u3000\u3000电梯坏了。\u3000\u3000请尽快修好!\xa0\xa0\n\t\t\t\n",
                "\u3000\u3000您好!电梯已修复,水质也检测合格。", "2019/5/10 14:56:53",
            ],
            strict=True,
        )
    )  # fmt: skip
    return list((row | changes).values())


def xlsx(folder: Path, rows: list[list[object]], headings: list[str] | None = None, name: str = "letters.xlsx") -> Path:
    """Write an xlsx file."""
    book = Workbook()
    sheet = book.active
    for row in [headings or HEADINGS, *rows]:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


def csv_file(
    folder: Path,
    rows: list[list[object]],
    headings: list[str] | None = None,
    encoding: str = "utf-8",
    name: str = "x.csv",
) -> Path:
    """Write a csv file."""
    with (folder / name).open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([headings or HEADINGS, *rows])
    return folder / name


def refused(path: Path) -> list[dict[str, str]]:
    """Return the rows of the report beside a file."""
    report = path.with_name(f"{path.stem}.refused.csv")
    if not report.exists():
        return []
    with report.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


NYC = [
    "Unique Key", "Created Date", "Closed Date", "Agency", "Agency Name", "Complaint Type", "Descriptor",
    "Location Type", "Incident Address", "City", "Status", "Due Date", "Resolution Description",
    "Open Data Channel Type", "Latitude", "Longitude",
]  # fmt: skip


def request(number: int, status: str = "Closed", **changes: object) -> list[object]:
    """Return one row of a 311 export."""
    row = dict(
        zip(
            NYC,
            [
                number, "05/01/2022 12:00:09 AM", "05/01/2022 12:07:46 AM" if status == "Closed" else "", "DOT",
                "Department of Transport", "Noise - Street", "Loud Music", "Street", "364 WEST 127 STREET", "NEW YORK",
                status, "", "The police took action." if status == "Closed" else "", "PHONE", "40.812", "-73.952",
            ],
            strict=True,
        )
    )  # fmt: skip
    return list((row | changes).values())


A_DAY = datetime(2019, 4, 25)
