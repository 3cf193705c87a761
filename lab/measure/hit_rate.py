"""The hit rate of the last level, simulated: which part of the accesses that miss the L2 the L3 serves.

    rate = 1 - misses of a last level like the L3 / misses of a last level like the L2

from simulations that differ in the last level alone. A virtual machine shares its L3 and sees only a part of what the
system names, so the rate is simulated at the size that was found by measuring and at the size that the system names:
the truth lies between the two. A rate hides how often the L3 is asked at all: where the easy hits vanish it falls while
everything improves, so read it beside the misses.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.measure.callgrind import Cache, CallgrindProbe, Geometry, last_misses
from lab.measure.counting import Answer, refused
from lab.measure.probe import Job, absent, row

NAME = "hit_rate"
EFFECTIVE = Metric(
    "l3_hit_rate", "fraction", "L3 hit rate at its effective size (simulated)", NAME, exact=True, more_is_better=True
)
NOMINAL = Metric(
    "l3_hit_rate_nominal", "fraction", "L3 hit rate at its nominal size (simulated)", NAME, exact=True,
    more_is_better=True,
)  # fmt: skip

Found = tuple[Answer, Mapping[str, int]]


class HitRateProbe:
    """See the module.

    Args:
        callgrind: makes the simulations, and has made some of them for itself.
        geometry: of the machine, the last level at its effective size.
        nominal: the last level as the system names it; None where it names none.
    """

    name = NAME
    metrics: tuple[Metric, ...] = (EFFECTIVE, NOMINAL)
    provenance: Provenance = "simulated"
    deterministic = True

    def __init__(self, callgrind: CallgrindProbe, geometry: Geometry, nominal: Cache | None) -> None:
        self._geometry = geometry
        self._nominal = nominal
        self._callgrind = callgrind

    def unavailable(self) -> str | None:
        """Why there is no simulation here."""
        return self._callgrind.unavailable()

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """As callgrind's."""
        return self._callgrind.batches(jobs)

    def identity(self, job: Job) -> Sequence[str]:
        """What its figures depend on."""
        return [self.name, str(self._nominal), *self._callgrind.identity(job)]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """Up to three simulations of every job."""
        del artifacts
        with tempfile.TemporaryDirectory(prefix="lab-hit-rate-") as name:
            folder = Path(name)
            l2 = self._callgrind.simulate(batch, self._geometry.l2, folder / "l2")
            levels = [(EFFECTIVE, self._callgrind.simulate(batch, self._geometry.ll, folder / "effective"))]
            if self._nominal is not None:
                levels.append((NOMINAL, self._callgrind.simulate(batch, self._nominal, folder / "nominal")))
        for job in batch:
            key = job.case.id, job.arm.name
            for metric, found in levels:
                yield from _rate(job, metric, l2[key], found[key])
            if self._nominal is None:
                yield absent(job, NOMINAL, self.provenance, "the system names no third level", "unavailable")

    def stop(self) -> None:
        """Kill the simulations."""
        self._callgrind.stop()


def _rate(job: Job, metric: Metric, l2: Found, last: Found) -> Iterator[Measurement]:
    bad = next((answer for answer, _ in (l2, last) if answer.status != "ok"), None)
    if bad is not None:
        yield from refused(job, (metric,), HitRateProbe.provenance, bad)
        return
    asked = last_misses(l2[1])
    if not asked:
        yield absent(
            job, metric, HitRateProbe.provenance, "nothing missed the L2, so the L3 was not asked", "unavailable"
        )
        return
    yield row(job, metric, 1 - last_misses(last[1]) / asked, HitRateProbe.provenance, iterations=l2[0].iterations)
