"""Who lives and works in Minghu City."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role, Unit


@dataclass(frozen=True)
class Place:
    """A unit: code, names, kind, code of the unit above, telephone, working days its replies usually take."""

    code: str
    name: str
    name_en: str
    kind: str
    above: str
    phone: str
    days: float = 4.0


@dataclass(frozen=True)
class Somebody:
    """A person with an account: user name, names, telephone, language and posts (role, unit)."""

    username: str
    name: str
    nickname: str
    phone: str
    posts: tuple[tuple[str, str], ...] = ()
    language: str = "zh-hans"


@dataclass(frozen=True)
class Box:
    """A leader's mailbox."""

    slug: str
    leader: str
    unit: str
    title: str
    title_en: str
    name_en: str
    duties: str
    duties_en: str


KIND = Unit.Kind
UNITS = (
    Place("city", "明湖市人民政府", "Minghu City Government", KIND.CITY, "", "0571-8800 0001", 4.0),
    Place("hotline", "12345政务服务便民热线中心", "City Hotline Centre", KIND.OFFICE, "city", "12345", 1.5),
    Place("integrity", "纪检监察举报中心", "Integrity Office", KIND.OFFICE, "city", "12388", 8.0),
    Place("housing", "住房和城乡建设局", "Housing and Construction Bureau", KIND.BUREAU, "city", "0571-8800 0110", 6.0),
    Place("transport", "交通运输局", "Transport Bureau", KIND.BUREAU, "city", "0571-8800 0120", 4.0),
    Place("environment", "生态环境局", "Environment Bureau", KIND.BUREAU, "city", "0571-8800 0130", 3.5),
    Place("education", "教育局", "Education Bureau", KIND.BUREAU, "city", "0571-8800 0140", 3.0),
    Place("health", "卫生健康委员会", "Health Commission", KIND.BUREAU, "city", "0571-8800 0150", 3.0),
    Place("social", "人力资源和社会保障局", "Human Resources and Social Security Bureau", KIND.BUREAU, "city",
          "0571-8800 0160", 2.5),
    Place("water", "水务局", "Water Bureau", KIND.BUREAU, "city", "0571-8800 0170", 2.0),
    Place("urban", "城市管理局", "Urban Management Bureau", KIND.BUREAU, "city", "0571-8800 0180", 3.0),
    Place("donghu", "东湖区人民政府", "Donghu District", KIND.DISTRICT, "city", "0571-8811 0001", 4.5),
    Place("beishan", "北山区人民政府", "Beishan District", KIND.DISTRICT, "city", "0571-8822 0001", 5.5),
    Place("liuyin", "柳荫街道办事处", "Liuyin Street Office", KIND.STREET, "donghu", "0571-8811 0101", 3.5),
    Place("yunhe", "运河街道办事处", "Yunhe Street Office", KIND.STREET, "donghu", "0571-8811 0201", 4.0),
    Place("shiqiao", "石桥街道办事处", "Shiqiao Street Office", KIND.STREET, "beishan", "0571-8822 0101", 5.0),
)  # fmt: skip

CITIZENS = (
    Somebody("wang.citizen", "王芳", "湖边的芳", "13800000001"),
    Somebody("emma.citizen", "Emma Carter", "Emma", "13800000002", language="en"),
    Somebody("zhou.citizen", "周明", "老周", "13800000003"),
    Somebody("liu.citizen", "刘洋", "跑步的刘洋", "13800000004"),
    Somebody("omar.citizen", "Omar Haddad", "Omar", "13800000005", language="en"),
    Somebody("ma.citizen", "马秀兰", "秀兰阿姨", "13800000006"),
    Somebody("tang.citizen", "唐小雨", "小雨点", "13800000007"),
    Somebody("qiu.citizen", "丘志远", "志远", "13800000008"),
)

# The first holder of a role is the one that the start of the demo names.
OFFICIALS = (
    Somebody("lin.duty", "林晓", "", "13900000001", ((Role.DUTY_OFFICER, "hotline"),)),
    Somebody("qian.intake", "钱进", "", "13900000002", ((Role.INTAKE_OFFICER, "city"),)),
    Somebody("sun.dispatch", "孙丽", "", "13900000003", ((Role.DISPATCHER, "city"),)),
    Somebody("chen.handler", "陈建", "", "13900000004", ((Role.HANDLER, "housing"),)),
    Somebody("gao.reviewer", "高敏", "", "13900000005", ((Role.REVIEWER, "housing"),)),
    Somebody("he.leader", "何建平", "", "13900000006", ((Role.LEADER, "city"),)),
    Somebody("xu.secretary", "徐婕", "", "13900000007", ((Role.SECRETARY, "city"),)),
    Somebody("feng.callback", "冯悦", "", "13900000008", ((Role.CALLBACK_OFFICER, "hotline"),)),
    Somebody("wu.supervisor", "吴刚", "", "13900000009", ((Role.SUPERVISOR, "city"),)),
    Somebody("zheng.moderator", "郑琳", "", "13900000010", ((Role.MODERATOR, "city"),)),
    Somebody("lu.admin", "陆远", "", "13900000011", ((Role.ADMINISTRATOR, "city"),)),
    Somebody("shen.auditor", "沈清", "", "13900000012", ((Role.AUDITOR, "city"),)),
    Somebody("song.duty", "宋雨", "", "13900000013", ((Role.DUTY_OFFICER, "hotline"),), "en"),
    Somebody("jia.duty", "贾宁", "", "13900000014", ((Role.DUTY_OFFICER, "social"),)),
    Somebody("pan.duty", "潘磊", "", "13900000015", ((Role.DUTY_OFFICER, "hotline"),)),
    Somebody("yan.leader", "严静怡", "", "13900000016", ((Role.LEADER, "city"),)),
    Somebody("bai.leader", "白志强", "", "13900000017", ((Role.LEADER, "city"),)),
    Somebody("du.leader", "杜宏", "", "13900000018", ((Role.LEADER, "housing"),)),
    Somebody("fang.leader", "方芸", "", "13900000019", ((Role.LEADER, "donghu"),)),
    Somebody("tao.integrity", "陶然", "", "13900000020", ((Role.HANDLER, "integrity"),)),
    Somebody("ning.integrity", "宁致", "", "13900000021", ((Role.REVIEWER, "integrity"),)),
    Somebody("gu.transport", "顾航", "", "13900000022", ((Role.HANDLER, "transport"),)),
    Somebody("meng.transport", "孟洁", "", "13900000023", ((Role.REVIEWER, "transport"),)),
    Somebody("ye.environment", "叶青", "", "13900000024", ((Role.HANDLER, "environment"),)),
    Somebody("qin.environment", "秦川", "", "13900000025", ((Role.REVIEWER, "environment"),)),
    Somebody("dai.education", "戴维", "", "13900000026", ((Role.HANDLER, "education"),)),
    Somebody("shi.education", "石榴", "", "13900000027", ((Role.REVIEWER, "education"),)),
    Somebody("cui.health", "崔颖", "", "13900000028", ((Role.HANDLER, "health"),)),
    Somebody("kang.health", "康健", "", "13900000029", ((Role.REVIEWER, "health"),)),
    Somebody("mo.social", "莫言之", "", "13900000030", ((Role.HANDLER, "social"),)),
    Somebody("yu.social", "余欢", "", "13900000031", ((Role.REVIEWER, "social"),)),
    Somebody("jiang.water", "江涛", "", "13900000032", ((Role.HANDLER, "water"),)),
    Somebody("he.water", "贺兰", "", "13900000033", ((Role.REVIEWER, "water"),)),
    Somebody("tian.urban", "田野", "", "13900000034", ((Role.HANDLER, "urban"),)),
    Somebody("pei.urban", "裴亮", "", "13900000035", ((Role.REVIEWER, "urban"),)),
    Somebody("hou.donghu", "侯敏", "", "13900000036", ((Role.HANDLER, "donghu"),)),
    Somebody("ren.donghu", "任杰", "", "13900000037", ((Role.REVIEWER, "donghu"),)),
    Somebody("bo.beishan", "柏松", "", "13900000038", ((Role.HANDLER, "beishan"),)),
    Somebody("yin.beishan", "尹露", "", "13900000039", ((Role.REVIEWER, "beishan"),)),
    Somebody("cen.liuyin", "岑一鸣", "", "13900000040", ((Role.HANDLER, "liuyin"),)),
    Somebody("lei.liuyin", "雷霆", "", "13900000041", ((Role.REVIEWER, "liuyin"),)),
    Somebody("miao.yunhe", "苗苗", "", "13900000042", ((Role.HANDLER, "yunhe"),)),
    Somebody("hua.yunhe", "华安", "", "13900000043", ((Role.REVIEWER, "yunhe"),)),
    Somebody("wei.shiqiao", "魏来", "", "13900000044", ((Role.HANDLER, "shiqiao"),)),
    Somebody("ji.shiqiao", "纪念", "", "13900000045", ((Role.REVIEWER, "shiqiao"),)),
    Somebody("luo.hotline", "罗兰", "", "13900000046", ((Role.HANDLER, "hotline"),)),
    Somebody("bi.hotline", "毕胜", "", "13900000047", ((Role.REVIEWER, "hotline"),)),
    Somebody("kong.city", "孔明慧", "", "13900000048", ((Role.HANDLER, "city"),)),
    Somebody("shao.city", "邵峰", "", "13900000049", ((Role.REVIEWER, "city"),)),
    # Has no shifts of his own: whom the others may ask to take one of theirs.
    Somebody("ke.duty", "柯桦", "", "13900000050", ((Role.DUTY_OFFICER, "hotline"),)),
)

MAILBOXES = (
    Box("he-jianping", "he.leader", "city", "市长", "Mayor", "He Jianping",
        "主持市政府全面工作。分管财政、审计、规划。", "Heads the city government; responsible for finance, audit and planning."),
    Box("yan-jingyi", "yan.leader", "city", "副市长", "Deputy Mayor", "Yan Jingyi",
        "负责教育、卫生健康、人力资源和社会保障、民政工作。",
        "Responsible for education, health, social security and civil affairs."),
    Box("bai-zhiqiang", "bai.leader", "city", "副市长", "Deputy Mayor", "Bai Zhiqiang",
        "负责城市建设与管理、交通运输、水务、生态环境工作。",
        "Responsible for construction, transport, water and the environment."),
    Box("du-hong", "du.leader", "housing", "住房和城乡建设局局长", "Director of Housing and Construction", "Du Hong",
        "主持住房和城乡建设局工作：住房保障、物业监管、工程质量、老旧小区改造。",
        "Housing support, property management, building quality and the renewal of old estates."),
    Box("fang-yun", "fang.leader", "donghu", "东湖区区长", "Head of Donghu District", "Fang Yun",
        "主持东湖区政府工作，联系柳荫、运河街道。", "Heads Donghu District with the street offices Liuyin and Yunhe."),
)  # fmt: skip
