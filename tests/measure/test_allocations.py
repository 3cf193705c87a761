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
    assert {name: row.value for name, row in found.items() if not name.startswith("peak_")} == {
        "allocations": 200, "frees": 200, "allocated_bytes": 102_400, "maps": 0,
    }  # fmt: skip
    requested, reserved = found["peak_requested_bytes"].value, found["peak_live_bytes"].value
    assert requested is not None
    assert reserved is not None
    assert 4096 + 1024 <= requested <= 4096 + 1024 + 64, "working set, one pair and the kernel's own state"
    assert requested <= reserved <= requested + 128
    assert (found["allocations"].items, found["peak_live_bytes"].items) == (100, 0)
    assert {row.provenance for row in found.values()} == {"traced"}


def test_mappings_count_as_reserved(native: Native) -> None:
    """Memory that a kernel maps for itself is in the peak, and its calls are told apart from the allocator's."""
    if native.interposer is None:
        assert AllocationsProbe(native).unavailable() is not None
        return
    found = values(native, "map", bytes=1 << 20)
    mapped = found["peak_live_bytes"].value
    requested = found["peak_requested_bytes"].value
    assert mapped is not None
    assert requested is not None
    assert mapped >= requested + (1 << 20), "the mapping of the pass beside the working set"
    assert mapped < requested + (1 << 20) + 8192, "given back before it is mapped again"
    assert found["maps"].value == (1 << 20) // 64


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
