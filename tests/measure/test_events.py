"""Performance counters: each state has its own words, and none of them is a zero."""

import sys
from pathlib import Path

import pytest

from lab.core.schema import Measurement
from lab.measure.counting import Event
from lab.measure.events import EVENTS, EventsProbe, read_paranoid, scaled, why_not
from lab.measure.native import Native
from tests.measure.conftest import job


def event(state: str = "ok", **changes: object) -> Event:
    fields: dict[str, object] = {
        "name": "cycles", "unit": "count", "hardware": True, "kernel": False, "state": state, "error": 0,
        "value": 1000, "enabled_ns": 100, "running_ns": 100,
    }  # fmt: skip
    return Event(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_counted_event_needs_no_reason() -> None:
    """State ok has no reason and its own value."""
    assert why_not(event(), 2) is None
    assert scaled(event()) == (1000.0, "")


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (event("unsupported", error=2), ["ENOENT", "virtual", "bare metal"]),
        (event("forbidden", error=13), ["EACCES", "perf_event_paranoid is 3", "sysctl"]),
        (event("forbidden", error=1), ["EPERM", "CAP_PERFMON", "container"]),
        (event("not_scheduled"), ["no hardware counter was free"]),
        (event("kernel_excluded", name="context_switches", hardware=False), ["would read 0", "sysctl"]),
        (event("no_system", error=38), ["Linux"]),
        (event("failed", error=24), ["EMFILE", "lab doctor"]),
    ],
)
def test_every_missing_counter_says_why_and_what_would_help(seen: Event, words: list[str]) -> None:
    """The reason names the error and the remedy."""
    reason = why_not(seen, 3)
    assert reason is not None
    assert [word for word in words if word not in reason] == []


def test_a_multiplexed_counter_is_scaled_and_says_so() -> None:
    """A counter that ran for a quarter of the time is extrapolated."""
    value, note = scaled(event(running_ns=25))
    assert (value, note) == (4000.0, "counted 25% of the time and scaled")


def test_a_missing_paranoid_file_is_none(tmp_path: Path) -> None:
    """A kernel without the setting has no level."""
    (tmp_path / "level").write_text("2\n")
    assert read_paranoid(tmp_path / "level") == 2
    assert read_paranoid(tmp_path / "absent") is None


def test_every_counter_has_a_row_with_a_value_or_a_reason(native: Native) -> None:
    """On this machine each counter is measured or explained."""
    probe = EventsProbe(native)
    if probe.unavailable() is not None:
        assert sys.platform != "linux"
        return
    rows = [row for row in probe.measure([job("sum"), job("crash")], Path("unused")) if isinstance(row, Measurement)]
    good = {row.metric: row for row in rows if row.case.endswith("=sum")}
    assert set(good) == {metric.name for metric in EVENTS.values()}
    for row in good.values():
        assert (row.status == "ok") == (row.value is not None)
        assert row.status == "ok" or (row.status == "unavailable" and row.reason)
        assert row.provenance in ("pmu", "kernel")
    assert good["task_clock"].unit == "s"
    assert {row.status for row in rows if row.case.endswith("=crash")} == {"failed"}
