"""Carrying out a plan: the clock in rounds until every comparison is settled, then each probe in passes of its own.

Every finished worker is stored before the next one starts, so that an interrupt at any moment loses at most the work
of the processes that were running; the same plan continued does only what is missing.

The runner knows neither the statistics nor the screen: a `Judge` says when a comparison is settled and an `Observer`
hears of progress; both come from the caller.
"""

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from lab.core.schema import Artifact, LeftOut, Measurement, RunSummary
from lab.experiment.clock import Script, Target, Work, missing_rows, targets_of
from lab.experiment.observer import Observer
from lab.experiment.python_kernel import is_python
from lab.measure.native import Native
from lab.measure.probe import Job, Probe, absent
from lab.measure.process import run_lines
from lab.store.run import RunWriter, Shard

MISSING_WORK = "clock/missing"
IDLE_TIMEOUT_S = 60.0  # without a line from a worker


class Judge(Protocol):
    """Decides, by the rule fixed in the plan, when enough has been measured."""

    def observe(self, rows: Sequence[Measurement]) -> None:
        """Take in the rows of one clock worker."""

    def settled(self, case: str, arm: str, mode: str) -> bool:
        """Whether the comparison of this arm needs no further process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What a run works with.

    Attributes:
        native: the driver and the kernel builds.
        inputs: folder of input files named by digest.
        judge: see Judge.
        probes: what looks besides the clock, in this order.
        observer: hears of progress.
        memory_bytes: address space that one worker may take; 0 for no limit.
    """

    native: Native
    inputs: Path
    judge: Judge
    probes: Sequence[Probe]
    observer: Observer
    memory_bytes: int = 0


def carry_out(writer: RunWriter, equipment: Equipment) -> RunSummary:
    """Do what is missing of the writer's plan and seal the run.

    Raises:
        KeyboardInterrupt: the user stopped it; everything finished so far is stored, and the run can be resumed.
        StoreError: a shard could not be written.
    """
    runner = _Runner(writer, equipment)
    runner.clock()
    runner.passes()
    return writer.seal(failed_cases=runner.failed, left_out=[*writer.plan.left_out, *runner.left_out])


class _Runner:
    def __init__(self, writer: RunWriter, equipment: Equipment) -> None:
        self.plan = writer.plan
        self.writer = writer
        self.equipment = equipment
        self.failed: set[str] = set()
        self.refused: set[tuple[str, str, str]] = set()  # (case, arm, mode) that this machine cannot run
        self.left_out: list[LeftOut] = []
        self._done: set[str] = set()
        self._spent_s = 0.0
        for shard in writer.shards():
            self._take(shard)

    def _take(self, shard: Shard) -> None:
        """Account for one worker's shard, now measured or stored earlier."""
        self._done.add(shard.work)
        self.failed |= {row.case for row in shard.measurements if row.status == "failed"}
        self.refused |= {(row.case, row.arm, row.mode) for row in shard.measurements if row.status == "unavailable"}
        if shard.work.startswith("clock/"):
            self._spent_s += shard.wall_s
            self.equipment.judge.observe(shard.measurements)

    def _store(self, shard: Shard) -> None:
        self.writer.add(shard)
        self._take(shard)

    # --- the clock ---------------------------------------------------------------------------------------------

    def clock(self) -> None:
        """Rounds over all groups until every comparison is settled, or the budget or the most processes are reached."""
        budget = self.plan.clock.budget_s
        self.equipment.observer.phase("clock", budget, "s")
        targets = [target for case in self.plan.cases for target in targets_of(case)]
        missing = tuple(row for case in self.plan.cases for row in missing_rows(case))
        if missing and MISSING_WORK not in self._done:
            self._store(Shard(work=MISSING_WORK, wall_s=0.0, measurements=missing))
        for replicate in range(self.plan.clock.most_processes):
            open_targets = [target for target in targets if self._is_open(target)]
            if not open_targets:
                break
            for work in self._round(replicate, open_targets):
                if self._spent_s >= budget:
                    unsettled = sum(map(self._is_open, open_targets))
                    what = f"{unsettled} of {len(targets)} clock comparisons unsettled after {replicate} rounds"
                    self.left_out.append(LeftOut(what, f"the clock's budget of {budget:.0f} s is spent"))
                    return
                if work.name not in self._done:
                    self._clock_worker(work)
                settled = len(targets) - sum(map(self._is_open, targets))
                self.equipment.observer.advance(
                    self._spent_s, f"round {replicate + 1}, {settled} of {len(targets)} comparisons settled"
                )

    def _is_open(self, target: Target) -> bool:
        arms = {(target.case.id, arm, target.mode) for arm in (target.arm, target.case.baseline)}
        if target.case.id in self.failed or not arms.isdisjoint(self.refused):
            return False
        return not self.equipment.judge.settled(target.case.id, target.arm, target.mode)

    def _round(self, replicate: int, open_targets: Sequence[Target]) -> Iterator[Work]:
        """One worker per group, and per arm where arms are measured alone, in random order."""
        groups: dict[str, list[Target]] = defaultdict(list)
        for target in open_targets:
            kind = "alone" if target.mode == "separate" else "pairs"
            if is_python(target.case.kernel):
                kind = f"python-{kind}"
            groups[f"clock/{target.case.experiment}/{target.case.group}/{kind}"].append(target)
        order = random.Random(f"{self.plan.seed}/{replicate}")
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
        rows: list[Measurement] = []
        pending: list[Target] = list(work.targets)
        attempt = 0
        while pending:
            name = work.name if attempt == 0 else f"{work.name}+{attempt}"
            script = Script(
                self.plan,
                replace(work, name=name, targets=tuple(pending)),
                self.equipment.native.kernels,
                self.equipment.inputs,
            )
            mine: list[Measurement] = []
            outcome = run_lines(
                self._command(work),
                stdin_text=script.text,
                environment=script.environment,
                idle_timeout_s=IDLE_TIMEOUT_S,
                memory_bytes=self.equipment.memory_bytes,
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
                self.equipment.observer.trouble(f"{case}: {reason}")
            dead = {row.case for row in mine if row.status != "ok"}
            pending = [target for target in pending if target.case.id not in dead]
            rows += mine
            attempt += 1
        self._store(Shard(work=work.name, wall_s=time.monotonic() - start, measurements=tuple(rows)))

    def _command(self, work: Work) -> list[str]:
        if is_python(work.targets[0].case.kernel):
            return [sys.executable, "-m", "lab.experiment.python_worker", "--die-with-parent", str(os.getpid())]
        return self.equipment.native.driver_command()

    # --- the probes --------------------------------------------------------------------------------------------

    def passes(self) -> None:
        """Each probe in turn; batches of a deterministic probe side by side, one after another otherwise."""
        for probe in self.equipment.probes:
            jobs = self._jobs(probe)
            if not jobs:
                continue
            reason = probe.unavailable()
            if reason is not None:
                work = f"pass/{probe.name}"
                if work not in self._done:
                    rows = (
                        absent(job, metric, probe.provenance, reason, "unavailable")
                        for job in jobs
                        for metric in probe.metrics
                    )
                    self._store(Shard(work=work, wall_s=0.0, measurements=tuple(rows)))
                continue
            batches = {f"pass/{probe.name}/{number}": batch for number, batch in enumerate(probe.batches(jobs))}
            missing = {name: batch for name, batch in batches.items() if name not in self._done}
            self.equipment.observer.phase(probe.name, len(batches), "batches")
            self._side_by_side(probe, missing, len(batches))

    def _jobs(self, probe: Probe) -> list[Job]:
        return [
            Job(case=case, arm=arm, input_path=self.equipment.inputs / case.input_digest if case.input_digest else None)
            for case in self.plan.cases
            if probe.name in case.passes and case.id not in self.failed
            for arm in case.arms
        ]

    def _side_by_side(self, probe: Probe, batches: dict[str, list[Job]], total: int) -> None:
        done = total - len(batches)
        workers = self.equipment.native.cpus if probe.deterministic else 1
        with ThreadPoolExecutor(max_workers=workers) as pool:
            futures = [pool.submit(self._batch, probe, name, batch) for name, batch in batches.items()]
            try:
                for future in as_completed(futures):
                    shard = future.result()
                    self._store(shard)
                    done += 1
                    for row in shard.measurements:
                        if row.status == "failed":
                            self.equipment.observer.trouble(f"{row.case} {row.arm}, {probe.name}: {row.reason}")
                    self.equipment.observer.advance(done, f"{done} of {total} batches")
            except BaseException:
                for future in futures:
                    future.cancel()
                probe.stop()
                raise

    def _batch(self, probe: Probe, name: str, batch: list[Job]) -> Shard:
        start = time.monotonic()
        measured = list(probe.measure(batch, self.writer.artifacts))
        return Shard(
            work=name,
            wall_s=time.monotonic() - start,
            measurements=tuple(item for item in measured if isinstance(item, Measurement)),
            artifacts=tuple(item for item in measured if isinstance(item, Artifact)),
        )


def _collect(script: Script, rows: list[Measurement], line: str) -> None:
    rows += script.read(line)
