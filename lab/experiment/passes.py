"""The probes: each looks at the arms of the cases that ask for it, in passes of its own in which nothing is timed."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from lab.core.errors import EnvironmentFailure
from lab.core.schema import Artifact, LeftOut, Measurement
from lab.experiment.equipment import Equipment
from lab.experiment.remember import RememberingProbe
from lab.experiment.state import RunState
from lab.measure.probe import Job, Probe, absent
from lab.store.run import Shard


def run_passes(state: RunState, equipment: Equipment, deadline: float = float("inf")) -> None:
    """Do the probe passes that are missing.

    Args:
        state: of the run; finished batches are stored there one by one.
        equipment: the probes, in the order in which they work.
        deadline: time.monotonic() at which measuring ends: batches that run are stopped, and they and those that have
            not begun are left out. Remembered figures cost nothing and are taken all the same.

    Raises:
        KeyboardInterrupt: the user stopped it; finished batches are stored.
        StoreError: a shard could not be written.
    """
    _Passes(state, equipment, deadline).run()


class _Passes:
    def __init__(self, state: RunState, equipment: Equipment, deadline: float) -> None:
        self._state = state
        self._equipment = equipment
        self._deadline = deadline

    def run(self) -> None:
        """Each probe in turn; batches of a deterministic probe side by side, one after another otherwise."""
        for probe in self._equipment.probes:
            jobs = self._jobs(probe)
            if not jobs:
                continue
            reason = probe.unavailable()
            if reason is not None:
                work = f"pass/{probe.name}"
                if work not in self._state.done:
                    rows = (
                        absent(job, metric, probe.provenance, reason, "unavailable")
                        for job in jobs
                        for metric in probe.metrics
                    )
                    self._state.store(Shard(work=work, wall_s=0.0, measurements=tuple(rows)))
                continue
            batches = {f"pass/{probe.name}/{number}": batch for number, batch in enumerate(probe.batches(jobs))}
            missing = {name: batch for name, batch in batches.items() if name not in self._state.done}
            self._equipment.observer.phase(probe.name, len(batches), "batches")
            self._side_by_side(probe, missing, len(batches))

    def _jobs(self, probe: Probe) -> list[Job]:
        return [
            Job(
                case=case,
                arm=arm,
                input_path=self._equipment.inputs / case.input_digest if case.input_digest else None,
                library=Path(self._state.plan.libraries[case.library].builds[0]) if case.library else None,
                folder=Path(self._state.plan.folder) if self._state.plan.folder else None,
            )
            for case in self._state.plan.cases
            if probe.name in case.passes and case.id not in self._state.failed
            for arm in case.arms
            if not arm.missing
        ]

    def _side_by_side(self, probe: Probe, batches: dict[str, list[Job]], total: int) -> None:
        done = total - len(batches)
        workers = self._equipment.native.cpus if probe.deterministic else 1
        with ThreadPoolExecutor(max_workers=workers) as pool, _stopped_at(self._deadline, probe):
            futures = [pool.submit(self._batch, probe, name, batch) for name, batch in batches.items()]
            try:
                for future in as_completed(futures):
                    shard = future.result()
                    if shard is None:
                        continue
                    self._state.store(shard)
                    done += 1
                    for row in shard.measurements:
                        if row.status == "failed":
                            self._equipment.observer.trouble(f"{row.case} {row.arm}, {probe.name}: {row.reason}")
                    self._equipment.observer.advance(done, f"{done} of {total} batches")
            except BaseException:
                for future in futures:
                    future.cancel()
                probe.stop()
                raise
        if done < total:
            what = f"{probe.name}: {total - done} of {total} batches"
            self._state.left_out.append(LeftOut(what, "the run's budget is spent; give --budget more seconds"))

    def _batch(self, probe: Probe, name: str, batch: list[Job]) -> Shard | None:
        """What the probe makes of a batch; None where there was no time for it."""
        start = time.monotonic()
        remembered = isinstance(probe, RememberingProbe) and probe.remembers(batch)
        if start >= self._deadline and not remembered:
            return None
        try:
            measured = list(probe.measure(batch, self._state.writer.artifacts))
        except EnvironmentFailure:
            if time.monotonic() < self._deadline:
                raise
            return None  # stopped in the middle
        if time.monotonic() >= self._deadline and any(
            isinstance(item, Measurement) and item.status == "failed" for item in measured
        ):
            return None  # its workers were killed: that says nothing of the cases
        return Shard(
            work=name,
            wall_s=time.monotonic() - start,
            measurements=tuple(item for item in measured if isinstance(item, Measurement)),
            artifacts=tuple(item for item in measured if isinstance(item, Artifact)),
        )


@contextmanager
def _stopped_at(deadline: float, probe: Probe) -> Iterator[None]:
    """Kill what the probe runs once the deadline has passed."""
    if deadline == float("inf"):
        yield
        return
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), probe.stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
