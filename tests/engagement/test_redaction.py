"""What a public copy must not tell, taken out before a person checks it."""

import time

import pytest

from engagement.redaction import redacted


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("请打13812345678联系我", "请打〔…〕联系我"),
        ("电话:0551-6288 1234,谢谢", "电话:〔…〕,谢谢"),
        ("call +86 138 1234 5678 please", "call 〔…〕 please"),
        ("身份证11010519491231002X。", "身份证〔…〕。"),
        ("车牌皖A12345停在路口", "车牌〔…〕停在路口"),
        ("新能源车皖A·D12345占道", "新能源车〔…〕占道"),
        ("写信到 wang.min+a@mail.example.org", "写信到 〔…〕"),
        ("微信号\uff1awang_min88", "微信号\uff1a〔…〕"),
        ("我住3号楼2单元501室", "我住〔…〕"),
        ("7号楼电梯坏了", "〔…〕电梯坏了"),
        ("家住3栋2单元501", "家住〔…〕"),
        ("家住 3 栋 2 单元 501 室", "家住 〔…〕"),
        ("东湖花园三栋二单元", "东湖花园〔…〕"),
        ("白云小区e栋30户业主", "白云小区〔…〕30户业主"),
        ("朝阳大厦A座1203室", "朝阳大厦〔…〕"),
        ("13#栋与2#楼之间", "〔…〕与〔…〕之间"),
        ("小区3栋2014年交房", "小区〔…〕2014年交房"),
        ("住12-2-501", "住〔…〕"),
        ("花桥村3组12号", "花桥村3组〔…〕"),
        ("京A·12345和京A 12345", "〔…〕和〔…〕"),
        ("货车苏e2g81c、鄂AP185挂", "货车〔…〕、〔…〕"),
        ("+86-138-1234-5678或8613812345678", "〔…〕或〔…〕"),
        ("旧身份证110105491231002", "旧身份证〔…〕"),
        ("网友“UU0081234”您好", "网友“〔…〕”您好"),
        ("明湖路12号门前", "明湖路〔…〕门前"),
        ("I live at 12 Lake Road, flat 7b.", "I live at 〔…〕 Lake Road, 〔…〕."),
        ("我叫王小明\uff0c是居民", "我叫〔…〕\uff0c是居民"),
        ("联系人\uff1a李芳\u3002", "联系人\uff1a〔…〕\u3002"),
        ("My name is Wang Min.", "My name is 〔…〕."),
        ("张先生和李某都看到了", "〔…〕先生和〔…〕某都看到了"),
    ],
)
def test_it_takes_out_who_and_where(text, left):
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 晚上停电",
        "赔偿1200000元",
        "地铁2号线和12路公交",
        "停了3天,共7次",
        "my name is not important here",
        "各位先生女士",
        "新建一座天桥\uff0c拆了一栋旧楼",
        "新A市和新C5市的计划",
        "执行标准GB18918-2002",
        "The lift in the north wing is stuck since 9 March 2026.",
    ],
)
def test_it_leaves_dates_sums_and_lines_alone(text):
    assert redacted(text) == text


def test_it_takes_out_the_names_that_are_known_in_any_case():
    names = ["Wang Min", "王芳", "a", " "]
    assert redacted("Wang Min wrote; WANG MIN asks. 王芳", names) == "〔…〕 wrote; 〔…〕 asks. 〔…〕"


def test_a_long_text_costs_no_time():
    began = time.perf_counter()
    for text in ("1 " * 10_000, "王" * 20_000, "a" * 20_000, "我叫" * 10_000, "Lake " * 4_000, "1-" * 10_000):
        redacted(text[:20_000])
    assert time.perf_counter() - began < 5
