"""What supervisors and units do around open cases: some orders, more time, a pause, a promise, a joined matter."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Role
from accounts.viewers import Viewer, person_viewer
from engagement import actions
from engagement.models import Case
from engagement.queries import allowed_actions, matter_to_join

from .city import City

DEMAND = "请查明超期原因，两个工作日内报送办理情况和完成时限。"
ANSWER = "已约谈施工单位，电梯配件今日到货，明日下午恢复运行。"
TIME = "配件需从外地调运，预计还要五个工作日。"
INSPECTION = "等待特种设备检验机构出具检验意见。"
PROMISE = "雨季结束后更换整条管线，十二月十日前完工。"
NEIGHBOURS = (
    "我家老人八十多岁，每天爬七楼，请尽快修好。",
    "电梯经常停在半层，孩子不敢坐。",
    "同一部电梯，这个月已经坏了三次。",
    "物业说没有维修资金，请问找谁？",
    "坐轮椅的邻居已经一周没有下楼了。",
    "希望公布检验结果。",
)


def fill(city: City, at: datetime) -> None:
    """Do a little of everything; each only where the case allows it."""
    open_now = Case.objects.filter(answered_at__isnull=True, concluded_at__isnull=True, confidential=False)
    held = list(open_now.filter(handler__isnull=False).select_related("unit", "handler").order_by("due_at", "pk"))
    watcher = person_viewer(city.at("city", Role.SUPERVISOR))
    _orders(held[:5], watcher, at)
    _time(held[8:16], at)
    _promise(at)
    _join(held, at)
    actions.watch_cases(by=watcher, numbers=[case.number for case in held[:4]], at=at)


def _may(case: Case, viewer: Viewer, action: str, at: datetime) -> bool:
    return action in allowed_actions(case, viewer, at)


def _holder(case: Case) -> Viewer:
    assert case.handler is not None
    return person_viewer(case.handler)


def _orders(cases: list[Case], watcher: Viewer, at: datetime) -> None:
    for number, case in enumerate(cases):
        if not _may(case, watcher, "issue_order", at):
            continue
        issued = at - timedelta(days=3 - min(number, 2))
        actions.issue_order(case_id=case.pk, by=watcher, demand=DEMAND, days=2, at=issued)
        if number < 2:
            actions.answer_order(case_id=case.pk, by=_holder(case), answer=ANSWER, at=at)
        if number == 0:
            actions.accept_order(case_id=case.pk, by=watcher, at=at)


def _time(cases: list[Case], at: datetime) -> None:
    asked = paused = False
    for case in cases:
        case.refresh_from_db()
        by = _holder(case)
        if not asked and _may(case, by, "ask_extension", at):
            actions.ask_extension(case_id=case.pk, version=None, by=by, days=5, reason=TIME, at=at)
            asked = True
        elif not paused and _may(case, by, "pause_case", at):
            until = at + timedelta(days=4)
            actions.pause_case(
                case_id=case.pk, version=None, by=by, cause="expert", until=until, reason=INSPECTION, at=at
            )
            paused = True


def _promise(at: datetime) -> None:
    answered = Case.objects.filter(status=Case.Status.ANSWERED, confidential=False, handler__isnull=False)
    for case in answered.select_related("handler").order_by("-answered_at")[:3]:
        if _may(case, _holder(case), "make_promise", at):
            due = at + timedelta(days=18)
            actions.make_promise(case_id=case.pk, version=None, by=_holder(case), words=PROMISE, due_at=due, at=at)
            return


def _join(cases: list[Case], at: datetime) -> None:
    """Six neighbours join the first public matter that has a place and a subject."""
    lead = next((case for case in cases[5:] if case.public and case.place and case.category_id), None)
    offer = matter_to_join(lead.category, lead.place, at=at) if lead else None
    if lead is None or offer is None:
        return
    for number, words in enumerate(NEIGHBOURS):
        visitor = Viewer(visitor=f"demo-neighbour-{number}", language=lead.language)
        filed = actions.file_case(
            viewer=visitor, kind=lead.kind, title=lead.title, text=words, channel=Case.Channel.FORM,
            language=lead.language, category=lead.category, place=lead.place, contact={"name": "", "wants": "none"},
            at=at,
        ).case  # fmt: skip
        opened = Viewer(visitor=visitor.visitor, grants=frozenset({f"case-{filed.number}"}), language=lead.language)
        actions.join_matter(case_id=filed.pk, by=opened, offer=offer.token, at=at)
