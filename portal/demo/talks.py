"""Conversations at the desks during the last year: what was said, and by whom."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from journal.history import Past, append_history
from messaging.actions.archive import as_found
from messaging.models import Desk, Talk
from search.actions import index_many

from . import people
from .city import City

COUNT = 60
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NAMES = ("", "小李", "张女士", "陈先生", "访客", "赵大爷")

# (desk, language, subject, lines that the citizen and the officer say in turn)
SCRIPTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("general", "zh-hans", "居住证续签", (
        "您好，居住证快到期了，要去哪里续签？", "您好！到期前三十天内可以在政务服务网续签，也可以去社区警务室。",
        "网上要准备什么？", "租房合同和近六个月社保记录就行，系统会自动核验。", "太方便了，谢谢！", "不客气，祝您生活愉快。")),
    ("general", "zh-hans", "家里停水", (
        "柳荫花园今天一直没水，什么情况？", "您好，我查一下……柳荫花园片区主管爆裂，抢修预计今晚八点前完成。",
        "那做饭怎么办啊", "社区在南门安排了送水车，六点前都在。要是八点还没恢复，您再找我们。", "好的，知道了。")),
    ("general", "zh-hans", "噪音投诉找谁", (
        "晚上十一点还在打桩，我该找哪个部门？", "您好，夜间施工由生态环境局负责，我可以马上帮您登记成工单。",
        "那帮我登记吧，地点是运河人家北侧工地。", "已经记下了，您会收到编号和查询码，执法人员今晚会去现场。", "谢谢你们！")),
    ("general", "zh-hans", "老人公交卡", (
        "我妈今年满七十，公交卡怎么办理免费的？", "您好，带身份证到任一公交卡服务点，当场办理，不收费。",
        "可以代办吗？", "可以，代办人再带上自己的身份证。", "明白了")),
    ("general", "zh-hans", "共享单车押金", (
        "共享单车押金退不出来", "您好，请问是哪家企业？有申请记录截图吗？", "有的，申请了两周了。",
        "好的，您可以在这里转成投诉工单，由城市管理局约谈企业，一般七个工作日答复。", "行，转吧。", "已转，编号稍后显示在页面上。")),
    ("general", "zh-hans", "垃圾分类", (
        "旧沙发怎么扔？", "大件垃圾请先在“明湖城管”小程序预约，工作人员会上门收运。", "收费吗", "每件二十元，六十五岁以上老人免费。")),
    ("general", "zh-hans", "小区充电桩", (
        "物业不让装充电桩，合理吗", "您好，产权车位安装充电桩，物业应当配合，不得无故拒绝。",
        "那他们就是不盖章", "请把车位证明发到工单里，住建局会和物业沟通。要我帮您转吗？", "要，谢谢")),
    ("social", "zh-hans", "社保断缴", (
        "换工作中间断了一个月社保，有影响吗？", "您好，养老保险累计年限不受影响；医保断缴次月起不能报销，建议尽快以灵活就业身份补上。",
        "怎么补？", "在社保网选择“灵活就业参保”，当月缴费下月恢复待遇。", "好的非常感谢")),
    ("social", "zh-hans", "拖欠工资", (
        "老板欠我三个月工资，我没有合同", "您好，没有书面合同也可以投诉。请准备考勤、转账记录或工作群聊天记录。",
        "这些都有", "那请在页面点“转为诉求”，劳动监察会在五个工作日内联系您。", "谢谢，我这就弄")),
    ("social", "zh-hans", "失业金申领", (
        "失业金在哪里申请", "在社保网或政务服务网都可以，凭身份证登录，不需要原单位盖章。", "多久能到账？",
        "审核通过后次月发放，一般十五日之前。", "好嘞")),
    ("english", "en", "Residence permit", (
        "Hi, how early can I renew my residence permit?", "Hello! Up to 30 days before it ends, online or at the neighbourhood police office.",
        "Do I need my landlord there?", "No, a registered rental contract is enough.", "Perfect, thanks a lot!", "You're welcome. Have a nice day!")),
    ("english", "en", "Which hospital", (
        "My son has a fever. Which hospital has an English-speaking doctor at night?",
        "I am sorry to hear that. The Second City Hospital has an interpreter by phone all night; the address is 18 Donghu Road.",
        "Do they take foreign insurance?", "You pay first and get an invoice in English for your insurer.", "Thank you so much.")),
    ("english", "en", "Driving licence", (
        "Can I exchange my foreign driving licence here?", "Yes: bring a translation, your passport and permit, and book the theory test online.",
        "Is the test in English?", "It is, on the computer, about 45 minutes.", "Great!")),
    ("english", "en", "Noise next door", (
        "There is drilling next door every Sunday morning.", "Renovation is not allowed on Sundays before 9. Shall I file this as a complaint for you?",
        "Yes please, it is at Stone Bridge Homes.", "Done. You will see the number on this page and the street office will visit them.", "Thanks!")),
)  # fmt: skip


@transaction.atomic
def fill(city: City, dice: Random, at: datetime) -> int:
    """Write the talks of the last year, most of them ended and many rated; return how many."""
    talks: list[Talk] = []
    past: list[Past] = []
    ago = sorted((dice.uniform(0.2, 365) ** 1.0 for _ in range(COUNT)), reverse=True)
    for days in ago:
        talk, told = _talk(
            city, dice, timezone.localtime(at - timedelta(days=days)).replace(hour=dice.randint(9, 18)), at
        )
        talks.append(talk)
        past += told
    Talk.objects.bulk_create(talks)
    append_history(past)
    said: dict[str, list[str]] = {}
    for one in past:
        if one.kind == "message.said":
            said.setdefault(one.stream, []).append(str(one.data["text"]))
    index_many([as_found(talk, said[talk.stream_name]) for talk in talks if talk.officer_id])
    return len(talks)


def _talk(city: City, dice: Random, asked: datetime, now: datetime) -> tuple[Talk, list[Past]]:
    slug, language, subject, lines = dice.choice(SCRIPTS)
    desk = city.desks[slug]
    asked = min(asked, now - timedelta(hours=1))
    citizen, opener = _opener(city, dice, language)
    talk = Talk(
        number="".join(secrets.choice(SIGNS) for _ in range(12)), desk=desk, citizen=citizen, opened_by=opener,
        name="" if citizen else dice.choice(NAMES if language != "en" else ("", "Anna", "Lukas", "Priya")),
        subject=subject, language=language, requested_at=asked, seen_at=asked,
    )  # fmt: skip
    talk.token = f"demo-{talk.number}"
    by = citizen.pk if citizen else None
    past = [
        Past(talk.stream_name, "talk.opened", asked, {"desk": desk.pk, "side": "citizen"}, by, opener),
        _said(talk, lines[0], asked, by, opener, 0),
    ]
    if dice.random() < 0.06:
        talk.status, talk.ended_at = Talk.Status.ABANDONED, asked + timedelta(minutes=dice.randint(2, 9))
        past.append(Past(talk.stream_name, "talk.abandoned", talk.ended_at, {"reason": "left"}, by, opener))
        return talk, past
    return talk, past + _answered(city, dice, talk, lines[1:], desk, by, opener)


def _opener(city: City, dice: Random, language: str) -> tuple[Person | None, str]:
    if dice.random() < 0.5:
        return None, f"visitor-{secrets.token_urlsafe(12)}"
    username = dice.choice([one.username for one in people.CITIZENS if one.language == language])
    person = city.people[username]
    return person, f"person-{person.pk}"


def _answered(
    city: City, dice: Random, talk: Talk, lines: tuple[str, ...], desk: Desk, by: int | None, opener: str
) -> list[Past]:
    """An officer comes, both speak in turn, the talk ends and is perhaps rated."""
    officer = city.people[
        {"social": "jia.duty", "english": "song.duty"}.get(desk.slug, dice.choice(("lin.duty", "pan.duty")))
    ]
    moment = talk.requested_at + timedelta(seconds=dice.randint(8, 140))
    talk.officer, talk.taken_at, talk.status = officer, moment, Talk.Status.ENDED
    taken = {"officer": officer.pk, "name": str(officer), "side": "officer"}
    past = [Past(talk.stream_name, "talk.taken", moment, taken, officer.pk)]
    for place, line in enumerate(lines, start=1):
        moment += timedelta(seconds=dice.randint(8, 75))
        if place % 2:
            talk.first_reply_at = talk.first_reply_at or moment
            past.append(_said(talk, line, moment, officer.pk, "", place, str(officer)))
        else:
            past.append(_said(talk, line, moment, by, opener, place))
    moment += timedelta(seconds=dice.randint(10, 60))
    talk.ended_at, talk.version = moment, 3
    past.append(Past(talk.stream_name, "talk.ended", moment, {"side": "officer"}, officer.pk))
    if dice.random() < 0.6:
        talk.rating = dice.choices((5, 4, 3, 2), (60, 26, 10, 4))[0]
        past.append(
            Past(talk.stream_name, "talk.rated", moment + timedelta(seconds=20), {"score": talk.rating}, by, opener)
        )
    return past


def _said(talk: Talk, text: str, at: datetime, by: int | None, sender: str, place: int, officer: str = "") -> Past:
    data: dict[str, Any] = {"text": text, "side": "officer" if officer else "citizen", "key": f"demo-{place:04d}"}
    if officer:
        data["name"] = officer
    return Past(talk.stream_name, "message.said", at, data, by, sender)
