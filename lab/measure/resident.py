"""Page faults and resident memory, as the kernel counts them: one fresh process per arm and replicate.

Faults are those of one warm pass. The peak is the high-water mark of resident memory (reset by writing 5 to
/proc/self/clear_refs before setup) less where it started, so it covers setup and two passes. Linux folds resident
counts in batches: a peak may be off by up to 64 pages per processor, which is why it is measured several times.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.measure.counting import CountRequest, count_jobs, refused
from lab.measure.native import Native
from lab.measure.probe import Job, absent, chunks, row
from lab.measure.process import Workers

NAME = "resident"
MINOR_FAULTS = Metric("minor_faults", "count", "minor page faults", NAME, context=True)
MAJOR_FAULTS = Metric("major_faults", "count", "major page faults", NAME, context=True)
RESIDENT_PEAK = Metric("resident_peak_bytes", "B", "peak resident memory", NAME, context=True)
REPLICATES = 8
BATCH_JOBS = 8


class ResidentProbe:
    """See the module.

    Args:
        native: the driver and the kernels.
        replicates: processes per arm.
    """

    name = NAME
    metrics: tuple[Metric, ...] = (MINOR_FAULTS, MAJOR_FAULTS, RESIDENT_PEAK)
    provenance: Provenance = "kernel"
    deterministic = False

    def __init__(self, native: Native, *, replicates: int = REPLICATES) -> None:
        self._native = native
        self._replicates = replicates
        self._workers = Workers()

    def unavailable(self) -> str | None:
        """Why resident memory cannot be had here."""
        return None if sys.platform == "linux" else f"needs Linux's /proc; this is {sys.platform}"

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """A few arms at a time."""
        return chunks(jobs, BATCH_JOBS)

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """Each arm in processes of its own, the arms taking turns."""
        del artifacts
        request = CountRequest(native=self._native, workers=self._workers, options=("--resident",))
        hopeless: set[int] = set()
        for replicate in range(self._replicates):
            for number, job in enumerate(batch):
                if number not in hopeless:
                    rows = list(self._one(request, job, replicate))
                    if any(found.status != "ok" for found in rows):
                        hopeless.add(number)
                    yield from rows

    def stop(self) -> None:
        """Kill the driver."""
        self._workers.stop()

    def _one(self, request: CountRequest, job: Job, replicate: int) -> Iterator[Measurement]:
        for _, answer in count_jobs(request, [job]):
            if answer.status != "ok":
                yield from refused(job, self.metrics, self.provenance, answer)
                return
            done = answer.iterations
            for metric, faults in ((MINOR_FAULTS, answer.minor_faults), (MAJOR_FAULTS, answer.major_faults)):
                yield row(
                    job, metric, faults, self.provenance, iterations=done, items=answer.items, replicate=replicate
                )
            if answer.resident_peak_bytes is None:
                reason = "/proc/self/clear_refs cannot be written; mount /proc writable for this user"
                yield absent(job, RESIDENT_PEAK, self.provenance, reason, "unavailable")
            else:
                peak = answer.resident_peak_bytes
                yield row(job, RESIDENT_PEAK, peak, self.provenance, iterations=done, replicate=replicate)
