"""The clock: rounds of fresh processes until every comparison is settled."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lab.core.schema import LeftOut
from lab.experiment.asking import ask
from lab.experiment.clock import Target, Work, missing_rows, targets_of
from lab.experiment.equipment import Equipment
from lab.experiment.python_kernel import is_python
from lab.experiment.state import RunState
from lab.store.run import Shard

MISSING_WORK = "clock/missing"
IDLE_TIMEOUT_S = 60.0  # without a line from a worker


def run_clock(state: RunState, equipment: Equipment) -> None:
    """Time what is missing of the plan.

    Raises:
        KeyboardInterrupt: the user stopped it; every finished worker is stored.
        StoreError: a shard could not be written.
    """
    _Timing(state, equipment).run()


class _Timing:
    def __init__(self, state: RunState, equipment: Equipment) -> None:
        self._state = state
        self._equipment = equipment
        self._spent_s = 0.0
        for shard in state.resumed:
            self._take(shard)

    def _take(self, shard: Shard) -> None:
        if shard.work.startswith("clock/"):
            self._spent_s += shard.wall_s
            self._equipment.judge.observe(shard.measurements)

    def _store(self, shard: Shard) -> None:
        self._state.store(shard)
        self._take(shard)

    def run(self) -> None:
        """Rounds over all groups until every comparison is settled, or the budget or the most processes are reached."""
        budget = self._state.plan.clock.budget_s
        self._equipment.observer.phase("clock", budget, "s")
        targets = [target for case in self._state.plan.cases for target in targets_of(case)]
        missing = tuple(row for case in self._state.plan.cases for row in missing_rows(case))
        if missing and MISSING_WORK not in self._state.done:
            self._store(Shard(work=MISSING_WORK, wall_s=0.0, measurements=missing))
        for replicate in range(self._state.plan.clock.most_processes):
            open_targets = [target for target in targets if self._is_open(target)]
            if not open_targets:
                break
            for work in self._round(replicate, open_targets):
                if self._spent_s >= budget:
                    unsettled = sum(map(self._is_open, open_targets))
                    what = f"{unsettled} of {len(targets)} clock comparisons unsettled after {replicate} rounds"
                    self._state.left_out.append(LeftOut(what, f"the clock's budget of {budget:.0f} s is spent"))
                    return
                if work.name not in self._state.done:
                    self._clock_worker(work)
                settled = len(targets) - sum(map(self._is_open, targets))
                self._equipment.observer.advance(
                    self._spent_s, f"round {replicate + 1}, {settled} of {len(targets)} comparisons settled"
                )

    def _is_open(self, target: Target) -> bool:
        arms = {(target.case.id, arm, target.mode) for arm in (target.arm, target.case.baseline)}
        if target.case.id in self._state.failed or not arms.isdisjoint(self._state.refused):
            return False
        return not self._equipment.judge.settled(target.case.id, target.arm, target.mode)

    def _round(self, replicate: int, open_targets: Sequence[Target]) -> Iterator[Work]:
        """One worker per group, and per arm where arms are measured alone, in random order."""
        groups: dict[str, list[Target]] = defaultdict(list)
        for target in open_targets:
            kind = "alone" if target.mode == "separate" else "pairs"
            if is_python(target.case.kernel):
                kind = f"python-{kind}"
            groups[f"clock/{target.case.experiment}/{target.case.group}/{kind}"].append(target)
        order = random.Random(f"{self._state.plan.seed}/{replicate}")
        names = sorted(groups)
        order.shuffle(names)
        for name in names:
            targets = tuple(groups[name])
            if not name.endswith("alone"):
                yield Work(f"{name}/{replicate}", replicate, targets)
                continue
            arms = sorted({arm for target in targets for arm in (target.arm, target.case.baseline)})
            order.shuffle(arms)
            for arm in arms:
                mine = {
                    target.case.id: replace(target, arm=arm)
                    for target in targets
                    if arm in (target.arm, target.case.baseline)
                }
                yield Work(f"{name}/{replicate}/{arm}", replicate, tuple(mine.values()), solo=arm)

    def _clock_worker(self, work: Work) -> None:
        """Have one piece of work done and store it; what breaks a process costs its own case."""
        start = time.monotonic()
        artifacts = self._state.writer.artifacts
        found = ask(work, self._state.plan, self._equipment, artifacts, idle_timeout_s=IDLE_TIMEOUT_S)
        self._store(
            Shard(
                work=work.name,
                wall_s=time.monotonic() - start,
                measurements=tuple(found.rows),
                artifacts=tuple(found.artifacts),
            )
        )
