"""Resident memory and faults of a process of its own."""

import sys
from pathlib import Path

from lab.core.schema import Measurement
from lab.measure.native import Native
from lab.measure.resident import ResidentProbe
from tests.measure.conftest import job

MIB = 1 << 20
SLACK = MIB  # the kernel folds resident counts in batches


def test_the_peak_covers_what_setup_touched(native: Native) -> None:
    """A working set of 32 MiB is resident, in every replicate."""
    probe = ResidentProbe(native, replicates=3)
    if probe.unavailable() is not None:
        assert sys.platform != "linux"
        return
    rows = [row for row in probe.measure([job("sum", bytes=32 * MIB)], Path("unused")) if isinstance(row, Measurement)]
    peaks = [row for row in rows if row.metric == "resident_peak_bytes"]
    assert [row.replicate for row in peaks] == [0, 1, 2]
    assert all(row.value is not None and 32 * MIB - SLACK < row.value < 32 * MIB + 2 * SLACK for row in peaks)
    assert {row.provenance for row in rows} == {"kernel"}
    faults = [row.value for row in rows if row.metric == "minor_faults"]
    assert all(count is not None and count < 100 for count in faults), "the memory was touched before the pass"


def test_a_broken_job_is_tried_once_and_the_others_go_on(native: Native) -> None:
    """A crash leaves one row per metric and does not stop the replicates of other jobs."""
    probe = ResidentProbe(native, replicates=2)
    if probe.unavailable() is not None:
        assert sys.platform != "linux"
        return
    rows = [row for row in probe.measure([job("crash"), job("sum")], Path("unused")) if isinstance(row, Measurement)]
    assert sum(row.status == "failed" for row in rows) == 3
    assert sum(row.status == "ok" for row in rows) == 6
