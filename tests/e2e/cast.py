"""The city of the stories: its offices, the mayor's mailbox, the desk, and what people say, in Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Person, Role, Unit
from engagement.actions import seed_calendar
from engagement.models import Category, Mailbox
from messaging.models import Desk, Shift
from tests import make

# Words that stay in the house.
NOTE = "WOMBAT-7: 维保公司欠费，周五约谈。"


@dataclass(frozen=True)
class Words:
    """What is said in a story, and what the pages must say, in one language."""

    locale: str
    name: str
    phone: str
    title: str
    text: str
    place: str
    search: str
    question: str
    answer: str
    reply: str
    thanks: str
    hidden: str
    promise: str
    received: str
    accepted: str
    dispatched: str
    working: str
    clarify: str
    prepared: str
    answered: str
    concluded: str
    published: str
    mailed: str
    hello: str
    second: str
    is_next: str
    joined: str
    talk: tuple[str, ...]
    became: str
    rated: str
    from_talk: str


ZH = Words(
    locale="zh-CN",
    name="王敏",
    phone="13812345678",
    title="7号楼电梯停运两周，老人无法下楼",
    text="市长您好：明湖路12号院7号楼的电梯从11月8日起停运，物业一直说在等配件。\n"
    "楼里有六位行动不便的老人，我母亲已两周没有下楼。请督促尽快修复。我是王敏，电话13812345678。",
    place="明湖路12号院7号楼",
    search="电梯",
    question="请问是东侧还是西侧的电梯？物业有没有贴出维修通知？",
    answer="是东侧那部。门口贴了通知，只写“检修中”，没有日期。",
    reply="王敏您好：经查，该电梯主控板损坏，维保合同到期后无人续签。\n"
    "我局已责令物业于11月24日前更换部件，期间由社区志愿者协助老人就医、买菜。",
    thanks="当天就有人上门了，谢谢。",
    hidden="我是〔…〕，电话〔…〕",
    promise="现在写信，最迟",
    received="已收到，正在安排受理。",
    accepted="已受理，正在转交办理单位。",
    dispatched="已受理，已交住房和城乡建设局办理。",
    working="住房和城乡建设局正在办理，最迟",
    clarify="需要您补充一点信息，单位的计时已暂停。",
    prepared="答复已起草，正在审核",
    answered="已答复，请您评价。",
    concluded="已办结；如未解决，可在",
    published="已公开",
    mailed="已答复",
    hello="你好，7号楼的电梯又停了，能帮忙问一下吗？",
    second="您排在第2位",
    is_next="下一个就是您",
    joined="杜雨晴已接入",
    talk=(
        "您好，请问是哪个小区？",
        "明湖花园7号楼。",
        "我先断一下网。",
        "回来了。",
        "我马上联系物业。",
        "服务器重启也没关系。",
    ),
    became="本次对话已转为诉求工单",
    rated="您对本次对话的评价为5分",
    from_talk="来源对话",
)
EN = Words(
    locale="en",
    name="Wang Min",
    phone="13812345678",
    title="Lift in building 7 out of order for two weeks",
    text="Dear Mayor, the lift in building 7, 12 Lakeside Road, has stood still since 8 November. The estate office "
    "says it waits for parts.\nSix elderly neighbours cannot leave their flats. Please see that it is repaired. "
    "I am Wang Min, call 13812345678.",
    place="12 Lakeside Road, building 7",
    search="lift",
    question="Is it the eastern or the western lift? Has the estate office put up a notice?",
    answer="The eastern one. The notice only says “under repair”, without a date.",
    reply="Dear Wang Min, the control board of the lift is broken and the service contract had run out.\n"
    "We have ordered the estate office to replace the board by 24 November. Until then volunteers help.",
    thanks="Somebody came the same day. Thank you.",
    hidden="I am 〔…〕, call 〔…〕.",
    promise="Write now → answer due by",
    received="We have it and are deciding who handles it.",
    accepted="Accepted. It is on its way to the office in charge.",
    dispatched="Accepted. Housing Office has it.",
    working="Housing Office is working on it. The answer is due by",
    clarify="We need something more from you; the office's clock is paused.",
    prepared="A reply is written and being checked",
    answered="Answered – please tell us whether it helped.",
    concluded="Concluded. If it isn't solved you can reopen it until",
    published="Published",
    mailed="has been answered",
    hello="Hello, the lift in building 7 stands still again. Can you help?",
    second="You are number 2 in the queue",
    is_next="You are next",
    joined="Du Yuqing has joined",
    talk=("Good day. Which estate is it?", "Lake Gardens, building 7.", "I drop the line now.", "Here again.",
          "I am calling the estate office.", "A restart does not stop us."),
    became="This conversation became case",
    rated="You rated this conversation 5 of 5",
    from_talk="The talk it came from",
)  # fmt: skip
BOTH = {"zh": ZH, "en": EN}


def spoken(text: str) -> re.Pattern[str]:
    """Return a pattern of the text that leaves the space between Han characters and figures to the page."""
    return re.compile(r"\s*".join(re.escape(character) for character in text if not character.isspace()))


@dataclass
class City:
    """Who serves where."""

    housing: Unit
    mailbox: Mailbox
    category: Category
    desk: Desk
    ida: Person
    hana: Person
    rita: Person
    lin: Person
    dora: Person


def city(words: Words) -> City:
    """Return the city: intake and dispatching in one hand, a handler, a reviewer, the mayor, a duty officer."""
    year = timezone.localdate().year
    seed_calendar("city", [year, year + 1])
    hall = make.unit("city", name="明湖市政府", name_en="City Government")
    housing = make.unit("housing", name="住房和城乡建设局", name_en="Housing Office")
    ida = _official(words, "ida", "艾达", "Ai Da", Role.INTAKE_OFFICER, hall)
    make.official("ida", Role.DISPATCHER, hall)
    lin = _official(words, "lin", "林远", "Lin Yuan", Role.LEADER, hall)
    dora = _official(words, "dora", "杜雨晴", "Du Yuqing", Role.DUTY_OFFICER, hall)
    return City(
        housing=housing,
        mailbox=_mailbox(lin, hall),
        category=Category.objects.create(code="c-lift", name="电梯", name_en="Lifts", words="电梯\nlift"),
        desk=_desk(dora, hall),
        ida=ida,
        hana=_official(words, "hana", "韩娜", "Han Na", Role.HANDLER, housing),
        rita=_official(words, "rita", "芮塔", "Rui Ta", Role.REVIEWER, housing),
        lin=lin,
        dora=dora,
    )


def _official(words: Words, username: str, name: str, name_en: str, role: str, at: Unit) -> Person:
    person = make.official(username, role, at)
    person.name = name_en if words is EN else name
    person.language = "en" if words is EN else "zh-hans"
    person.save(update_fields=["name", "language"])
    return person


def _mailbox(leader: Person, unit: Unit) -> Mailbox:
    duties: dict[str, Any] = {"duties": "主持市政府全面工作。", "duties_en": "Leads the city government."}
    return Mailbox.objects.create(
        slug="mayor", leader=leader, unit=unit, title="市长", title_en="Mayor", name_en="Lin Yuan", **duties
    )


def _desk(officer: Person, unit: Unit) -> Desk:
    desk = Desk.objects.create(
        slug="hall", unit=unit, name="市民服务台", name_en="City desk", languages=["zh-hans", "en"], limit=3,
        about="各类咨询和求助。", about_en="Questions and help of every kind.",
    )  # fmt: skip
    hours = timedelta(hours=4)
    now = timezone.now()
    Shift.objects.create(desk=desk, officer=officer, starts_at=now - hours, ends_at=now + hours)
    return desk
