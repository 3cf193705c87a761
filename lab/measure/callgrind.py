"""Cache simulation: instructions and misses of one pass, counted by Valgrind's callgrind on the kernel driver.

The driver runs a warm-up pass, which callgrind simulates but does not collect, and then the counted one inside
`lp_region`, which toggles collection. Callgrind knows two levels; two runs with the last level set to the geometry of
the L2 and to the effective size of the L3 give the misses of both. The geometry is always given explicitly, for what
CPUID reports inside a virtual machine may be anything.

Only the thread that calls the kernel is collected, so a kernel with threads of its own has no figure.

Counts are the same from run to run: Valgrind lays the address space out by itself, the environment is fixed, and each
job starts from the same heap (see lab.measure.counting).
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.core.errors import ProbeUnavailable
from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.measure.counting import Answer, CountRequest, count_jobs, refused
from lab.measure.facts import tool_version
from lab.measure.identity import identity_of
from lab.measure.native import Native
from lab.measure.probe import Job, row, whole_cases
from lab.measure.process import Workers

NAME = "callgrind"
INSTRUCTIONS = Metric("instructions", "count", "instructions (simulated)", NAME, exact=True)
D1_MISSES = Metric("d1_misses", "count", "L1 data misses (simulated)", NAME, exact=True)
L2_MISSES = Metric("l2_misses", "count", "L2 misses (simulated)", NAME, exact=True)
LL_MISSES = Metric("ll_misses", "count", "last-level misses (simulated)", NAME, exact=True)
BATCH_JOBS = 8
MOST_ITERATIONS = 1 << 18  # of the counted window: simulation is some fifty times slower than the machine
IDLE_TIMEOUT_S = 240.0


@dataclass(frozen=True, slots=True)
class Cache:
    """The geometry of one cache. bytes / (ways * line_bytes), the number of sets, is a power of two."""

    bytes: int
    ways: int
    line_bytes: int

    def __str__(self) -> str:
        return f"{self.bytes},{self.ways},{self.line_bytes}"

    @classmethod
    def fitted(cls, bytes_: int, ways: int, line_bytes: int) -> "Cache":
        """The largest simulable cache of at most so many bytes: the number of sets is rounded down."""
        sets = max(1, bytes_ // (ways * line_bytes))
        return cls((1 << (sets.bit_length() - 1)) * ways * line_bytes, ways, line_bytes)


@dataclass(frozen=True, slots=True)
class Geometry:
    """What is simulated: split first level, L2, last level."""

    i1: Cache
    d1: Cache
    l2: Cache
    ll: Cache

    def describe(self) -> str:
        """All four, for the run's record."""
        return f"I1 {self.i1}; D1 {self.d1}; L2 {self.l2}; LL {self.ll}"


# Of no machine in particular: the gate compares figures that were simulated on different ones.
FIXED_GEOMETRY = Geometry(
    i1=Cache(32 << 10, 8, 64), d1=Cache(32 << 10, 8, 64), l2=Cache(1 << 20, 16, 64), ll=Cache(8 << 20, 16, 64)
)


class CallgrindProbe:
    """See the module.

    Args:
        native: the driver and the kernels.
        geometry: simulated; the machine's own, or FIXED_GEOMETRY for figures that travel.
        valgrind: path of the tool, looked up on PATH if None; "" if there is none.
        batch_jobs: jobs per process.
        most_iterations: cap on the counted window, 0 for none.
    """

    name = NAME
    metrics: tuple[Metric, ...] = (INSTRUCTIONS, D1_MISSES, L2_MISSES, LL_MISSES)
    provenance: Provenance = "simulated"
    deterministic = True

    def __init__(
        self,
        native: Native,
        geometry: Geometry,
        *,
        valgrind: str | None = None,
        batch_jobs: int = BATCH_JOBS,
        most_iterations: int = MOST_ITERATIONS,
    ) -> None:
        self._native = native
        self._geometry = geometry
        self._valgrind = shutil.which("valgrind") or "" if valgrind is None else valgrind
        self._batch_jobs = batch_jobs
        self._most_iterations = most_iterations
        self._workers = Workers()
        # (last level, identity of a job) -> its simulation. Threads only add entries, and equal ones at that.
        self._made: dict[tuple[str, ...], tuple[Answer, Mapping[str, int]]] = {}

    def unavailable(self) -> str | None:
        """Why there is no simulation here."""
        if not self._valgrind:
            return "valgrind is not installed; on Debian: apt-get install valgrind"
        return None

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """A few jobs per Valgrind process, whose start costs about a third of a second."""
        return whole_cases(jobs, self._batch_jobs) if self._batch_jobs > 1 else [[job] for job in jobs]

    def identity(self, job: Job) -> Sequence[str]:
        """What its figures depend on."""
        settings = (self._geometry.describe(), str(self._most_iterations), tool_version(self._valgrind))
        return [self.name, *settings, *identity_of(self._native, job, "callgrind.py")]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """Two simulations of every job."""
        del artifacts
        with tempfile.TemporaryDirectory(prefix="lab-callgrind-") as folder:
            small = self.simulate(batch, self._geometry.l2, Path(folder) / "l2")
            large = self.simulate(batch, self._geometry.ll, Path(folder) / "ll")
        for job in batch:
            yield from self._rows(job, *small[job.case.id, job.arm.name], *large[job.case.id, job.arm.name])

    def stop(self) -> None:
        """Kill the simulations."""
        self._workers.stop()

    def simulate(
        self, batch: Sequence[Job], last: Cache, folder: Path
    ) -> dict[tuple[str, str], tuple[Answer, Mapping[str, int]]]:
        """One simulation of every job: (case, arm) -> how it went and its costs by callgrind's event name.

        A simulation that this probe has made before, for whomever, is not repeated.

        Args:
            batch: the jobs.
            last: geometry of the last level.
            folder: made here, for callgrind's dumps.
        """
        keys = {(job.case.id, job.arm.name): (str(last), *self.identity(job)) for job in batch}
        found = {name: self._made[key] for name, key in keys.items() if key in self._made}
        missing = [job for job in batch if (job.case.id, job.arm.name) not in found]
        for name, made in (self._simulate(missing, last, folder) if missing else {}).items():
            found[name] = made
            if made[0].status == "ok":
                self._made[keys[name]] = made
        return found

    def _simulate(
        self, batch: Sequence[Job], last: Cache, folder: Path
    ) -> dict[tuple[str, str], tuple[Answer, Mapping[str, int]]]:
        folder.mkdir()
        request = CountRequest(
            native=self._native,
            workers=self._workers,
            options=("--apart",),
            most_iterations=self._most_iterations,
            wrapper=(
                self._valgrind,
                "--tool=callgrind",
                "--quiet",
                "--cache-sim=yes",
                "--collect-atstart=no",
                "--toggle-collect=lp_region",
                "--dump-after=lp_region",
                f"--I1={self._geometry.i1}",
                f"--D1={self._geometry.d1}",
                f"--LL={last}",
                f"--callgrind-out-file={folder}/%p",
            ),
            idle_timeout_s=IDLE_TIMEOUT_S,
        )
        found: dict[tuple[str, str], tuple[Answer, Mapping[str, int]]] = {}
        for job, answer in count_jobs(request, batch):
            found[job.case.id, job.arm.name] = _with_costs(answer, folder)
        return found

    def _rows(
        self, job: Job, answer: Answer, l2: Mapping[str, int], ll_answer: Answer, ll: Mapping[str, int]
    ) -> Iterator[Measurement]:
        bad = next((found for found in (answer, ll_answer) if found.status != "ok"), None)
        if bad is not None:
            yield from refused(job, self.metrics, self.provenance, bad)
            return
        values = (l2["Ir"], l2["D1mr"] + l2["D1mw"], last_misses(l2), last_misses(ll))
        for metric, value in zip(self.metrics, values, strict=True):
            yield row(job, metric, value, self.provenance, iterations=answer.iterations, items=answer.items)


def _with_costs(answer: Answer, folder: Path) -> tuple[Answer, Mapping[str, int]]:
    """The answer and the costs of its dump; a failed answer where there is no dump."""
    if answer.status != "ok":
        return answer, {}
    if answer.threads > 1:
        why = f"callgrind collects one thread and the kernel ran {answer.threads}; look at a single-threaded case"
        return Answer(id=answer.id, status="unsupported", reason=why), {}
    try:
        return answer, read_costs((folder / f"{answer.pid}.1").read_text())
    except (OSError, ProbeUnavailable) as error:
        return Answer(id=answer.id, status="failed", reason=f"callgrind left no usable dump: {error}"), {}


def last_misses(costs: Mapping[str, int]) -> int:
    """Reads and writes that missed the last simulated level."""
    return costs["DLmr"] + costs["DLmw"]


def read_costs(text: str) -> dict[str, int]:
    """The summed costs of one callgrind dump, by event name ("Ir", "D1mr", "DLmw" ...).

    Callgrind leaves out trailing zeros of a cost line; they are zeros here.

    Raises:
        ProbeUnavailable: the text is not a dump, or holds no cache simulation.
    """
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key in ("events", "summary", "totals"):
            fields[key] = value.split()
    names = fields.get("events", [])
    costs = [int(cost) for cost in fields.get("totals") or fields.get("summary") or []]
    if not {"Ir", "D1mr", "D1mw", "DLmr", "DLmw"} <= set(names) or not costs:
        raise ProbeUnavailable("not a callgrind dump with cache simulation; is this Valgrind 3.15 or later?")
    return dict(zip(names, costs + [0] * (len(names) - len(costs)), strict=True))
