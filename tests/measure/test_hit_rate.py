"""The simulated hit rate of the last level."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lab.core.schema import Measurement
from lab.measure import callgrind
from lab.measure.callgrind import Cache, CallgrindProbe, Geometry
from lab.measure.counting import Answer, CountRequest
from lab.measure.hit_rate import HitRateProbe
from lab.measure.machine import nominal_last_level
from lab.measure.native import Native
from lab.measure.probe import Job
from tests.measure.conftest import job

KIB = 1 << 10


def cache(size: int) -> Cache:
    return Cache(size, 8, 64)


def geometry(*, effective: int) -> Geometry:
    return Geometry(i1=cache(32 * KIB), d1=cache(8 * KIB), l2=cache(64 * KIB), ll=cache(effective))


def rates(native: Native, nominal: Cache | None, *, effective: int, scanned: int) -> dict[str, Measurement] | None:
    """Of a scan over so many bytes again and again; None where there is no simulator."""
    mine = geometry(effective=effective)
    probe = HitRateProbe(CallgrindProbe(native, mine), mine, nominal)
    if probe.unavailable() is not None:
        assert shutil.which("valgrind") is None
        return None
    rows = probe.measure([job("sum", bytes=scanned)], Path("unused"))
    return {row.metric: row for row in rows if isinstance(row, Measurement)}


def test_band_spans_the_effective_and_the_nominal_size(native: Native) -> None:
    """A scan of twice the effective size always misses it, and always hits a nominal size that holds it."""
    found = rates(native, cache(1024 * KIB), effective=128 * KIB, scanned=256 * KIB)
    if found is not None:
        assert found["l3_hit_rate"].value == pytest.approx(0, abs=0.01)
        assert found["l3_hit_rate_nominal"].value == pytest.approx(1, abs=0.01)


def test_rate_of_a_level_that_is_never_asked_is_not_a_number(native: Native) -> None:
    """What fits into the L2 says nothing of the L3."""
    found = rates(native, None, effective=128 * KIB, scanned=32 * KIB)
    if found is not None:
        assert found["l3_hit_rate"].status == "unavailable"
        assert "the L3 was not asked" in found["l3_hit_rate"].reason
        assert found["l3_hit_rate_nominal"].reason == "the system names no third level"


def test_kernel_that_fails_has_no_rate(native: Native) -> None:
    """The reason is the driver's."""
    mine = geometry(effective=128 * KIB)
    probe = HitRateProbe(CallgrindProbe(native, mine), mine, None)
    if probe.unavailable() is None:
        rows = [row for row in probe.measure([job("crash")], Path("unused")) if isinstance(row, Measurement)]
        assert next((row.metric, row.status) for row in rows) == ("l3_hit_rate", "failed")


def test_nominal_level_is_what_the_system_says() -> None:
    """Rounded down to a power of two of sets; without a third level there is none."""
    assert nominal_last_level({"cache.L3": f"{33 << 20},11,64"}) == Cache(22 << 20, 11, 64)
    assert nominal_last_level({"cache.L2": f"{1 << 20},16,64"}) is None


def test_a_simulation_is_made_once_for_all_that_ask(native: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    """Misses and hit rate need the same two simulations; the rate adds that of the nominal size."""
    made: list[str] = []

    def count_jobs(request: CountRequest, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
        options = dict(word.partition("=")[::2] for word in request.wrapper)
        made.append(options["--LL"])
        for number, one in enumerate(jobs):
            dump = Path(options["--callgrind-out-file"]).with_name(f"{number}.1")
            dump.write_text("events: Ir D1mr D1mw DLmr DLmw\ntotals: 9 4 0 2 0\n")
            yield one, Answer(id="0", status="ok", pid=number, iterations=1)

    monkeypatch.setattr(callgrind, "count_jobs", count_jobs)
    mine = geometry(effective=128 * KIB)
    simulation = CallgrindProbe(native, mine, valgrind="")
    list(simulation.measure([job("sum")], Path("unused")))
    list(HitRateProbe(simulation, mine, cache(1024 * KIB)).measure([job("sum")], Path("unused")))
    assert made == [str(cache(64 * KIB)), str(cache(128 * KIB)), str(cache(1024 * KIB))]
