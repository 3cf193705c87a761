"""The clock: rounds of fresh processes until every comparison is settled."""

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab.core.schema import LeftOut, Measurement
from lab.experiment.clock import Script, Target, Work, missing_rows, targets_of
from lab.experiment.commands import run_commands
from lab.experiment.equipment import Equipment
from lab.experiment.python_kernel import is_python, python_environment
from lab.experiment.state import RunState
from lab.experiment.subjects import is_command
from lab.measure.process import run_lines
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
            elif is_command(target.case.kernel):
                kind = "commands"
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
        """Run one worker to its end; a crash costs the case it was in, the rest is asked of a new process."""
        start = time.monotonic()
        if is_command(work.targets[0].case.kernel):
            rows = run_commands(self._state.plan, work, self._equipment.inputs, self._equipment.native.launcher)
            for case, reason in {row.case: row.reason for row in rows if row.status == "failed"}.items():
                self._equipment.observer.trouble(f"{case}: {reason}")
            self._store(Shard(work=work.name, wall_s=time.monotonic() - start, measurements=tuple(rows)))
            return
        rows = []
        pending: list[Target] = list(work.targets)
        attempt = 0
        while pending:
            name = work.name if attempt == 0 else f"{work.name}+{attempt}"
            script = Script(
                self._state.plan,
                replace(work, name=name, targets=tuple(pending)),
                self._builds(work),
                self._equipment.inputs,
            )
            mine: list[Measurement] = []
            outcome = run_lines(
                self._command(work),
                stdin_text=script.text,
                environment={**self._environment(work), **script.environment},
                inherit=is_python(work.targets[0].case.kernel),
                folder=Path(self._state.plan.folder) if self._state.plan.folder else None,
                idle_timeout_s=IDLE_TIMEOUT_S,
                memory_bytes=self._equipment.memory_bytes,
                on_line=partial(_collect, script, mine),
            )
            pending = []
            if outcome.trouble is not None:
                culprit = script.interrupted()
                pending = script.rest()
                if culprit is not None:
                    mine.append(script.failure(culprit, outcome.trouble))
                elif pending:
                    # Between two commands, or before the first: nothing can be laid at a case's door, and trying
                    # again would fail again.
                    mine += [script.failure(target, outcome.trouble) for target in pending]
                    pending = []
            for case, reason in {row.case: row.reason for row in mine if row.status == "failed"}.items():
                self._equipment.observer.trouble(f"{case}: {reason}")
            dead = {row.case for row in mine if row.status != "ok"}
            pending = [target for target in pending if target.case.id not in dead]
            rows += mine
            attempt += 1
        self._store(Shard(work=work.name, wall_s=time.monotonic() - start, measurements=tuple(rows)))

    def _builds(self, work: Work) -> Sequence[Path]:
        """The builds of the library that holds the kernels of a piece of work."""
        library = work.targets[0].case.library
        if not library:
            return self._equipment.native.kernels
        return [Path(build) for build in self._state.plan.libraries[library].builds]

    def _environment(self, work: Work) -> dict[str, str]:
        """What a worker needs to see what this process sees."""
        return python_environment() if is_python(work.targets[0].case.kernel) else {}

    def _command(self, work: Work) -> list[str]:
        if is_python(work.targets[0].case.kernel):
            return [sys.executable, "-m", "lab.experiment.python_worker", "--die-with-parent", str(os.getpid())]
        return self._equipment.native.driver_command()


def _collect(script: Script, rows: list[Measurement], line: str) -> None:
    rows += script.read(line)
