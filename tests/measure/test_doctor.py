"""What `lab doctor` says: every check has a state, and what is not ok has a remedy or a reason."""

from collections import namedtuple
from pathlib import Path

import pytest

from lab.core.errors import EnvironmentFailure
from lab.measure import doctor, facts
from lab.measure.counting import Event
from lab.measure.machine import Machine
from lab.measure.native import find_native
from lab.measure.quiet import Quiet
from lab.measure.sweep import WorkingSet

PYPERF = """Show the system configuration

System state
============

CPU: use 2 logical CPUs: 0-1
ASLR: Full randomization

Advices
=======

Linux scheduler: Use isolcpus=<cpu list> kernel parameter to isolate CPUs

Warnings
========

Turbo Boost (MSR): Failed to read MSR 0x1a0 from /dev/cpu/0/msr: [Errno 2] No such file or directory

Run "python -m pyperf system tune" to tune the system configuration to run benchmarks
"""


def states(checks: object) -> dict[str, str]:
    return {check.name: check.state for check in checks}  # type: ignore[attr-defined]


def test_pyperf_sections_are_told_apart() -> None:
    """State, advice and warnings; neither headings nor the closing sentence are findings."""
    assert doctor.parse_pyperf(PYPERF) == {
        "System state": ["CPU: use 2 logical CPUs: 0-1", "ASLR: Full randomization"],
        "Advices": ["Linux scheduler: Use isolcpus=<cpu list> kernel parameter to isolate CPUs"],
        "Warnings": [
            "Turbo Boost (MSR): Failed to read MSR 0x1a0 from /dev/cpu/0/msr: [Errno 2] No such file or directory"
        ],
    }


def test_a_missing_pyperf_is_unavailable() -> None:
    """An interpreter that does not run it is told with the remedy."""
    (check,) = doctor.check_pyperf("false")
    assert (check.state, check.remedy) == ("unavailable", "pip install pyperf")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"memory.huge_pages": "madvise", "system.clock": "tsc"}, {"huge pages": "ok", "clock source": "ok"}),
        (
            {"memory.huge_pages": "never", "system.clock": "hpet"},
            {"huge pages": "unavailable", "clock source": "warning"},
        ),
        ({}, {"huge pages": "unavailable", "clock source": "ok"}),
    ],
)
def test_the_system_is_judged_by_its_facts(known: dict[str, str], expected: dict[str, str]) -> None:
    """Huge pages that are off cannot be measured; a slow clock only warns."""
    found = states(doctor.check_system(known))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(("free", "state"), [(1 << 20, "warning"), (1 << 40, "ok")])
def test_a_full_disk_and_little_memory_warn(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    """Both need a gibibyte."""
    monkeypatch.setattr("shutil.disk_usage", lambda _place: namedtuple("Usage", "free")(free))
    monkeypatch.setattr("psutil.virtual_memory", lambda: namedtuple("Memory", "available")(free))
    found = states(doctor.check_room(Path("/nowhere/at/all")))
    assert (found["disk"], found["memory"]) == (state, state)


@pytest.mark.parametrize(("load", "state"), [(0.0, "ok"), (99.0, "warning")])
def test_a_busy_machine_warns(monkeypatch: pytest.MonkeyPatch, load: float, state: str) -> None:
    """Other load disturbs the clock."""
    monkeypatch.setattr("os.getloadavg", lambda: (load, load, load))
    assert states(doctor.check_room(Path("/")))["load"] == state


def test_missing_tools_are_unavailable_with_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each tool would give is said."""
    monkeypatch.setattr(
        facts, "read_tools", lambda: {"tool.valgrind": "not installed", "tool.heaptrack": "heaptrack 1.4"}
    )
    found = {check.name: check for check in doctor.check_tools()}
    assert (found["valgrind"].state, found["heaptrack"].state) == ("unavailable", "ok")
    assert "apt-get install valgrind" in found["valgrind"].remedy
    assert "cache simulation" in found["valgrind"].message


def an_event(name: str, hardware: bool, state: str, error: int = 0) -> Event:
    return Event(name, "count", hardware, False, state, error, 0, 0, 0)


def test_counters_are_summed_up_by_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hardware counter is unavailable, some software counters missing is a warning, with what would help."""
    found = [
        an_event("cycles", True, "unsupported", 2),
        an_event("page_faults", False, "ok"),
        an_event("context_switches", False, "kernel_excluded"),
    ]
    monkeypatch.setattr(doctor, "probe_events", lambda _native: found)
    checks = {check.name: check for check in doctor.check_events()}
    assert checks["hardware counters"].state == "unavailable"
    assert "bare metal" in checks["hardware counters"].remedy
    assert checks["software counters"].state == "warning"
    assert "context_switches" in checks["software counters"].message
    assert "CAP_PERFMON" in checks["software counters"].remedy


def test_a_machine_without_the_native_part_is_told_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor works where nothing else does."""

    def nothing() -> None:
        raise EnvironmentFailure("not installed")

    monkeypatch.setattr(doctor, "find_native", nothing)
    assert states(doctor.check_native()) == {"native part": "unavailable"}
    assert states(doctor.check_events()) == {"perf events": "unavailable"}


def test_levels_without_a_working_set_warn_with_the_reason() -> None:
    """What was measured is ok, what could not be told apart says why."""
    machine = Machine(
        {"level.L1.ns": "1.08", "level.L1.bytes": "32768"}, (WorkingSet("L1", 16384),), 2, {"L3": "no step"}
    )
    found = {check.name: check for check in doctor.check_levels(machine)}
    assert found["level L1"].message == "holds 32 KiB, 1.08 ns a load; working set 16 KiB"
    assert (found["level L3"].state, found["level L3"].message) == ("warning", "no step")


def test_a_full_examination_has_a_remedy_for_what_is_unavailable(tmp_path: Path) -> None:
    """On this machine every check has a state, and what cannot be had says what would help."""
    checks = doctor.examine(tmp_path)
    assert {"native part", "C compiler", "valgrind", "disk", "NUMA"} <= set(states(checks))
    assert [check.name for check in checks if check.state == "unavailable" and not check.remedy] == []


def processors(**known: str) -> dict[str, doctor.Check]:
    named = {f"cpu.{name}": value for name, value in known.items()}
    return {check.name: check for check in doctor.check_processors(named)}


def test_a_quota_below_one_processor_says_what_it_costs() -> None:
    """Throttled periods and the time that a verdict takes are in the message, the way out in the remedy."""
    found = processors(usable="2", quota="0.2", throttled="957 of 961")["quota"]
    assert found.state == "warning"
    expected = "a quota of 20 % of a processor: 957 of 961 periods throttled; verdicts take about 5 times as long"
    assert found.message == expected
    assert "whole processor" in found.remedy


@pytest.mark.parametrize("quota", ["1", "1.5", "4"])
def test_a_quota_of_a_processor_or_more_is_enough(quota: str) -> None:
    """What is timed runs on one."""
    assert processors(usable="2", quota=quota, throttled="0 of 9")["quota"].state == "ok"


def test_one_processor_and_a_greedy_hypervisor_warn() -> None:
    """Neither hides a machine that has neither trouble."""
    found = processors(usable="1", stolen_share="0.08")
    assert (found["processors"].state, found["stolen time"].state) == ("warning", "warning")
    assert "8.0%" in found["stolen time"].message
    assert states(processors(usable="2", stolen_share="0.001").values()) == {"processors": "ok"}


@pytest.mark.parametrize(
    ("quiet", "state", "said"),
    [
        (Quiet(1000, 0.01, 1.0, 0.005, 0.0, 0, 0), "ok", "in 1% of 1000 passes"),
        (Quiet(1000, 0.5, 1.0, 0.005, 0.0, 0, 0), "warning", "verdicts take about 4 times as long"),
        (Quiet(1000, 0.0, 1.0, 0.005, 0.0, 9, 10), "warning", "9 of 10 periods throttled"),
        (Quiet(1000, 0.0, 1.0, 0.2, 0.0, 0, 0), "warning", "spreads by 20.0%"),
    ],
)
def test_a_machine_that_is_not_quiet_says_what_it_costs(quiet: Quiet, state: str, said: str) -> None:
    """Interruptions, throttling and a changing frequency."""
    (found,) = doctor.check_quiet(quiet)
    assert found.state == state
    assert said in found.message


def test_the_clocks_own_cost_is_measured() -> None:
    """A system call takes more than no time."""
    native = find_native()
    assert 0 < doctor.ask_states(native).look_ns < 1_000_000
    (found,) = doctor.check_cost(native, 1e-3)
    assert found.name == "overhead"
