"""The forum of the city: boards, topics and what people answered."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.viewers import person_viewer
from forums.actions import open_topic, reply_to
from forums.models import Board

from .city import City

# (slug, name, in English, about, in English)
BOARDS = (
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
    ("english-corner", "emma.citizen", 22.0, "Where do you recycle batteries?", "I have a whole box of them and the blue bins say no.",
     (("omar.citizen", 2, "There is a red box at every supermarket entrance.", False), ("pei.urban", 30, "Correct; button cells and power banks go there too.", True))),
    ("english-corner", "omar.citizen", 10.0, "Badminton on Thursday evenings?", "The courts at Donghu Park are lit until half past nine now. Anybody up for doubles?",
     (("emma.citizen", 5, "Count me in!", False), ("liu.citizen", 8, "我也来，可以教新手。", False))),
    ("english-corner", "emma.citizen", 4.0, "Signs in English at the bus stops", "I wrote to the deputy mayor about it and got an answer within four days. New signs this quarter!",
     (("omar.citizen", 3, "Wow, that was quick.", False),)),
)  # fmt: skip


def fill(city: City, at: datetime) -> int:
    """Open the boards and write the topics through the forum's own actions; return how many topics."""
    boards = {
        slug: Board.objects.create(
            slug=slug, name=name, name_en=name_en, about=about, about_en=about_en, position=place
        )
        for place, (slug, name, name_en, about, about_en) in enumerate(BOARDS)
    }
    for board, author, days, title, text, replies in TOPICS:
        start = at - timedelta(days=days)
        topic = open_topic(
            viewer=person_viewer(city.people[author]), board_id=boards[board].pk, title=title, text=text, at=start
        )
        for username, hours, words, official in replies:
            reply_to(
                viewer=person_viewer(city.people[username]), topic_id=topic.pk, text=words, official=official,
                at=min(start + timedelta(hours=hours), at),
            )  # fmt: skip
    return len(TOPICS)
