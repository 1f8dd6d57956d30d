"""A process as a BPMN file: out and in again without loss; files of others; files that mean harm."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement.models import Case
from engagement.processes import bpmn, editing
from engagement.processes.conditions import OPERATORS, is_condition, parsed, same, written
from engagement.processes.definition import KEYS, read, shipped
from engagement.rules import BadInput
from tests.engagement_flow.machines import NORMS

codes = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).map(lambda text: f"a{text}")
names = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x9FFF, exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn")),
    max_size=12,
)
values = st.one_of(st.integers(-1000, 1000), st.booleans(), names, st.floats(allow_nan=False, allow_infinity=False))
inputs = st.lists(codes, max_size=1)
comparisons = st.tuples(codes, st.sampled_from(sorted(OPERATORS)), values).map(list)
conditions = st.recursive(
    comparisons.map(lambda each: {"if": each}),
    lambda inner: st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    max_leaves=5,
)


@st.composite
def processes(draw: st.DrawFn) -> dict:
    """Any process that can be written down, whether or not it could be published."""
    steps = draw(st.lists(codes, min_size=1, max_size=5, unique=True))
    status = st.sampled_from(Case.Status.values)
    target = st.sampled_from([*steps, "end"])
    limit = st.one_of(st.just({}), st.integers(1, 99).map(lambda n: {"days": n}), st.just({"case": True}))

    def ways() -> list[dict]:
        found = draw(
            st.lists(st.fixed_dictionaries({"to": target, "when": conditions, "round": st.booleans()}), max_size=2)
        )
        return [*found, {"to": draw(target), "status": draw(status)}]

    nodes = {}
    for code in steps:
        mode = draw(st.sampled_from(["", "all", "any", "lead"]))
        actions = {}
        for act in draw(st.lists(codes, max_size=3, unique=True)):
            one: dict = {
                "name": draw(names), "name_en": draw(names),
                "require": draw(st.lists(st.sampled_from(["text", "reason"]), unique=True)),
                "interrupt": draw(st.booleans()), "waits": draw(st.booleans()), "once": draw(st.booleans()),
                "fields": [{"code": each, "label": draw(names), "kind": "date"} for each in draw(inputs)],
            }  # fmt: skip
            kind = draw(st.sampled_from(["none", "one", "several", "back", "claim"]))
            one |= {
                "none": {}, "one": {"to": draw(target), "status": draw(status), "round": draw(st.booleans())},
                "several": {"to": ways()}, "back": {"to": "back"}, "claim": {"claim": True, "status": draw(status)},
            }[kind]  # fmt: skip
            actions[act] = one
        nodes[code] = {
            "name": draw(names), "name_en": draw(names), "status": draw(status), "role": "handler", "at": "unit",
            "sla": draw(limit), "pauses": draw(st.booleans()), "also": draw(st.lists(st.just("leader"), max_size=1)),
            "mode": mode, "join": ways() if mode else [], "actions": actions,
            "timeout": draw(st.one_of(st.just({}), st.just({"days": 3, "action": "lapse"}))),
        }  # fmt: skip
        if mode and draw(st.booleans()):
            nodes[code]["over"] = draw(st.lists(codes, min_size=1, max_size=3))
    nodes["end"] = {"end": True, "status": "concluded", "name": draw(names)}
    return {
        "key": "drawn", "name": draw(names) or "n", "name_en": draw(names),
        "promise_days": {"default": draw(st.integers(1, 50))},
        "norms": NORMS, "start": steps[0], "nodes": nodes,
        "acts": {"withdraw": {"from": steps, "to": "end"}, "reopen": {"from": ["end"], "round": True, "to": ways()}},
    }  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(processes())
def test_any_process_comes_back_from_its_file_as_it_went(raw):
    back = bpmn.imported(bpmn.exported(raw))
    assert back == editing.plain(raw)
    assert not editing.differences(raw, back)


@settings(max_examples=100, deadline=None)
@given(conditions)
def test_a_condition_reads_back_what_was_written(condition):
    assert is_condition(condition)
    assert parsed(written(condition)) == same(condition)


@pytest.mark.parametrize("key", KEYS)
def test_the_shipped_processes_come_back_and_mean_the_same(key):
    raw = shipped(key)
    back = bpmn.imported(bpmn.exported(raw))
    assert read(editing.plain(raw)) == read(back)
    assert not editing.differences(raw, back)


@pytest.mark.parametrize(
    "line",
    [
        "score",
        "score <=",
        "score <= 2 and",
        "a == 1 or b == 2 and c == 3",
        "(a == 1",
        "a = 1",
        "__import__('os')",
        "A == 1",
    ],
)
def test_a_condition_that_cannot_be_read_says_so(line):
    with pytest.raises(BadInput):
        parsed(line)


def file(body: str, head: str = "") -> bytes:
    name = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    whole = f'<definitions xmlns="{name}"><process id="letter">{body}</process></definitions>'
    return f'<?xml version="1.0"?>{head}{whole}'.encode()


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
READS = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no xml", b"<a/>", b"\xff\xfe\x00", file("<userTask id='b' name='&b;'/>", BOMB),
        file("<userTask id='b' name='&x;'/>", READS), file("<!-- -->", "<!DOCTYPE d SYSTEM 'http://127.0.0.1/x.dtd'>"),
        file("<parallelGateway id='g'/>"), file("<userTask id='a'/><sequenceFlow id='f' sourceRef='z' targetRef='a'/>"),
        b"<a>" * 100_000, b" " * (bpmn.LARGEST + 1),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_file_that_means_harm_or_nothing_is_refused_in_words(content):
    with pytest.raises(BadInput) as told:
        bpmn.imported(content)
    assert str(told.value)


def test_a_file_drawn_elsewhere_is_read_and_its_gaps_are_problems():
    from engagement.processes.checks import problems

    body = (
        "<startEvent id='s'/><userTask id='look' name='Look'/><endEvent id='done' name='Done'/>"
        "<sequenceFlow id='f1' sourceRef='s' targetRef='look'/>"
        "<sequenceFlow id='f2' sourceRef='look' targetRef='done' name='Finish'/>"
    )
    raw = bpmn.imported(file(body))
    assert (raw["start"], list(raw["nodes"])) == ("look", ["look", "done"])
    assert raw["nodes"]["look"]["actions"] == {"way_1": {"name": "Finish", "to": "done"}}
    said = {problem.step for problem in problems(raw)}
    assert "look" in said, "who does it is missing"
