"""Cache simulation: exact figures under an explicit geometry, reasons where there are none."""

import shutil
from pathlib import Path

import pytest

from lab.core.errors import ProbeUnavailable
from lab.core.schema import Measurement
from lab.measure.callgrind import FIXED_GEOMETRY, Cache, CallgrindProbe, Geometry, read_costs
from lab.measure.native import Native
from tests.measure.conftest import job

DUMP = """# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 8826
part: 1

desc: D1 cache: 32768 B, 64 B, 8-way associative
desc: Trigger: --dump-after=lp_region

positions: line
events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw
summary: 14378 3082 10 0 1026 1

fn=(844)
132 6
totals: 14378 3082 10 0 1026 1
"""
# 64 KiB in lines of 64 bytes: twice the first level, so every load misses it and none the second.
SMALL = Geometry(
    i1=Cache(32 << 10, 8, 64), d1=Cache(32 << 10, 8, 64), l2=Cache(512 << 10, 8, 64), ll=Cache(4 << 20, 16, 64)
)


def values(probe: CallgrindProbe, *jobs: object) -> dict[tuple[str, str], Measurement]:
    rows = list(probe.measure(list(jobs), Path("unused")))  # type: ignore[arg-type]
    return {(row.case.rpartition("=")[2], row.metric): row for row in rows if isinstance(row, Measurement)}


def test_trailing_zeros_that_callgrind_leaves_out_are_zeros() -> None:
    """A cost line may be shorter than the list of events."""
    costs = read_costs(DUMP)
    assert costs == {
        "Ir": 14378, "Dr": 3082, "Dw": 10, "I1mr": 0, "D1mr": 1026, "D1mw": 1, "ILmr": 0, "DLmr": 0, "DLmw": 0,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "events: Ir\ntotals: 5\n", "events: Ir Dr D1mr D1mw DLmr DLmw\n"])
def test_what_is_no_simulated_dump_is_refused(text: str) -> None:
    """Missing events or costs are an error, never zeros."""
    with pytest.raises(ProbeUnavailable, match="not a callgrind dump"):
        read_costs(text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [((32 << 10, 8), 32 << 10), ((4 << 20, 16), 4 << 20), ((5 << 20, 16), 4 << 20), ((33 << 20, 11), 22 << 20)],
)
def test_a_fitted_cache_has_a_power_of_two_of_sets(given: tuple[int, int], expected: int) -> None:
    """Callgrind simulates only such caches: the size is rounded down."""
    assert Cache.fitted(*given, 64).bytes == expected


def test_without_valgrind_the_probe_says_how_to_get_it(native: Native) -> None:
    """The reason names the remedy."""
    probe = CallgrindProbe(native, FIXED_GEOMETRY, valgrind="")
    assert "apt-get install valgrind" in str(probe.unavailable())


def test_batches_keep_every_job_in_order(native: Native) -> None:
    """No job is lost between two batches, however small they have to be."""
    jobs = [job(kernel) for kernel in ("sum", "walk", "write", "threads", "wait")]
    batches = CallgrindProbe(native, FIXED_GEOMETRY, batch_jobs=2).batches(jobs)
    assert [len(batch) for batch in batches] == [2, 2, 1]
    alone = CallgrindProbe(native, FIXED_GEOMETRY, batch_jobs=1).batches(jobs)
    assert [len(batch) for batch in alone] == [1] * 5
    assert [one for batch in alone for one in batch] == jobs
    assert [one for batch in batches for one in batch] == jobs


def test_a_tool_that_does_not_work_is_a_failure_of_every_job(native: Native) -> None:
    """A Valgrind that ends at once leaves rows that say so, and no figure."""
    found = values(CallgrindProbe(native, FIXED_GEOMETRY, valgrind=shutil.which("false") or "false"), job("sum"))
    assert {row.status for row in found.values()} == {"failed"}
    assert all("ended with exit code 1" in row.reason and row.value is None for row in found.values())


def test_misses_follow_the_geometry(native: Native) -> None:
    """Where Valgrind is installed the simulated caches behave as drawn, otherwise the probe says why not."""
    probe = CallgrindProbe(native, SMALL)
    reason = probe.unavailable()
    if reason is not None:
        assert shutil.which("valgrind") is None
        return
    found = values(
        probe, job("sum", bytes=64 << 10), job("crash"), job("ledger", bytes=1 << 20), job("thread"), job("refuse")
    )
    lines = (64 << 10) // 64
    assert found["sum", "d1_misses"].value == pytest.approx(lines, abs=8)
    assert found["sum", "l2_misses"].value == found["sum", "ll_misses"].value == 0
    assert found["ledger", "l2_misses"].value == pytest.approx((1 << 20) // 64, abs=8)
    assert found["ledger", "ll_misses"].value == 0
    assert found["sum", "instructions"].provenance == "simulated"
    assert found["sum", "instructions"].items == lines
    assert found["crash", "instructions"].status == "failed"
    assert "Segmentation" in found["crash", "instructions"].reason
    assert found["refuse", "instructions"].status == "unavailable"
    assert found["thread", "instructions"].status == "unavailable"
    assert "the kernel ran 2" in found["thread", "instructions"].reason


def test_counts_are_bit_exact_and_do_not_depend_on_the_batch(native: Native) -> None:
    """The same job gives the same instructions and misses, alone or after others."""
    probe = CallgrindProbe(native, SMALL)
    if probe.unavailable() is not None:
        assert shutil.which("valgrind") is None
        return
    together = values(probe, job("allocate"), job("sum", bytes=1 << 20))
    again = values(probe, job("allocate"), job("sum", bytes=1 << 20))
    alone = values(probe, job("sum", bytes=1 << 20))
    assert {key: row.value for key, row in again.items()} == {key: row.value for key, row in together.items()}
    assert alone["sum", "instructions"].value == together["sum", "instructions"].value


def test_doubling_the_work_doubles_the_instructions(native: Native) -> None:
    """What is counted is the pass and nothing around it."""
    probe = CallgrindProbe(native, SMALL)
    if probe.unavailable() is not None:
        assert shutil.which("valgrind") is None
        return
    one = values(probe, job("sum", bytes=64 << 10))["sum", "instructions"].value
    two = values(probe, job("sum", bytes=128 << 10))["sum", "instructions"].value
    assert one is not None
    assert two is not None
    assert two / one == pytest.approx(2, rel=0.01)
