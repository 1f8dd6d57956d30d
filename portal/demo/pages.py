"""The handbook of the city: pages of two offices, what waits for review, and what readers said."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.viewers import Viewer, person_viewer
from wiki.knowledge import actions, queries

from .city import City

HEATING = """供暖期为每年 **11月15日至次年3月15日**。室温低于 18℃ 的，可以要求测温和维修。

## 家里不热怎么办

1. 先看分户阀门有没有打开、滤网有没有堵。
2. 打供热单位电话报修，**2小时内**有人联系您。
3. 24小时内没有上门的，请提交诉求，并写明小区、楼号和开始不热的时间。

## 测温怎么算

| 室温 | 处理 |
|---|---|
| 16℃至18℃ | 退还当日热费的30% |
| 低于16℃ | 退还当日热费的全部 |

测温由供热单位和您一起进行，结果双方签字。"""
HEATING_EN = """Heating runs from **15 November to 15 March**. If a room is colder than 18 °C you can ask for a measurement and a repair.

## If your home is cold

1. Check that the valve of your flat is open and its filter clean.
2. Call your heating company; somebody calls back **within 2 hours**.
3. If nobody has come within 24 hours, send us a request with the estate, the building and the day it began.

## How it is measured

| Room | What you get |
|---|---|
| 16 to 18 °C | 30 % of that day's fee back |
| below 16 °C | all of that day's fee back |

The company measures together with you, and both sign."""
INSIDE = """- 各供热单位值班电话见值班台账，**不要**直接给市民个人手机号。
- 测温争议由市政公用科牵头，当天派人。
- 连续三天同一小区 5 件以上，按“水电气热”24 小时件派单并报督办。"""
CHARGING = """电动自行车请在**有顶棚的充电点**充电，不要在楼道、门厅和家里充。

- 没有充电点的小区，可以通过“我为城市出主意”提建议，也可以写信给住建部门。
- 看到飞线充电，请拍照提交诉求，按“危及安全”办理，2小时内有人处理。"""


def fill(city: City, at: datetime) -> int:
    """Lay the handbook with a few pages of the city's own, and everything that happens around pages; return how many."""
    laid = actions.load_handbook()
    water, housing = person_viewer(city.people["jiang.water"]), person_viewer(city.people["chen.handler"])
    checked, moderator = city.people["he.water"], person_viewer(city.people["zheng.moderator"])
    zh, en = (queries.page_at(water, path).place for path in ("zh/", "en/"))
    since = at - timedelta(days=40)
    page: dict[str, Any] = {"by": water, "slug": "heating", "reviewer": checked, "at": since}
    heating = actions.create_page(parent_id=zh.pk, title="供暖与测温", text=HEATING, language="zh-hans", **page)
    english = actions.create_page(parent_id=en.pk, title="Heating", text=HEATING_EN, language="en", **page)
    actions.care_for_page(
        by=water, place_id=heating.pk, unit_id=city.units["water"].pk, expires_on=(at + timedelta(days=9)).date(),
        twin_id=english.article.page.pk, at=at,
    )  # fmt: skip
    actions.create_page(
        by=water, parent_id=heating.pk, slug="office", title="供暖与测温：内部口径", text=INSIDE, audience="officials",
        language="zh-hans", reviewer=checked, at=since,
    )  # fmt: skip
    actions.create_page(
        by=housing, parent_id=zh.pk, slug="charging", title="电动车在哪里充电", text=CHARGING, language="zh-hans",
        reviewer=city.people["gao.reviewer"], at=since,
    )  # fmt: skip
    _around(city, heating.pk, moderator, at)
    return laid + 4


def _around(city: City, place_id: int, moderator: Viewer, at: datetime) -> None:
    """Suggestions that wait or were decided, votes, and a discussion."""
    wang, tang = person_viewer(city.people["wang.citizen"]), person_viewer(city.people["tang.citizen"])
    shown = queries.page_at(wang, "zh/heating/")
    words = {"title": shown.revision.title, "seen": shown.revision.pk, "place_id": place_id}
    sent = actions.propose_change(
        by=tang, text=HEATING.replace("18℃", "20℃"), summary="20度更合适", at=at - timedelta(days=3), **words
    )
    actions.send_back_proposal(
        by=moderator,
        proposal_id=sent.pk,
        reason="18℃ 是本市供热条例的规定，手册照写；建议可以发到论坛。",
        at=at - timedelta(days=2),
    )
    actions.propose_change(
        by=wang, text=HEATING.replace("2. 打供热单位电话报修", "2. 打供热单位电话（缴费单背面）报修"),
        summary="写明电话在哪里找", at=at - timedelta(hours=5), **words,
    )  # fmt: skip
    for name, helpful, said in (
        ("liu.citizen", True, ""), ("ma.citizen", True, ""), ("zhou.citizen", True, ""), ("qiu.citizen", False, "退费要带什么材料没有写"),
    ):  # fmt: skip
        actions.vote(by=person_viewer(city.people[name]), place_id=place_id, helpful=helpful, words=said, at=at)
    actions.remark(by=wang, place_id=place_id, text="租的房子，是房东报修还是我报修？", at=at - timedelta(hours=30))
    actions.remark(
        by=person_viewer(city.people["he.water"]), place_id=place_id, at=at - timedelta(hours=26),
        text="谁住谁报就可以，供热单位按门牌登记；退费退给缴费的人。这一条会补进页面。",
    )  # fmt: skip
