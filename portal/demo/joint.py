"""What several units do together, how letters find their unit, and a quality check of last month's work."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from accounts.models import Role
from accounts.viewers import Viewer, person_viewer
from engagement import actions
from engagement.models import Case

from .city import City

MAP = Path(__file__).with_name("minghu.geojson")
FLOOD = (
    "梅溪路每逢大雨就积水",
    "梅溪工业园南门外的路段一下雨积水没过膝盖，排水口被工地堵住，货车绕行又压坏了人行道。请水务、城管、交通一起来看看。",
)
DRAINS = "已现场查勘，雨水口被施工泥浆堵塞，三日内完成清淤；管径偏小，建议列入改造计划。"
CAFE = (
    "在运河北路开办社区咖啡馆",
    "拟在运河北路12号开办咖啡馆，面积80平方米，设外摆座位6张，申请办理经营场所、外摆和消防意见。",
)
MISSING = "经营场所租赁合同\n外摆区域平面图"
HANDED_IN = "已补交租赁合同和外摆平面图。"
CONSENT = "外摆区域不占盲道，同意，须保持两米通行宽度。"
# Name, unit, words, and the code of an area of the map: the first that catches a letter counts.
RULES = (
    ("柳荫街道片区", "liuyin", "", "liuyin"),
    ("积水与内涝", "water", "积水\n内涝\n排水", ""),
    ("公交与地铁", "transport", "公交\n地铁\nbus", ""),
    ("噪声扰民", "urban", "噪声\n噪音\n扰民\nnoise", ""),
)
CHECK = "minghu-quality-check"
GOOD = {"points": "met", "substance": "met", "grounds": "met", "plain": "met", "contact": "met"}
LESS = GOOD | {"grounds": "partly"}


def fill(city: City, at: datetime) -> None:
    """One case of several units, one application, the routing rules, and a check that two officials judge."""
    _flood(city, at)
    _cafe(city, at)
    _rules(city, at)
    _check(city, at)


def _as(city: City, unit: str, role: str) -> Viewer:
    return person_viewer(city.at(unit, role))


def _file(city: City, words: tuple[str, str], kind: str, place: str, at: datetime) -> Case:
    title, text = words
    by = person_viewer(city.people["zhou.citizen"])
    return actions.file_case(
        viewer=by, kind=kind, title=title, text=text, channel=Case.Channel.FORM, language="zh-hans", place=place,
        public=True, at=at,
    ).case  # fmt: skip


def _accepted(city: City, case: Case, leads: str, assisting: tuple[str, ...], at: datetime) -> None:
    actions.accept_case(case_id=case.pk, version=None, by=_as(city, "city", Role.INTAKE_OFFICER), at=at)
    actions.dispatch_case(
        case_id=case.pk, version=None, by=_as(city, "city", Role.DISPATCHER), unit_id=city.units[leads].pk,
        assisting=[city.units[code].pk for code in assisting], at=at + timedelta(minutes=20),
    )  # fmt: skip


def _flood(city: City, at: datetime) -> None:
    """Water leads, two bureaus assist: one of them has sent its opinion."""
    filed = at - timedelta(days=2)
    case = _file(city, FLOOD, Case.Kind.COMPLAINT, "梅溪工业园", filed)
    _accepted(city, case, "water", ("urban", "transport"), filed + timedelta(hours=1))
    lead, helper = _as(city, "water", Role.HANDLER), _as(city, "urban", Role.HANDLER)
    actions.sign_for_case(case_id=case.pk, version=None, by=lead, at=filed + timedelta(hours=3))
    actions.take_step(case_id=case.pk, version=None, by=helper, code="opine", text=DRAINS, at=at - timedelta(hours=20))


def _cafe(city: City, at: datetime) -> None:
    """Told once what is missing, handed in, and now before three bureaus at the same time."""
    filed = at - timedelta(days=4)
    case = _file(city, CAFE, Case.Kind.APPLICATION, "运河北路", filed)
    intake = _as(city, "city", Role.INTAKE_OFFICER)
    actions.tell_missing(case_id=case.pk, version=None, by=intake, items=MISSING, at=filed + timedelta(hours=2))
    citizen = person_viewer(city.people["zhou.citizen"])
    actions.answer_question(case_id=case.pk, by=citizen, text=HANDED_IN, at=filed + timedelta(days=1))
    _accepted(city, case, "urban", ("housing", "health"), filed + timedelta(days=1, hours=2))
    by = _as(city, "urban", Role.HANDLER)
    actions.sign_for_case(case_id=case.pk, version=None, by=by, at=filed + timedelta(days=2))
    actions.take_step(case_id=case.pk, version=None, by=by, code="consent", text=CONSENT, at=filed + timedelta(days=3))


def _rules(city: City, at: datetime) -> None:
    shapes = {
        each["properties"].get("code"): [
            [latitude, longitude] for longitude, latitude in each["geometry"]["coordinates"][0]
        ]
        for each in json.loads(MAP.read_text(encoding="utf-8"))["features"]
        if each["geometry"]["type"] == "Polygon"
    }
    by = _as(city, "city", Role.SUPERVISOR)
    for name, unit, words, area in RULES:
        polygon = shapes.get(area)
        if words or polygon:
            actions.save_rule(
                by=by, name=name, unit_id=city.units[unit].pk, words=words, polygon=polygon if area else None, at=at
            )


def _check(city: City, at: datetime) -> None:
    """Last month's sample: half of it judged by both, one case judged differently, the rest to be done."""
    last = timezone.localdate(at).replace(day=1) - timedelta(days=1)
    people = (city.at("city", Role.SUPERVISOR), city.at("hotline", Role.CALLBACK_OFFICER))
    check = actions.begin_check(
        by=person_viewer(people[0]), unit_id=city.units["city"].pk, first=last.replace(day=1), last=last, each=1,
        one=people[0].pk, two=people[1].pk, token=CHECK, at=at - timedelta(days=1),
    )  # fmt: skip
    for position in range(1, check.sample.count() // 2 + 1):
        for person in people:
            marks = LESS if position == 2 and person == people[1] else GOOD
            actions.judge_sampled(
                by=person_viewer(person), check_id=check.pk, position=position, marks=marks, at=at - timedelta(hours=3)
            )
