"""Random walks through random processes: our engine and SpiffWorkflow must stand at the same steps after each one.

The common subset: one unit's steps, choices by a fact, loops, and several units that are all joined. What SpiffWorkflow
cannot do (taking a case from several units, moving it to another version) is left to the tests beside this one.
"""

import random
from datetime import timedelta
from typing import Any

import pytest

from engagement.models import Case
from engagement.processes.engine import Engine
from tests.engagement.cast import MONDAY
from tests.engagement_flow.machines import case_of, process, units, whole

SPIFF = "the package SpiffWorkflow is not installed: our engine was compared with nothing"
PARTS, PROCESSES, STEPS = 3, 45, 40


def random_process(dice: random.Random) -> dict[str, Any]:
    """Steps in a row; each may also jump anywhere by a fact, and one or two are done by several units."""
    count = dice.randint(3, 7)
    names = [f"n{number}" for number in range(count)]
    several = set(dice.sample(names, dice.randint(0, 2)))
    nodes: dict[str, Any] = {}
    for number, name in enumerate(names):
        onward = names[number + 1] if number + 1 < count else "end"
        jumps = dice.sample([*names, "end"], dice.randint(0, 2))
        ways = [{"when": {"if": ["jump", "==", place]}, "to": to} for place, to in enumerate(jumps) if to != name]
        ways.append({"to": onward})
        node: dict[str, Any] = {"role": "handler", "at": "unit", "status": "in_progress"}
        if name in several:
            node |= {"mode": "all", "over": "units", "join": ways, "actions": {"done": {}}}
        else:
            node |= {"actions": {"done": {"to": ways}}}
        nodes[name] = node
    return whole(nodes | {"end": {"end": True, "status": "concluded"}}, "n0")


class Oracle:
    """The same process in SpiffWorkflow's own terms."""

    def __init__(self, raw: dict[str, Any]) -> None:
        from SpiffWorkflow import Workflow
        from SpiffWorkflow.operators import Attrib, Equal
        from SpiffWorkflow.specs.ExclusiveChoice import ExclusiveChoice
        from SpiffWorkflow.specs.Join import Join
        from SpiffWorkflow.specs.Simple import Simple
        from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

        spec = WorkflowSpec(name="walked", addstart=True)
        entries, choices = {}, {}
        # What somebody does; everything else runs by itself.
        self.human: set[str] = set()
        for code, node in raw["nodes"].items():
            if node.get("end"):
                entries[code] = Simple(spec, code)
            elif node.get("mode"):
                split = Simple(spec, f"{code}:split")
                join = Join(spec, f"{code}:join", split_task=split.name)
                for part in range(PARTS):
                    one = Simple(spec, f"{code}:{part}")
                    self.human.add(one.name)
                    split.connect(one)
                    one.connect(join)
                choice = ExclusiveChoice(spec, f"{code}:choice")
                join.connect(choice)
                entries[code], choices[code] = split, choice
            else:
                entries[code] = choices[code] = ExclusiveChoice(spec, code)
                self.human.add(code)
        for code, choice in choices.items():
            node = raw["nodes"][code]
            ways = node["join"] if node.get("mode") else node["actions"]["done"]["to"]
            for way in ways[:-1]:
                choice.connect_if(Equal(Attrib("jump"), way["when"]["if"][2]), entries[way["to"]])
            choice.connect(entries[ways[-1]["to"]])
        spec.start.connect(entries[raw["start"]])
        self.flow = Workflow(spec)
        self._settle()

    def _settle(self) -> None:
        """Let run what no office does: the start, splits, joins and choices after them."""
        while tasks := [task for task in self._ready() if task.task_spec.name not in self.human]:
            tasks[0].run()

    def _ready(self) -> list[Any]:
        from SpiffWorkflow import TaskState

        return list(self.flow.get_tasks(state=TaskState.READY))

    def places(self) -> list[str]:
        return sorted(task.task_spec.name.partition(":")[0] for task in self._ready())

    def finish(self, place: str, jump: int) -> None:
        for task in self._ready():
            task.set_data(jump=jump)
        next(task for task in self._ready() if task.task_spec.name == place).run()
        self._settle()


def our_places(case: Case) -> list[str]:
    return sorted(case.tasks.filter(status="open").values_list("node", flat=True))


@pytest.mark.django_db
def test_random_walks_agree(capsys):
    pytest.importorskip("SpiffWorkflow", reason=SPIFF)
    parts, walked, differences = units(PARTS), 0, []
    for number in range(PROCESSES):
        dice = random.Random(number)
        raw = random_process(dice)
        case, oracle = case_of(process(raw), f"WALK{number:04}", parts[0]), Oracle(raw)
        # A process that begins with several units gets them as a dispatcher would have chosen them.
        if raw["nodes"][raw["start"]].get("mode"):
            case.tasks.all().delete()
            engine = Engine(case, MONDAY)
            engine.units = parts
            engine.begin(parts[0])
        for step in range(STEPS):
            engine = Engine(case, MONDAY + timedelta(minutes=step))
            if engine.task is None:
                break
            engine.units = parts
            chosen, jump = dice.choice(engine.tasks), dice.randint(0, 2)
            engine.choose(chosen)
            part = parts.index(chosen.unit) if chosen.group_no else 0
            name = f"{chosen.node}:{part}" if chosen.group_no else chosen.node
            engine.finish("done", {"jump": jump}, None)
            case.save()
            oracle.finish(name, jump)
            walked += 1
            if our_places(case) != oracle.places():
                differences.append((number, step, name, jump, our_places(case), oracle.places()))
                break
    assert not differences, differences[:3]
    assert walked > 300, "too few steps to say anything"
    with capsys.disabled():
        print(f"\n{walked} steps of {PROCESSES} random processes agree with SpiffWorkflow")
