"""Traces by memray: figures, a page that opens offline, reasons where there is none."""

import importlib.util
from pathlib import Path

import pytest

from lab.core.schema import Artifact, Measurement
from lab.measure.memray import MemrayProbe, page_name
from lab.measure.native import Native
from tests.measure.conftest import job


def test_a_trace_has_figures_and_a_page(native: Native, tmp_path: Path) -> None:
    """The kernel's 200 allocations are seen with setup's two, and the flame graph loads nothing from elsewhere."""
    probe = MemrayProbe(native)
    if probe.unavailable() is not None:
        assert importlib.util.find_spec("memray") is None
        return
    found = list(probe.measure([job("allocate", bytes=1 << 20)], tmp_path / "artifacts"))
    rows = {row.metric: row for row in found if isinstance(row, Measurement)}
    assert {row.reason for row in rows.values()} == {""}
    values = {metric: row.value for metric, row in rows.items()}
    state = values["traced_setup_bytes"] - (1 << 20)
    assert 0 < state < 64, "of the kernel's state, beside its working set"
    assert values == {
        "traced_setup_allocations": 2,
        "traced_setup_bytes": state + (1 << 20),
        "traced_setup_kept_bytes": state + (1 << 20),
        "traced_allocations": 202,
        "traced_allocated_bytes": state + (1 << 20) + 100 * 1024,
        "traced_peak_bytes": state + (1 << 20) + 1024,
        "traced_aligned_blocks": 0,
        "traced_peak_aligned_blocks": 0,
    }
    (artifact,) = [one for one in found if isinstance(one, Artifact)]
    page = (tmp_path / artifact.path).read_text()
    assert "kernels.c" in page, "native frames have their source"
    assert 'src="http' not in page
    assert '<link href="http' not in page
    assert [path.name for path in (tmp_path / "artifacts").iterdir()] == [page_name(job("allocate"))]


@pytest.mark.parametrize(
    ("kernel", "status", "words"),
    [("refuse", "unavailable", "another kind"), ("absent", "failed", "no kernel"), ("crash", "failed", "signal 11")],
)
def test_a_job_that_cannot_be_traced_says_why(
    native: Native, tmp_path: Path, kernel: str, status: str, words: str
) -> None:
    """Nothing is drawn, and all figures carry the reason."""
    probe = MemrayProbe(native)
    if probe.unavailable() is not None:
        assert importlib.util.find_spec("memray") is None
        return
    found = list(probe.measure([job(kernel)], tmp_path))
    assert [row.status for row in found if isinstance(row, Measurement)] == [status] * len(MemrayProbe.metrics)
    assert all(words in row.reason for row in found if isinstance(row, Measurement))
    assert not [one for one in found if isinstance(one, Artifact)]


def test_without_memray_the_probe_says_how_to_get_it(native: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names the package."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert "pip install memray" in str(MemrayProbe(native).unavailable())


def test_a_worker_that_does_not_start_is_a_failure(native: Native, tmp_path: Path) -> None:
    """An interpreter that ends at once leaves rows with its exit code."""
    first = next(iter(MemrayProbe(native, python="false").measure([job("sum")], tmp_path)))
    assert isinstance(first, Measurement)
    assert (first.status, first.value) == ("failed", None)
    assert "exit code 1" in first.reason


def test_page_names_are_short_and_differ() -> None:
    """Long and similar cases still have files of their own."""
    one, two = (page_name(job("sum", arm="x" * 300 + end)) for end in "ab")
    assert one != two
    assert len(one) < 160
    assert one.isascii()
