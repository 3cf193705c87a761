"""Performance counters over one pass: hardware events where there is a PMU, software events where permitted.

Every counter has its own state, and every state but "ok" its own reason: a counter that does not exist, that the
system forbids, that was never scheduled, or that would read zero because the kernel's part is hidden, is never a zero.
"""

import errno
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.measure.counting import CountRequest, Event, count_jobs, refused
from lab.measure.native import Native
from lab.measure.probe import Job, absent, chunks, row
from lab.measure.process import Workers

NAME = "perf"
PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
# The counters of lp/events.h; hardware figures have names of their own, beside the simulated ones. Each is counted once
# per arm and has no interval: context, not a comparison.
EVENTS = {
    "cycles": Metric("cycles", "count", "cycles", NAME, context=True),
    "instructions": Metric("instructions_retired", "count", "instructions retired", NAME, context=True),
    "branch_misses": Metric("branch_misses", "count", "mispredicted branches", NAME, context=True),
    "cache_references": Metric("cache_references", "count", "last-level accesses", NAME, context=True),
    "cache_misses": Metric("cache_misses", "count", "last-level misses", NAME, context=True),
    "l1d_misses": Metric("l1d_load_misses", "count", "L1 data load misses", NAME, context=True),
    "dtlb_misses": Metric("dtlb_load_misses", "count", "data TLB load misses", NAME, context=True),
    "page_faults": Metric("page_faults", "count", "page faults", NAME, context=True),
    "context_switches": Metric("context_switches", "count", "context switches", NAME, context=True),
    "cpu_migrations": Metric("cpu_migrations", "count", "migrations between processors", NAME, context=True),
    "task_clock": Metric("task_clock", "s", "processor time", NAME, context=True),
}
BATCH_JOBS = 32
PARTLY_RUNNING = 0.9  # below this share of the time a scaled figure says so


class EventsProbe:
    """See the module.

    Args:
        native: the driver and the kernels.
        paranoid: file that holds the kernel's perf_event_paranoid.
    """

    name = NAME
    metrics: tuple[Metric, ...] = tuple(EVENTS.values())
    provenance: Provenance = "pmu"
    deterministic = False

    def __init__(self, native: Native, *, paranoid: Path = PARANOID) -> None:
        self._native = native
        self._paranoid = read_paranoid(paranoid)
        self._workers = Workers()

    def unavailable(self) -> str | None:
        """Why no counter at all can be had here."""
        return None if sys.platform == "linux" else f"perf events are Linux's; this is {sys.platform}"

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """Many jobs per process."""
        return chunks(jobs, BATCH_JOBS)

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """One counted pass of every job."""
        del artifacts
        request = CountRequest(native=self._native, workers=self._workers, options=("--apart", "--events"))
        for job, answer in count_jobs(request, batch):
            if answer.status != "ok":
                yield from refused(job, self.metrics, self.provenance, answer)
            for event in answer.events:
                yield self._row(job, event, answer.iterations, answer.items)

    def stop(self) -> None:
        """Kill the driver."""
        self._workers.stop()

    def _row(self, job: Job, event: Event, iterations: int, items: int) -> Measurement:
        metric = EVENTS[event.name]
        provenance: Provenance = "pmu" if event.hardware else "kernel"
        reason = why_not(event, self._paranoid)
        if reason is not None:
            return absent(job, metric, provenance, reason, "unavailable")
        value, note = scaled(event)
        if event.unit == "ns":
            value *= 1e-9
        return row(job, metric, value, provenance, iterations=iterations, items=items, reason=note)


def read_paranoid(path: Path = PARANOID) -> int | None:
    """The kernel's perf_event_paranoid; None where it has none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def why_not(event: Event, paranoid: int | None) -> str | None:
    """Why a counter has no figure and what would help; None if it has one."""
    allowed = f"perf_event_paranoid is {paranoid}" if paranoid is not None else "the system does not say why"
    remedy = "sysctl kernel.perf_event_paranoid=1, or grant CAP_PERFMON"
    where = "this processor or virtual machine" if event.hardware else "this kernel"
    code = errno.errorcode.get(event.error, f"errno {event.error}")
    reasons = {
        "ok": None,
        "unsupported": f"{where} has no such counter ({code}); run on bare metal or ask for a virtual PMU",
        "forbidden": f"not permitted ({code}; {allowed}); {remedy}; in a container allow perf_event_open",
        "not_scheduled": "opened, but no hardware counter was free during the pass; end other users of the PMU",
        "kernel_excluded": f"happens inside the kernel, which is hidden here and would read 0 ({allowed}); {remedy}",
        "no_system": "the operating system has no perf_event_open; run on Linux",
    }
    return reasons.get(event.state, f"perf_event_open failed ({code}); run `lab doctor`")


def scaled(event: Event) -> tuple[float, str]:
    """The figure for the whole pass and, where it was extrapolated from a part of it, a note that says so."""
    if event.running_ns >= event.enabled_ns:
        return float(event.value), ""
    share = event.running_ns / event.enabled_ns
    note = f"counted {share:.0%} of the time and scaled" if share < PARTLY_RUNNING else ""
    return event.value / share, note
