"""The desks' hours and patterns, a room of colleagues, and two live interviews."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.viewers import Viewer, person_viewer
from messaging import actions
from messaging.models import Desk, Duty, Interview

from .city import City

HOURS = [["08:30", "12:00"], ["13:30", "17:30"]]
TOPICS = {"general": 4, "social": 3}
CHAT = (
    ("lin.duty", "柳荫花园片区今天停水咨询很多，统一口径：今晚八点前恢复。"),
    ("jiang.water", "抢修顺利，预计七点半通水，到时我在群里说一声。"),
    ("pan.duty", "收到，值班台已经置顶说明。"),
)
ASKED = (
    (
        "刘女士",
        "老旧小区加装电梯，一楼住户不同意怎么办？",
        "先由社区组织协商，依法需要三分之二以上业主参与表决；对一楼住户可以给予合理补偿，街道会派人上门做工作。",
    ),
    ("", "加装电梯财政补贴多少？", "每台补贴二十万元，从住宅专项维修资金和市财政各承担一半，验收后一个月内到账。"),
    (
        "老周",
        "电梯的后期维护谁来管？",
        "可以委托物业，也可以由加装业主自管，但必须购买保险并签订维保合同，信息在住建局网站公开。",
    ),
)
AHEAD = ("中小学课后服务下学期有什么变化？", "社区食堂的菜价能不能再低一点？")


def fill(city: City, at: datetime) -> None:
    """Set the hours, keep the patterns, and let officials talk."""
    keeper = person_viewer(city.people["wu.supervisor"], at)
    _desks(city, keeper, at)
    room = actions.open_group(
        by=person_viewer(city.people["lin.duty"], at),
        title="停水应急协调",
        people=[city.people[name].pk for name in ("jiang.water", "pan.duty", "wu.supervisor")],
        at=at - timedelta(hours=3),
    )
    for number, (name, text) in enumerate(CHAT):
        said_at = at - timedelta(hours=3 - number)
        viewer = person_viewer(city.people[name], at)
        actions.say_in_room(viewer=viewer, key=str(room.pk), client_key=f"demo-room-{number}", text=text, at=said_at)
    _held(city, at)
    _announced(city, at)


def _desks(city: City, keeper: Viewer, at: datetime) -> None:
    social, general = city.desks["social"], city.desks["general"]
    actions.set_hours(desk_id=social.pk, by=keeper, hours=HOURS, off_hours=[["09:00", "11:30"]], at=at)
    Desk.objects.filter(pk=social.pk).update(automatic=True)
    for slug, most in TOPICS.items():
        roots = [leaf.root_id for leaf in city.categories.values() if leaf.root_id]
        city.desks[slug].topics.set(list(dict.fromkeys(roots))[:most])
    since = timezone.localdate(at) - timedelta(days=timezone.localdate(at).weekday())
    # (desk, from, until, who takes turns)
    patterns = (
        (general, time(8), time(16), ("pan.duty", "lin.duty")),
        (general, time(16), time(0), ("song.duty", "lin.duty")),
        (social, time(8), time(20), ("jia.duty",)),
    )
    for desk, starts, ends, names in patterns:
        officers = [city.people[name].pk for name in names]
        actions.save_rota(
            desk_id=desk.pk, by=keeper, days="all", starts=starts, ends=ends, officers=officers, since=since, at=at
        )
    for name, languages in (("song.duty", ["en", "zh-hans"]), ("jia.duty", ["zh-hans"])):
        Duty.objects.create(officer=city.people[name], seen_at=at - timedelta(days=1), languages=languages)
    start = timezone.localtime(at).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
    actions.add_shift(
        desk_id=general.pk, by=keeper, officer_id=city.people["he.leader"].pk, kind="leader",
        starts_at=start, ends_at=start + timedelta(hours=2), at=at,
    )  # fmt: skip


def _announce(city: City, unit: str, guest: str, start: datetime, **words: str) -> Interview:
    moderator = person_viewer(city.people["zheng.moderator"], start)
    return actions.announce_interview(
        by=moderator, unit_id=city.units[unit].pk, starts_at=start, ends_at=start + timedelta(hours=1),
        people=[city.people[guest].pk], at=start - timedelta(days=5), **words,
    )  # fmt: skip


def _held(city: City, at: datetime) -> None:
    """An interview of last week, with its transcript."""
    moderator, du = (person_viewer(city.people[name], at) for name in ("zheng.moderator", "du.leader"))
    start = timezone.localtime(at).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=8)
    interview = _announce(
        city, "housing", "du.leader", start,
        title="老旧小区加装电梯，您问我答", title_en="Lifts for old buildings: your questions",
        about="加装电梯怎么申请、谁出钱、谁来管？住房和城乡建设局在线回答。",
        about_en="How to apply, who pays, who looks after it? The Housing and Construction Bureau answers.",
        guests="住房和城乡建设局局长 杜宏", guests_en="Du Hong, Director of Housing and Construction",
    )  # fmt: skip
    actions.move_interview(interview_id=interview.pk, by=moderator, step="start", at=start)
    for number, (name, text, answer) in enumerate(ASKED):
        moment = start + timedelta(minutes=6 * number)
        reader = Viewer(visitor=f"demo-reader-{number}")
        question = actions.ask_question(
            viewer=reader, interview_id=interview.pk, text=text, name=name, token=f"demo-question-{number}", at=moment
        )
        actions.screen_question(question_id=question.pk, by=moderator, put=True, at=moment + timedelta(minutes=1))
        actions.answer_question(
            question_id=question.pk,
            by=du,
            text=answer,
            client_key=f"demo-answer-{number}",
            at=moment + timedelta(minutes=4),
        )
    for minutes, step in ((60, "end"), (120, "publish")):
        moment = start + timedelta(minutes=minutes)
        if step == "end":
            actions.move_interview(interview_id=interview.pk, by=moderator, step=step, at=moment)
        else:
            actions.publish_transcript(interview_id=interview.pk, by=moderator, at=moment)


def _announced(city: City, at: datetime) -> None:
    """An interview in three days, with questions that wait."""
    start = timezone.localtime(at).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=3)
    interview = _announce(
        city, "city", "he.leader", start,
        title="市长在线：民生实事进展", title_en="The mayor online: this year's promises",
        about="今年的十件民生实事进展如何？何建平市长在线回答，现在就可以提问。",
        about_en="How far are the ten promises of this year? Mayor He Jianping answers. You can ask now.",
        guests="明湖市市长 何建平", guests_en="He Jianping, Mayor of Minghu",
    )  # fmt: skip
    for number, text in enumerate(AHEAD):
        actions.ask_question(
            viewer=Viewer(visitor=f"demo-asker-{number}"), interview_id=interview.pk, text=text,
            token=f"demo-ahead-{number}", at=at - timedelta(hours=number + 1),
        )  # fmt: skip
