"""Desks, prepared answers and other short texts of the city."""
# ruff: noqa: E501 (what people say stands on one line)

from __future__ import annotations

# (slug, unit, name, in English, about, in English, languages, ((officer, from hour, until hour), …)). Lin Xiao leads
# the general desk round the clock, so that whoever tries the demo at night finds it open.
DESKS: tuple[tuple[str, str, str, str, str, str, list[str], tuple[tuple[str, int, int], ...]], ...] = (
    ("general", "hotline", "综合咨询台", "General desk", "办事、投诉、求助，不知道找谁就问这里。",
     "Services, complaints and help; ask here when you do not know whom to ask.", ["zh-hans", "en"],
     (("lin.duty", 0, 24), ("pan.duty", 8, 16), ("song.duty", 16, 24))),
    ("social", "social", "社保就业咨询台", "Social security desk", "社会保险、工资、就业政策。",
     "Social insurance, wages and jobs.", ["zh-hans"], (("jia.duty", 8, 20),)),
    ("english", "hotline", "英语服务台", "English desk", "为外籍居民和访客提供英语服务。",
     "For residents and visitors who prefer English.", ["en"], (("song.duty", 8, 20), ("lin.duty", 0, 24))),
)  # fmt: skip

# (unit, "" for every unit; language; title; text)
CANNED = (
    ("", "zh-hans", "开场问候", "{citizen}，您好！我是{unit}的{officer}，请问有什么可以帮您？"),
    ("", "zh-hans", "已收到，正在核实", "您好！您反映的情况我们已经收到，正在向有关单位核实，有进展会第一时间告诉您。"),
    ("", "zh-hans", "请补充地点", "您好！为了尽快处理，请补充具体地点（小区、楼栋或路口），有照片的话也请一并上传。谢谢！"),
    ("", "zh-hans", "感谢与结束语", "感谢您的来信和耐心等待。如果问题没有解决，您可以在三十天内申请重新办理。"),
    ("", "zh-hans", "不属于受理范围", "您好！您反映的事项应通过诉讼、仲裁等法定途径解决，我们已把具体办法写在下面，供您参考。"),
    ("", "en", "Greeting", "Good day, {citizen}. I am {officer} of {unit}. How can I help you?"),
    ("", "en", "Received, being checked", "Hello, we have your message and are checking it with the office in charge."
     " We will tell you as soon as there is news."),
    ("", "en", "Please add the place", "Hello, to help you quickly, please tell us the exact place (estate, building or"
     " crossing). A photo helps too. Thank you!"),
    ("housing", "zh-hans", "电梯应急维修资金", "电梯故障危及安全的，物业可以申请应急使用维修资金，无须业主表决，一般三个工作日内到账。"),
    ("social", "zh-hans", "社保转移办法", "社保关系转移可以在国家社会保险公共服务平台在线申请，一般十五个工作日办结，无须两地往返。"),
    ("water", "zh-hans", "计划停水查询", "计划停水信息可在市水务局网站和公众号查询，并提前二十四小时短信告知。"),
)  # fmt: skip
# Their short names, by title.
WORDS = {
    "开场问候": "您好", "已收到，正在核实": "已收到", "请补充地点": "地点", "感谢与结束语": "感谢", "Greeting": "hello",
    "Received, being checked": "received", "Please add the place": "place",
}  # fmt: skip

REFUSALS = (
    (
        "zh-hans",
        "这属于民事合同纠纷，不在受理范围内。",
        "您可以向东湖区人民法院提起诉讼，或拨打12348获得免费法律咨询。",
    ),
    (
        "en",
        "This is a dispute about a private contract.",
        "You may bring it to the district court; free legal advice: 12348.",
    ),
)
QUESTIONS = {
    "zh-hans": "请问具体是哪一栋、哪个单元？最近一次发生在什么时候？有照片的话请一并上传。",
    "en": "Which building and entrance is it, and when did it happen last? A photo would help, if you have one.",
}
ANSWERS = {
    "zh-hans": "是3栋2单元，最近一次是昨天晚上九点多。",
    "en": "Building 3, entrance 2; the last time was yesterday after 9 p.m.",
}
NOTES = (
    "已电话联系来信人，约定明天上午现场查看。",
    "物业表示配件已订购，请跟进到货时间。",
    "同一地点近两个月第三次反映，建议一并答复。",
)
COMMENTS = ("请抓紧办理，答复前先和来信人通一次电话。", "类似问题要举一反三，月底前给我一个清单。")
RETURNS = "经现场核实，该路段由街道养护，不属于本局职责，建议转石桥街道办理。"
SEND_BACKS = "答复没有说明完成时间，请补充后再报。"
URGES = ("已经一周了，请问现在进展如何？", "Is there any news? It happened again last night.")
REOPENS = {
    "zh-hans": "问题又出现了，和以前一样，请重新办理。",
    "en": "It has come back, just as before. Please look at it again.",
}
PRAISES = {
    5: ("处理得很快，谢谢！", "Quick and friendly, thank you!", "没想到这么快就解决了。", ""),
    4: ("基本解决了。", "Good, though it took a while.", "", ""),
    3: ("答复还算清楚。", "", ""),
    2: ("只修了一半，又坏了。", "The answer does not say when."),
    1: ("答非所问。", "Nothing has changed."),
}
REPORTS = (
    ("zh-hans", "反映某项目验收中的违规收费", "{place}一处装修工程验收时，有工作人员暗示要“加快费”才肯签字。具体时间、经办人和转账截图我可以当面提供。希望保密。"),
    ("en", "Irregular fees at an inspection", "During an inspection at {place} somebody asked for a private payment to sign the"
     " papers. I can show messages. Please keep my name confidential."),
)  # fmt: skip
