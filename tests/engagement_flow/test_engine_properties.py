"""Some things are always true of a case: hypothesis looks for an order of steps that breaks them."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from engagement import rules
from engagement.actions import load_processes
from engagement.models import Case, Process, Task
from engagement.processes.definition import CITIZEN, KEYS
from engagement.processes.engine import Engine
from tests import make
from tests.engagement.cast import MONDAY, office
from tests.engagement_flow.machines import case_of, units

RUNS, STEPS = 20, 15
STEP = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 3), st.integers(1, 5))
walked = {"steps": 0, "joins": 0}


class Walk(RuleBasedStateMachine):
    """A case of any shipped process; rules pick an open task and do something that is possible at it."""

    @initialize(key=st.sampled_from(KEYS))
    def begin(self, key: str) -> None:
        self.parts = units(4)
        process = Process.objects.filter(key=key).order_by("-version").first()
        assert process is not None
        self.at = MONDAY
        self.case = case_of(process, f"P{Case.objects.count():09}", self.parts[0])
        self.joined: set[int] = set()

    def engine(self) -> Engine:
        self.at += timedelta(minutes=7)
        return Engine(Case.objects.get(pk=self.case.pk), self.at)

    @rule(steps=st.lists(STEP, min_size=4, max_size=10), key=st.sampled_from(KEYS))
    def go(self, steps: list[tuple[int, int, int, int]], key: str) -> None:
        for step in steps:
            if not self.engine().tasks:
                self.begin(key)
            self.do(*step)
            self.what_is_open_fits_together()

    def do(self, pick: int, act: int, others: int, score: int) -> None:
        engine = self.engine()
        engine.choose(engine.tasks[pick % len(engine.tasks)])
        possible, task = engine.open_acts(), engine.task
        if not possible or task is None:
            return
        chosen = possible[act % len(possible)]
        engine.units = [self.parts[0], *self.parts[1 : 1 + others]]
        if chosen.reassign:
            engine.reassign(make.official("somebody"))
        else:
            way = engine.finish(chosen.code, {"assisting": others, "score": score}, None)
            if task.group_no and not way.stays and not chosen.ways:
                assert task.group_no not in self.joined, "joined twice"
                self.joined.add(task.group_no)
                walked["joins"] += 1
        engine.case.save()
        walked["steps"] += 1

    @rule(code=st.sampled_from(["withdraw", "reopen"]))
    def outside(self, code: str) -> None:
        engine = self.engine()
        # Not at every turn, or most walks would end at once.
        if engine.case.pk % 3 or not engine.may_act(code):
            return
        engine.act(code, None)
        engine.case.save()

    @rule(code=st.sampled_from(["dance", "submit", "approve", "join"]))
    def nonsense(self, code: str) -> None:
        engine = self.engine()
        before = sorted(task.pk for task in engine.tasks)
        if code in {act.code for act in engine.open_acts()}:
            return
        with pytest.raises(rules.WrongStatus):
            engine.finish(code, {}, None)
        assert sorted(task.pk for task in self.engine().tasks) == before

    @invariant()
    def what_is_open_fits_together(self) -> None:
        if not hasattr(self, "case"):
            return
        engine = self.engine()
        case, tasks = engine.case, engine.tasks
        end = next((n for n in engine.definition.nodes.values() if n.end and n.status == case.status), None)
        assert bool(tasks) != bool(end), (case.status, [task.node for task in tasks])
        assert len({(task.node, task.group_no) for task in tasks}) <= 1, "two steps at once"
        assert sum(task.part == Task.Role.LEAD for task in tasks) <= 1, "two leads"
        assert len({task.unit_id for task in tasks}) == len(tasks) or len(tasks) == 1, "a unit twice"
        for task in tasks:
            node = engine.definition.nodes[task.node]
            assert bool(node.mode) == bool(task.group_no)
            assert (task.role_needed == CITIZEN) == (node.role == CITIZEN)
            assert task.group_no not in self.joined, "opened again after its join"
            # Nothing that is open may wait for ever without anybody being told.
            assert task.next_action_at is not None or task.due_at is None
        assert case.pauses.filter(ended_at=None).count() == (engine.node is not None and engine.node.pauses)
        finished = case.tasks.exclude(status=Task.Status.OPEN)
        assert not finished.filter(next_action_at__isnull=False).exists(), "a timer on what is over"
        assert not finished.filter(done_at=None).exists()


@pytest.mark.django_db
def test_no_order_of_steps_breaks_a_case(capsys):
    office()
    load_processes()
    quick = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Walk, settings=quick)
    assert walked["steps"] > 200
    assert walked["joins"] > 3
    with capsys.disabled():
        print(f"\n{walked['steps']} random steps with {walked['joins']} joins kept every property")
