"""The forum of the city: boards, topics and what people answered."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Person
from accounts.nicknames import key_of
from accounts.viewers import person_viewer
from forums.actions import (
    ask_to_join,
    flag_post,
    follow_topic,
    let_in,
    open_topic,
    raise_case,
    react,
    reply_to,
    support_topic,
    vote,
)
from forums.models import Board, Member, Option, Topic, WatchedWord, Writer

from .city import City

# What differs from a plain board of a subject, by slug.
KINDS: dict[str, dict[str, Any]] = {
    "ideas": {"supports_needed": 5, "answer_days": 5},
    "donghu": {"kind": Board.Kind.DISTRICT, "unit": "donghu"},
    "liuyin": {"kind": Board.Kind.COMMUNITY, "members_only": True, "unit": "liuyin"},
    "open-office": {"answers_all": True, "answer_days": 3},
    "experts": {"kind": Board.Kind.BLOG},
}
# (slug, name, in English, about, in English)
BOARDS = (
    (
        "open-office",
        "有问必答",
        "Ask the city",
        "每个话题都由单位在三个工作日内答复。",
        "Every topic is answered by an office within three working days.",
    ),
    (
        "city-life",
        "城市生活",
        "City life",
        "出行、住房、办事，大家互相帮忙。",
        "Getting around, housing, errands: help each other.",
    ),
    (
        "ideas",
        "我为城市出主意",
        "Ideas for the city",
        "提建议，看回应，一起把想法变成计划。",
        "Suggest, discuss, see what becomes of it.",
    ),
    ("donghu", "东湖区", "Donghu District", "柳荫、运河一带的街坊。", "Neighbours around Liuyin and the canal."),
    (
        "liuyin",
        "柳荫社区",
        "Liuyin community",
        "柳荫街坊的自家院子，成员可见。",
        "The neighbours' own yard, for members.",
    ),
    (
        "experts",
        "专家博客",
        "Expert blogs",
        "医生、工程师和办事窗口的同志，把难事讲明白。",
        "Doctors, engineers and offices explain.",
    ),
    ("english-corner", "英语角", "English corner", "外籍居民和朋友们。", "For residents who prefer English."),
)
# (board, author, days ago, title, text, ((author, hours later, text, official), …))
TOPICS = (
    ("ideas", "liu.citizen", 41.0, "建议东湖公园晨跑路线连成环线", "现在东湖公园北侧断开一小段，要绕到马路上。如果能架一段栈道，正好是五公里一圈。",
     (("tang.citizen", 3, "支持！我每天都要穿两次马路。", False), ("zhou.citizen", 20, "带孩子推车也方便，希望坡度缓一点。", False),
      ("tian.urban", 70, "感谢建议。栈道连通方案已列入明年公园提升项目，三月公示设计图，届时请大家多提意见。", True),
      ("liu.citizen", 75, "太好了，期待！", False))),
    ("ideas", "ma.citizen", 18.0, "社区食堂能不能开到晚上", "中午食堂很好，可是晚上不开。我们几个老姐妹都希望晚上也能吃上热饭。",
     (("wang.citizen", 5, "上班族也想吃，加班回来只剩外卖。", False), ("cen.liuyin", 44, "柳荫街道：从下月起试行晚餐，十七点到十九点，六十岁以上老人享受补助价。", True))),
    ("ideas", "qiu.citizen", 9.0, "图书馆自习室座位预约放号太早", "早上六点放号，上班族根本抢不到，能不能改成前一天晚上八点？",
     (("tang.citizen", 2, "同意，或者分两次放。", False), ("zhou.citizen", 30, "退座的也应该及时放出来。", False))),
    ("city-life", "zhou.citizen", 27.0, "新开的接驳专线坐过吗", "石桥家园到地铁站的接驳车试运行了，早上八分钟一班，大家体验怎么样？",
     (("wang.citizen", 6, "准点，就是站牌不太好找。", False), ("emma.citizen", 26, "Took it twice, very convenient!", False),
      ("gu.transport", 50, "已收到，站牌将在本周内移到南门出口。", True))),
    ("city-life", "tang.citizen", 13.0, "推荐一家修鞋的师傅", "拱桥菜市场二楼，手艺好价格也公道，周一休息。",
     (("ma.citizen", 4, "谢谢推荐，正好有双鞋要换底。", False), ("liu.citizen", 28, "去过，确实不错。", False))),
    ("city-life", "wang.citizen", 5.0, "电动车上牌要带什么", "刚买的电动车，上牌在哪里办，需要预约吗？",
     (("qiu.citizen", 1, "车、发票、合格证、身份证，政务网可以预约。", False), ("zhou.citizen", 7, "周六上午也办，人少。", False))),
    ("city-life", "ma.citizen", 2.0, "秋天赏银杏去哪里好", "银杏里的叶子黄了一半，周末应该最好看，大家还有什么好地方？",
     (("tang.citizen", 3, "大学城南路那一段也很美，清早人少。", False), ("omar.citizen", 9, "Ginkgo Lane was beautiful this morning.", False))),
    ("donghu", "qiu.citizen", 33.0, "运河北路路灯修好了", "之前写信反映的路灯，三天就修好了，给城管点个赞。",
     (("wang.citizen", 10, "真的，昨晚下班回来亮堂堂的。", False), ("pei.urban", 31, "谢谢大家的监督，以后看到坏灯可以扫灯杆二维码报修。", True))),
    ("donghu", "liu.citizen", 15.0, "湖滨苑楼下能不能划几个快递车位", "快递车都停在人行道上，划几个临时车位可能更好。",
     (("ma.citizen", 8, "同意，老人走路也安全。", False), ("hou.donghu", 52, "区里已与物业商量，在东门外侧划设六个限时十五分钟的装卸车位。", True))),
    ("donghu", "tang.citizen", 6.0, "码头广场周末市集好热闹", "有手工、有旧书，还有小朋友的跳蚤摊，下个月还办吗？",
     (("miao.yunhe", 20, "运河街道：每月第二个周末都办，摊位提前一周在社区报名。", True), ("tang.citizen", 22, "收到，已经想好卖什么了！", False))),
    ("liuyin", "ma.citizen", 12.0, "这周六包饺子，谁来搭把手", "活动室下午两点开始，面和馅我来备，带个擀面杖就行。",
     (("tang.citizen", 4, "我去，带上孩子一起学。", False), ("wang.citizen", 9, "算我一个！", False))),
    ("liuyin", "wang.citizen", 3.0, "单元门禁换卡登记", "物业说下周换新门禁卡，每户两张，老人和租客也别忘了报。",
     (("liu.citizen", 5, "收到，已经在群里转了。", False),)),
    ("english-corner", "emma.citizen", 22.0, "Where do you recycle batteries?", "I have a whole box of them and the blue bins say no.",
     (("omar.citizen", 2, "There is a red box at every supermarket entrance.", False), ("pei.urban", 30, "Correct; button cells and power banks go there too.", True))),
    ("english-corner", "omar.citizen", 10.0, "Badminton on Thursday evenings?", "The courts at Donghu Park are lit until half past nine now. Anybody up for doubles?",
     (("emma.citizen", 5, "Count me in!", False), ("liu.citizen", 8, "我也来，可以教新手。", False))),
    ("english-corner", "emma.citizen", 4.0, "Signs in English at the bus stops", "I wrote to the deputy mayor about it and got an answer within four days. New signs this quarter!",
     (("omar.citizen", 3, "Wow, that was quick.", False),)),
)  # fmt: skip


# Who is in the neighbours' own board, the last of whom still asks.
MEMBERS = (("wang.citizen", "住柳荫花园"), ("ma.citizen", "柳荫老住户"), ("tang.citizen", ""), ("liu.citizen", ""),
           ("zhou.citizen", "孩子在柳荫幼儿园，想和家长们多联系"))  # fmt: skip

# Tags by the beginning of a title.
TAGS = {
    "建议东湖": ["公园", "步道"], "社区食堂": ["养老", "食堂"], "图书馆": ["图书馆"], "新开的接驳": ["公交"],
    "电动车上牌": ["电动车", "办事"], "湖滨苑": ["停车"], "运河北路": ["路灯"], "Where do you": ["recycling"],
}  # fmt: skip
ARTICLE = """入冬以后，供热投诉里有一半其实是**家里的“小毛病”**。打电话之前，先看三处：

1. 进户阀门是不是全开；
2. 过滤器一年没洗，脏了就堵；
3. 暖气片上半截凉，多半是有气，放一下就好。

## 多少度算达标

| 时间 | 卧室、客厅 |
|---|---|
| 供暖期内，门窗关好 | 不低于 18℃ |

> 测温时温度计放在屋子中间、离地一米四左右，避开窗户和暖气片。

三处都看过还是不热，请直接写信或打供热热线，我们二十四小时内上门测温。
"""


def fill(city: City, at: datetime) -> int:
    """Open the boards and write the topics through the forum's own actions; return how many topics."""
    boards = {
        slug: Board.objects.create(
            slug=slug, name=name, name_en=name_en, about=about, about_en=about_en, position=place,
            **{**KINDS.get(slug, {}), **({"unit": city.units[KINDS[slug]["unit"]]} if "unit" in KINDS.get(slug, {}) else {})},
        )
        for place, (slug, name, name_en, about, about_en) in enumerate(BOARDS)
    }  # fmt: skip
    _known(city, at)
    _members(city, boards["liuyin"], at)
    for board, author, days, title, text, replies in TOPICS:
        start = at - timedelta(days=days)
        tags = next((tags for begin, tags in TAGS.items() if title.startswith(begin)), [])
        topic = open_topic(
            viewer=person_viewer(city.people[author]), board_id=boards[board].pk, title=title, text=text, tags=tags,
            at=start,
        )  # fmt: skip
        for username, hours, words, official in replies:
            reply_to(
                viewer=person_viewer(city.people[username]), topic_id=topic.pk, text=words, official=official,
                at=min(start + timedelta(hours=hours), at),
            )  # fmt: skip
    return len(TOPICS) + _lively(city, boards, at)


def _members(city: City, board: Board, at: datetime) -> None:
    """Neighbours who were let in, and one who asks to be."""
    moderator = person_viewer(city.people["zheng.moderator"])
    for place, (name, words) in enumerate(MEMBERS):
        asked = at - timedelta(days=40 - 8 * place)
        member = ask_to_join(viewer=person_viewer(city.people[name]), board_id=board.pk, words=words, at=asked)
        if name != MEMBERS[-1][0]:
            let_in(by=moderator, board_id=board.pk, member_id=member.pk, at=asked + timedelta(hours=3))


def _known(city: City, at: datetime) -> None:
    """Those who have written here for a year, and a word that moderators want to see."""
    writers = {author for _board, author, *_rest in TOPICS} | {one[0] for topic in TOPICS for one in topic[5]}
    since = at - timedelta(days=400)
    Member.objects.bulk_create(
        [
            Member(person=city.people[name], since=since, posts=12 + 9 * place)
            for place, name in enumerate(sorted(writers))
        ]
    )
    WatchedWord.objects.create(word="代办证件", note="中介广告")


def _lively(city: City, boards: dict[str, Board], at: datetime) -> int:
    """A poll, a topic that must be answered, one that became a case, a blog, and work for the moderators."""

    def somebody(name: str) -> Any:
        return person_viewer(city.people[f"{name}.citizen"])

    def ago(hours: float) -> datetime:
        return at - timedelta(hours=hours)

    crossing = open_topic(
        viewer=somebody("zhou"), board_id=boards["ideas"].pk, title="学校门口的斑马线，放学时段能不能有人值守", at=ago(30),
        text="实验小学西门 16:30 放学，车不让人，孩子们挤在路中间。\n\n希望：\n\n- 放学前后半小时有人值守\n- 路口加一道减速带",
        tags=["校园", "交通安全"], question="您觉得哪一样最急？", options=["专人值守", "减速带", "红绿灯"],
    )  # fmt: skip
    first = reply_to(
        viewer=somebody("wang"),
        topic_id=crossing.pk,
        text="**非常支持**。上周我就看见一个孩子被电动车蹭到。",
        at=ago(29),
    )
    reply_to(viewer=somebody("tang"), topic_id=crossing.pk, parent_id=first.pk, at=ago(27),
             text="> 上周我就看见一个孩子被电动车蹭到\n\n家长们可以先排个班，我报名周三。")  # fmt: skip
    reply_to(
        viewer=somebody("emma"),
        topic_id=crossing.pk,
        text="Our street had the same. Two volunteers made all the difference.",
        at=ago(20),
    )
    for name in ("wang", "tang", "emma", "ma", "qiu", "liu"):
        support_topic(viewer=somebody(name), topic_id=crossing.pk, on=True, at=ago(18))
    options = list(Option.objects.filter(poll__topic=crossing))
    for place, name in enumerate(("wang", "tang", "emma", "ma", "qiu")):
        vote(viewer=somebody(name), topic_id=crossing.pk, option_ids=[options[place % 2].pk], at=ago(17))
    react(viewer=somebody("ma"), topic_id=crossing.pk, reply_id=first.pk, kind="agree", on=True, at=ago(16))
    follow_topic(viewer=somebody("wang"), topic_id=crossing.pk, how="daily", at=ago(15))
    heating = open_topic(
        viewer=somebody("qiu"), board_id=boards["open-office"].pk, title="湖滨苑 3 号楼暖气一直不热", at=ago(50),
        text="交了费，屋里只有 15 度，打过两次电话还没人来。", tags=["供暖"],
    )  # fmt: skip
    raise_case(by=person_viewer(city.people["tian.urban"]), topic_id=heating.pk, at=ago(26))
    _blog(city, boards["experts"], at)
    _queue(city, boards["city-life"], crossing, at)
    return 4


def _blog(city: City, board: Board, at: datetime) -> None:
    expert = city.people["tian.urban"]
    Writer.objects.create(board=board, person=expert, title="城市管理局 高级工程师", title_en="Senior engineer, Urban Management",
                          about="做了二十年供热和市政管网。", about_en="Twenty years of heating and pipes.")  # fmt: skip
    article = open_topic(viewer=person_viewer(expert), board_id=board.pk, title="家里暖气不热，先看这三处", text=ARTICLE,
                         tags=["供暖", "生活"], at=at - timedelta(days=3))  # fmt: skip
    reply_to(viewer=person_viewer(city.people["ma.citizen"]), topic_id=article.pk, text="第三条有用，放了气马上就热了！",
             at=at - timedelta(days=2))  # fmt: skip


def _queue(city: City, board: Board, topic: Topic, at: datetime) -> None:
    """A newcomer's first topic, an advertisement found by its word, and a reply that readers flagged."""
    seller = city.people["omar.citizen"]
    newcomer = Person(username="chen.citizen", name="陈晨", nickname="新邻居小陈", nickname_key=key_of("新邻居小陈"))
    newcomer.set_unusable_password()
    newcomer.save()
    open_topic(viewer=person_viewer(newcomer), board_id=board.pk, title="刚搬来，请问附近哪里可以打乒乓球",
               text="住在石桥家园，周末想找球友。", at=at - timedelta(hours=5))  # fmt: skip
    reply_to(viewer=person_viewer(seller), topic_id=topic.pk, text="需要代 办 证件的朋友可以找我，快速不排队。",
             at=at - timedelta(hours=4))  # fmt: skip
    rude = reply_to(viewer=person_viewer(city.people["liu.citizen"]), topic_id=topic.pk, at=at - timedelta(hours=3),
                    text="说这些有什么用，你们谁也不会去。")  # fmt: skip
    flag_post(viewer=person_viewer(city.people["ma.citizen"]), topic_id=topic.pk, reply_id=rude.pk, ground="abuse",
              words="语气太冲了", at=at - timedelta(hours=2))  # fmt: skip
