"""Cases without letters: a process, its units and a case at its start, for tests that walk the engine at random."""

from datetime import datetime
from typing import Any

from accounts.models import Role, Unit
from engagement.models import Case, Process
from engagement.processes.checks import check
from engagement.processes.definition import checksum
from engagement.processes.engine import Engine
from tests import make
from tests.engagement.cast import MONDAY

NORMS = {"yellow_percent": 80, "reopen_days": 30, "most_rounds": 5, "extension_days": 15, "urge_hours": 24}


def units(number: int) -> list[Unit]:
    found = [make.unit(f"part-{each}") for each in range(number)]
    for unit in found:
        make.official(f"at-{unit.code}", Role.HANDLER, unit)
    return found


def process(raw: dict[str, Any]) -> Process:
    check(raw)
    found, _new = Process.objects.get_or_create(
        checksum=checksum(raw),
        defaults={
            "key": raw["key"], "version": Process.objects.count() + 1, "name": raw["key"], "definition": raw,
            "published_at": MONDAY,
        },
    )  # fmt: skip
    return found


def case_of(found: Process, number: str, unit: Unit, at: datetime = MONDAY) -> Case:
    case = Case.objects.create(
        number=number, kind="complaint", channel="form", title="T", text="t", process=found, received_at=at, unit=unit
    )
    Engine(case, at).begin(unit)
    case.save()
    return case


def whole(nodes: dict[str, Any], start: str, key: str = "walked") -> dict[str, Any]:
    return {
        "key": key, "name": key, "name_en": "", "promise_days": {"default": 5}, "norms": NORMS, "start": start,
        "nodes": nodes, "acts": {},
    }  # fmt: skip
