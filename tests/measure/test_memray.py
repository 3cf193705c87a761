"""Traces by memray: figures, a page that opens offline, reasons where there is none."""

import importlib.util
from pathlib import Path

import pytest

from lab.core.schema import Artifact, Measurement
from lab.measure.memray import MemrayProbe, page_name
from lab.measure.native import Native
from tests.measure.conftest import job


def test_a_trace_has_figures_and_a_page(native: Native, tmp_path: Path) -> None:
    """The kernel's 200 allocations are seen with setup's, and the flame graph loads nothing from elsewhere."""
    probe = MemrayProbe(native)
    if probe.unavailable() is not None:
        assert importlib.util.find_spec("memray") is None
        return
    found = list(probe.measure([job("allocate", bytes=1 << 20)], tmp_path / "artifacts"))
    rows = {row.metric: row for row in found if isinstance(row, Measurement)}
    assert [row.reason for row in rows.values()] == ["", ""]
    made, peak = rows["traced_allocations"].value, rows["traced_peak_bytes"].value
    assert made is not None
    assert peak is not None
    assert 202 <= made < 230, "the pass, the kernel's state, its working set, and a few of the interpreter's own"
    assert 1 << 20 <= peak < (1 << 20) + (1 << 16)
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
    """Nothing is drawn, and both figures carry the reason."""
    probe = MemrayProbe(native)
    if probe.unavailable() is not None:
        assert importlib.util.find_spec("memray") is None
        return
    found = list(probe.measure([job(kernel)], tmp_path))
    assert [row.status for row in found if isinstance(row, Measurement)] == [status, status]
    assert all(words in row.reason for row in found if isinstance(row, Measurement))
    assert not [one for one in found if isinstance(one, Artifact)]


def test_without_memray_the_probe_says_how_to_get_it(native: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names the package."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert "pip install memray" in str(MemrayProbe(native).unavailable())


def test_a_worker_that_does_not_start_is_a_failure(native: Native, tmp_path: Path) -> None:
    """An interpreter that ends at once leaves rows with its exit code."""
    (first, _) = MemrayProbe(native, python="false").measure([job("sum")], tmp_path)
    assert isinstance(first, Measurement)
    assert (first.status, first.value) == ("failed", None)
    assert "exit code 1" in first.reason


def test_page_names_are_short_and_differ() -> None:
    """Long and similar cases still have files of their own."""
    one, two = (page_name(job("sum", arm="x" * 300 + end)) for end in "ab")
    assert one != two
    assert len(one) < 160
    assert one.isascii()
