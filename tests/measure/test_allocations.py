"""The allocation counter counts exactly what a kernel is known to do."""

from dataclasses import replace
from pathlib import Path

from lab.core.schema import Measurement
from lab.measure.allocations import AllocationsProbe
from lab.measure.native import Native
from tests.measure.conftest import job


def values(native: Native, kernel: str, **args: object) -> dict[str, Measurement]:
    rows = AllocationsProbe(native).measure([job(kernel, **args)], Path("unused"))
    return {row.metric: row for row in rows if isinstance(row, Measurement)}


def test_calls_bytes_and_peak_are_exact(native: Native) -> None:
    """A hundred pairs of 1000 and 24 bytes are 200 allocations, 200 frees, 102 400 bytes."""
    if AllocationsProbe(native).unavailable() is not None:
        assert native.interposer is None
        return
    found = values(native, "allocate", bytes=4096)
    assert {name: row.value for name, row in found.items() if name != "peak_usable_bytes" and name != "peak_live_bytes"} == {
        "allocations": 200, "frees": 200, "allocated_bytes": 102_400, "maps": 0,
    }  # fmt: skip
    peak, usable = found["peak_live_bytes"].value, found["peak_usable_bytes"].value
    assert peak is not None
    assert usable is not None
    assert 4096 + 1024 <= peak <= 4096 + 1024 + 64, "working set, one pair and the kernel's own state"
    assert peak <= usable
    assert (found["allocations"].items, found["peak_live_bytes"].items) == (100, 0)
    assert {row.provenance for row in found.values()} == {"traced"}


def test_a_kernel_that_allocates_nothing_has_zero(native: Native) -> None:
    """A true zero is a figure."""
    if native.interposer is None:
        assert AllocationsProbe(native).unavailable() is not None
        return
    assert values(native, "sum")["allocations"].value == 0


def test_the_kernels_ledger_comes_along(native: Native) -> None:
    """What the kernel counts itself is a row of provenance ledger."""
    if native.interposer is None:
        assert AllocationsProbe(native).unavailable() is not None
        return
    ledger = values(native, "ledger")["copied_bytes"]
    assert (ledger.value, ledger.unit, ledger.probe, ledger.provenance) == (640.0, "B", "ledger", "ledger")


def test_without_the_counter_the_probe_says_why(native: Native) -> None:
    """A platform without the preloaded library has a reason."""
    assert "lab-interpose.so" in str(AllocationsProbe(replace(native, interposer=None)).unavailable())


def test_a_library_that_is_not_loaded_is_a_failure(native: Native, tmp_path: Path) -> None:
    """If the loader ignores the preload nothing is taken for zero."""
    found = values(replace(native, interposer=tmp_path / "absent.so"), "sum")
    assert {row.status for row in found.values()} == {"failed"}
    assert all("was not loaded" in row.reason for row in found.values())
