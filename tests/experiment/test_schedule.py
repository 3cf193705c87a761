"""The scheduler: questions first, near verdicts first, controls in their share, all of it repeatable."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from lab.core.life import Cost
from lab.core.schema import ArmPlan, CasePlan, GroupPlan, Measurement, Plan
from lab.core.standing import Standing
from lab.experiment.clock import Key
from lab.experiment.schedule import CONTROLS_SHARE, FULL_PROCESSES, TRUSTED_COUNT, Scheduler, Unit
from lab.experiment.state import RunState
from lab.store import RunWriter
from lab.store.run import Shard
from tests.store.plans import a_case, a_plan

FAR = 300.0


class Knows:
    """A judge that is told how many processes each comparison needs in all, and how large its effect is."""

    def __init__(self, needs: Mapping[str, float] | None = None, ratio: float = 0.5) -> None:
        self.needs = needs or {}
        self.ratio = ratio
        self.counts: dict[Key, int] = {}

    def observe(self, rows: Sequence[Measurement]) -> None:
        for key in {(row.case, row.arm, row.mode) for row in rows}:
            self.counts[key] = self.counts.get(key, 0) + 1

    def settled(self, case: str, arm: str, mode: str) -> bool:
        return self.standing(case, arm, mode).needed == 0

    def standing(self, case: str, arm: str, mode: str) -> Standing:
        count = self.counts.get((case, arm, mode), 0)
        needed = max(self.needs.get(case, 10.0) - count, 0.0)
        ratio = self.ratio if count else math.nan
        return Standing("better" if needed == 0 else "unresolved", count, needed, 0.05, 0.01, ratio, 0.4, 0.6)


class Bench:
    """A scheduler whose workers take what a table says, without a process."""

    def __init__(self, writer: RunWriter, judge: Knows, setup: Mapping[str, float] | None = None) -> None:
        self.writer = writer
        self.state = RunState(self.writer)
        self.scheduler = Scheduler(self.state, judge)
        self.setup = setup or {}
        self.pair_s = 0.001
        self.silent: set[str] = set()  # cases of which every sample is interrupted

    def shards(self, unit: Unit) -> list[Shard]:
        found = []
        for work in unit:
            costs, rows, mapped = [], [], set()
            for target in work.targets:
                pairs = 2 * work.asked[target.key].pairs
                setup = self.setup.get(target.case.id, 0.001)
                again = target.case.working_set_bytes in mapped
                mapped.add(target.case.working_set_bytes or None)
                costs.append(Cost(target.case.id, target.arm, setup=setup / 50 if again else setup))
                half = pairs * self.pair_s / 2
                costs.append(Cost(target.case.id, target.arm, target.mode, 0.0, 0.0, 0.0, half, half, pairs, 7))
                if target.case.id in self.silent:
                    continue
                rows.append(
                    Measurement(
                        experiment="demo", group=target.case.group, case=target.case.id, arm=target.arm,
                        metric="time", unit="s", value=1.0, probe="clock", provenance="clock",
                        mode=target.mode, replicate=work.replicate,
                    )
                )  # fmt: skip
            wall = 0.01 + sum(cost.setup + cost.warm + cost.timed for cost in costs)
            found.append(Shard(work.name, wall, tuple(rows), costs=tuple(costs)))
        return found

    def do(self, units: Sequence[Unit]) -> None:
        for unit in units:
            for shard in self.shards(unit):
                self.state.store(shard)
                self.scheduler.learn(shard)

    def rounds(self, count: int, left_s: float = 1000.0) -> list[Unit]:
        done: list[Unit] = []
        for _ in range(count):
            units = self.scheduler.next_round(left_s)
            self.do(units)
            done += units
        return done


Make = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a bench from a plan and a judge; the run's folder is let go of at the end."""
    made: list[Bench] = []

    def bench(plan: Plan, judge: Knows, setup: Mapping[str, float] | None = None) -> Bench:
        made.append(Bench(RunWriter.create(tmp_path, plan), judge, setup))
        return made[-1]

    yield bench
    for one in made:
        one.state.flush()
        one.writer.close()


def measured(units: Sequence[Unit]) -> list[Key]:
    return [target.key for unit in units for work in unit for target in work.targets]


def planned(*cases: CasePlan, **changes: object) -> Plan:
    clock = msgspec.structs.replace(a_plan().clock, most_processes=500)
    return a_plan(*cases, **{"clock": clock, **changes})


def case(name: str, priority: int = 1, group: str = "group", **changes: object) -> CasePlan:
    return a_case(f"demo/{group}/size={name}", priority=priority, group=group, **{"null": False, **changes})


def test_answers_are_settled_before_the_other_points_of_a_curve(make: Make) -> None:
    plan = planned(case("1", group="far"), case("2", 0, group="near"))
    bench = make(plan, Knows(), {"demo/far/size=1": 0.1, "demo/near/size=2": 0.1})
    order: list[Key] = []
    while not bench.scheduler.answered():
        order += measured(bench.rounds(1))
    counts = {name: sum(key[0] == name for key in order) for name in ("demo/far/size=1", "demo/near/size=2")}
    assert counts == {"demo/far/size=1": 1, "demo/near/size=2": 10}  # one process of each group shows what it costs


def test_priority_case_without_a_verdict_in_sight_does_not_keep_the_others_waiting(make: Make) -> None:
    judge = Knows({"demo/hard/size=1": FAR})
    bench = make(planned(case("1", 0, group="hard"), case("2", group="easy")), judge)
    bench.rounds(15)
    assert judge.settled("demo/easy/size=2", "fast", "paired")


def test_comparison_whose_samples_are_all_interrupted_does_not_keep_the_others_waiting(make: Make) -> None:
    judge = Knows()
    bench = make(planned(case("1", 0, group="noisy"), case("2", group="calm")), judge)
    bench.silent.add("demo/noisy/size=1")
    order = measured(bench.rounds(30))
    assert judge.settled("demo/calm/size=2", "fast", "paired")
    assert sum(key[0] == "demo/noisy/size=1" for key in order[:20]) < 12


def test_most_verdicts_per_second_come_first(make: Make) -> None:
    judge = Knows({"demo/group/size=3": 40.0})
    setup = {"demo/group/size=2": 0.5}
    bench = make(planned(case("1"), case("2"), case("3")), judge, setup)
    order = measured(bench.rounds(11))
    counts = [sum(key[0] == f"demo/group/size={name}" for key in order) for name in (1, 2, 3)]
    assert counts[0] == 10  # cheap and near
    assert counts[1] < 3  # a hundred times as expensive
    assert order[-1][0] != "demo/group/size=1"


def test_run_of_a_single_case_never_sets_it_aside(make: Make) -> None:
    bench = make(planned(case("1")), Knows({"demo/group/size=1": FAR}))
    bench.rounds(2 * TRUSTED_COUNT)
    assert [key[0] for key in measured(bench.scheduler.next_round(1.0))] == ["demo/group/size=1"]


def test_comparison_that_time_does_not_settle_is_set_aside_until_there_is_time(make: Make) -> None:
    judge = Knows({"demo/group/size=1": FAR, "demo/group/size=2": 9.0})
    bench = make(planned(case("1"), case("2")), judge)
    bench.rounds(6)
    assert {key[0] for key in measured(bench.scheduler.next_round(1.0))} == {"demo/group/size=2"}
    bench.rounds(3 + TRUSTED_COUNT)
    assert bench.scheduler.next_round(1.0) == []
    target = bench.scheduler.open_targets()[0]
    seconds = bench.scheduler.seconds_to_settle(target)
    assert 1.0 < seconds < 100.0
    assert measured(bench.scheduler.next_round(2 * seconds)) == [target.key]


def test_only_case_of_a_run_is_measured_as_long_as_there_is_time(make: Make) -> None:
    bench = make(planned(case("1")), Knows({"demo/group/size=1": FAR}))
    bench.rounds(3 + TRUSTED_COUNT)
    target = bench.scheduler.open_targets()[0]
    assert bench.scheduler.seconds_to_settle(target) > 1.0
    assert measured(bench.scheduler.next_round(1.0)) == [target.key]


def test_controls_take_at_most_a_fifth_of_the_time(make: Make) -> None:
    judge = Knows({"demo/group/size=1": 40.0})
    bench = make(planned(case("1", null=True)), judge)
    bench.pair_s = 0.02
    order = measured(bench.rounds(45))
    assert sum(key[2] == "paired" for key in order) == 40
    controls = sum(key[2] == "null" for key in order)
    assert 3 <= controls < 20
    assert bench.scheduler.controls_s <= CONTROLS_SHARE * bench.scheduler.spent_s + 0.01


def test_long_samples_are_not_repeated_and_what_is_known_is_not_found_again(make: Make) -> None:
    bench = make(planned(case("1")), Knows(ratio=0.5))
    (first,) = bench.scheduler.next_round(100.0)
    bench.do([first])
    (second,) = bench.scheduler.next_round(100.0)
    one, two = (next(iter(unit[0].asked.values())) for unit in (first, second))
    assert (one.iterations, one.check, one.most_s is not None) == (0, True, True)
    assert (two.pairs, two.iterations, two.check) == (1, 7, False)  # half the time: every process shows it


def test_working_sets_beyond_the_caches_are_measured_in_one_process(make: Make) -> None:
    """They share pages, which cost more to get than all else: one by one they would wait for the cheap ones to end."""
    large = [case(str(number), kind="dram", working_set_bytes=1 << 26) for number in range(8)]
    judge = Knows({"demo/group/size=small": 40.0})
    bench = make(planned(case("small"), *large), judge, {one.id: 0.1 for one in large})
    bench.rounds(4)
    for unit in bench.rounds(4):
        assert {one.id for one in large} <= {target.case.id for target in unit[0].targets}


def test_settings_of_switches_are_measured_together_until_their_shares_are_known(make: Make) -> None:
    arms = tuple(ArmPlan(name, {"arm": name}) for name in ("plain", "a", "b"))
    one = case("1", arms=arms)
    group = GroupPlan("group", "Group", "size", "", settings={"plain": (), "a": ("a",), "b": ("b",)})
    plan = planned(one)
    experiment = msgspec.structs.replace(plan.experiments[0], groups=(group,))
    judge = Knows({one.id: 3.0})
    judge.settled = lambda case, arm, mode: arm == "a" or judge.counts.get((case, arm, mode), 0) >= 20  # type: ignore[method-assign]
    bench = make(msgspec.structs.replace(plan, experiments=(experiment,)), judge)
    units = bench.rounds(FULL_PROCESSES + 2)
    sizes = [len(unit[0].targets) for unit in units]
    assert sizes == [2] * FULL_PROCESSES + [1] * 2


def test_arms_alone_are_one_unit_and_share_a_replicate(make: Make) -> None:
    bench = make(planned(case("1", paired=False, separate=True)), Knows())
    (unit,) = bench.scheduler.next_round(100.0)
    assert {work.solo for work in unit} == {"plain", "fast"}
    assert {work.replicate for work in unit} == {0}
    bench.do([unit])
    (unit,) = bench.scheduler.next_round(100.0)
    assert {work.replicate for work in unit} == {1}


def test_same_shards_lead_to_the_same_next_round(make: Make) -> None:
    plan = planned(*(case(str(number), group=f"group{number % 3}", null=True) for number in range(9)))
    bench = make(plan, Knows())
    bench.rounds(4)
    bench.state.flush()
    again = Scheduler(bench.state, Knows())
    for shard in bench.writer.shards():
        again.learn(shard)
    assert [[work.name for work in unit] for unit in again.next_round(50.0)] == [
        [work.name for work in unit] for unit in bench.scheduler.next_round(50.0)
    ]
    assert again.next_round(50.0) == bench.scheduler.next_round(50.0)


def test_groups_run_in_random_order_from_round_to_round(make: Make) -> None:
    plan = planned(*(case("1", group=f"group{number}") for number in range(4)))
    bench = make(plan, Knows({f"demo/group{number}/size=1": 100.0 for number in range(4)}))
    orders = {tuple(work.targets[0].case.group for unit in bench.rounds(1) for work in unit) for _ in range(12)}
    assert len(orders) > 4


def test_failed_case_is_failed_and_neither_open_nor_settled(make: Make) -> None:
    bench = make(planned(case("1"), case("2")), Knows())
    bench.state.failed.add("demo/group/size=1")
    assert [target.case.id for target in bench.scheduler.open_targets()] == ["demo/group/size=2"]
    failed = next(target for target in bench.scheduler.targets if target.case.id == "demo/group/size=1")
    assert bench.scheduler.failed(failed)
    assert not bench.scheduler.settled(failed)


@pytest.mark.parametrize(("until", "settled"), [(0.0, False), (0.5, False), (0.9, True)])
def test_until_is_reached_where_a_change_of_that_size_is_ruled_out(make: Make, until: float, settled: bool) -> None:
    judge = Knows({"demo/group/size=1": FAR})
    judge.standing = lambda case, arm, mode: Standing("unresolved", 8, 30.0, 0.1, 0.1, 0.9, 0.55, 1.6)  # type: ignore[method-assign]
    bench = make(planned(case("1", 0), until=until), judge)
    (target,) = bench.scheduler.targets
    assert bench.scheduler.settled(target) is settled
    assert bench.scheduler.answered() is settled
