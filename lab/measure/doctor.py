"""What this machine can and cannot measure, and what would help: the checks behind `lab doctor`."""

import importlib.util
import itertools
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from lab.core.errors import EnvironmentFailure
from lab.measure import events, facts
from lab.measure.counting import Event, EventStates
from lab.measure.limits import describe_quota, read_limits
from lab.measure.machine import Machine
from lab.measure.native import Native, find_native
from lab.measure.process import run_lines
from lab.measure.quiet import Quiet

State = Literal["ok", "warning", "unavailable"]
LEAST_FREE_DISK_BYTES = 1 << 30
LEAST_FREE_MEMORY_BYTES = 1 << 30
BUSY_LOAD = 0.5  # of the processors
MOST_STOLEN = 0.01  # of the time


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `remedy` is "" where nothing needs doing."""

    name: str
    state: State
    message: str
    remedy: str = ""


def examine(folder: Path, root: Path = facts.ROOT) -> list[Check]:
    """Look at everything but the caches, which `check_levels` judges from a measured machine.

    Args:
        folder: where runs are kept.
        root: of the file system.
    """
    return [
        *check_native(),
        *check_tools(),
        *check_events(),
        *check_system(facts.read_memory(root) | facts.read_system(root)),
        *check_processors(facts.read_system(root) | read_limits(root).facts()),
        *check_room(folder),
        *check_pyperf(),
    ]


def check_native() -> Iterator[Check]:
    """The compiled parts and the compiler that would build them."""
    try:
        native = find_native()
    except EnvironmentFailure as error:
        yield Check("native part", "unavailable", str(error), "make setup")
        return
    built = facts.read_build(native)
    yield Check("native part", "ok", f"built by {built.get('build.compiler', 'an unknown compiler')}")
    if native.interposer is None:
        yield Check("allocation counter", "unavailable", "lab-interpose.so is missing (Linux only)", "make setup")
    else:
        yield Check("allocation counter", "ok", "allocations are counted by a preloaded library")
    compilers = (os.environ.get("CC") or "cc", "gcc", "clang")
    compiler = next((name for name in compilers if shutil.which(name)), None)
    if compiler:
        yield Check("C compiler", "ok", f"{compiler} is on PATH")
    else:
        yield Check("C compiler", "warning", "none on PATH: the native part cannot be rebuilt", "install gcc or clang")


def check_tools() -> Iterator[Check]:
    """Valgrind, heaptrack, memray."""
    purpose = {"valgrind": "cache simulation and the gate", "heaptrack": "a second opinion on allocations, by hand"}
    for name, version in facts.read_tools().items():
        tool = name.removeprefix("tool.")
        if version == "not installed":
            remedy = f"on Debian: apt-get install {tool}"
            yield Check(tool, "unavailable", f"not installed; it would give {purpose[tool]}", remedy)
        else:
            yield Check(tool, "ok", version)
    if importlib.util.find_spec("memray") is None:
        yield Check(
            "memray", "unavailable", "not installed; it would give flame graphs of memory", "pip install memray"
        )
    else:
        yield Check("memray", "ok", "installed")


def check_events() -> Iterator[Check]:
    """Hardware and software counters: the state of the worst of each kind."""
    try:
        found = probe_events(find_native())
    except EnvironmentFailure as error:
        yield Check("perf events", "unavailable", str(error), "make setup")
        return
    paranoid = events.read_paranoid()
    for kind, hardware in (("hardware counters", True), ("software counters", False)):
        mine = [event for event in found if event.hardware == hardware]
        reasons = {event.name: events.why_not(event, paranoid) for event in mine}
        good = [name for name, reason in reasons.items() if reason is None]
        bad = [reason for reason in reasons.values() if reason is not None]
        if not bad:
            yield Check(kind, "ok", ", ".join(good))
            continue
        what, _, remedy = bad[0].partition("; ")
        missing = ", ".join(name for name, reason in reasons.items() if reason is not None)
        yield Check(kind, "warning" if good else "unavailable", f"{missing}: {what}", remedy)


def probe_events(native: Native) -> list[Event]:
    """The state of every counter in a process that measures nothing.

    Raises:
        EnvironmentFailure: the driver does not run.
    """
    return ask_states(native).events


def ask_states(native: Native) -> EventStates:
    """What the driver says of counters and of its own cost.

    Raises:
        EnvironmentFailure: the driver does not run.
    """
    lines: list[str] = []
    outcome = run_lines(
        native.driver_command(), stdin_text="events\n", answers=True, idle_timeout_s=20.0, on_line=lines.append
    )
    if outcome.trouble is not None or not lines:
        raise EnvironmentFailure(f"lab-kernel: {outcome.trouble or 'said nothing'}; make setup")
    return msgspec.json.decode(lines[0], type=EventStates)


def check_system(known: Mapping[str, str]) -> Iterator[Check]:
    """Huge pages, clock source, NUMA."""
    huge = known.get("memory.huge_pages")
    if huge in ("always", "madvise"):
        yield Check("huge pages", "ok", f"transparent huge pages: {huge}")
    else:
        remedy = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" if huge else ""
        yield Check("huge pages", "unavailable", f"transparent huge pages: {huge or 'not in this kernel'}", remedy)
    clock = known.get("system.clock")
    if clock in (None, "tsc", "arch_sys_counter"):
        yield Check("clock source", "ok", clock or f"{sys.platform}'s own")
    else:
        remedy = "boot with clocksource=tsc where the processor's is stable"
        yield Check("clock source", "warning", f"{clock}: reading it is slow and coarse", remedy)
    nodes = known.get("numa.nodes", "1")
    yield Check("NUMA", "ok", f"{nodes} node{'s' if nodes != '1' else ''}")


def check_processors(known: Mapping[str, str]) -> Iterator[Check]:
    """How many processors there are to use, what a quota allows of them, what a hypervisor takes."""
    cpus = int(known.get("cpu.usable", "1"))
    if cpus == 1:
        said = "one: whatever else runs takes turns with what is timed, and nothing is measured side by side"
        yield Check("processors", "warning", said, "allow a second one (taskset, docker --cpuset-cpus)")
    else:
        yield Check("processors", "ok", f"{cpus} usable")
    if "cpu.quota" in known:
        quota = float(known["cpu.quota"])
        said = describe_quota(known)
        remedy = "give the container a whole processor (docker --cpus 1, no CPU limit in Kubernetes)"
        if quota < 1:
            yield Check("quota", "warning", said, remedy)
        elif quota < cpus:
            yield Check("quota", "ok", f"{said}; enough for one measurement at a time")
        else:
            yield Check("quota", "ok", said)
    stolen = float(known.get("cpu.stolen_share", "0"))
    if stolen > MOST_STOLEN:
        said = f"the hypervisor took {stolen:.1%} of all processor time since the system started"
        yield Check("stolen time", "warning", said, "measure where no neighbour shares the processors")


def check_quiet(quiet: Quiet) -> Iterator[Check]:
    """What a look of some seconds says of the machine just now."""
    said = (
        f"a fixed loop was interrupted in {quiet.interrupted:.0%} of {quiet.passes} passes, "
        f"and the middle half of the others spreads by {quiet.spread:.1%}"
    )
    if quiet.stolen > MOST_STOLEN or quiet.throttled:
        said += f"; {quiet.stolen:.1%} of the time was stolen, {quiet.throttled} of {quiet.periods} periods throttled"
    if quiet.calm:
        yield Check("quiet", "ok", said)
    else:
        remedy = "end what else is running; what is interrupted is measured again and takes time"
        yield Check("quiet", "warning", f"{said}; verdicts take about {quiet.slow_down:.2g} times as long", remedy)


def check_cost(native: Native, sample_s: float) -> Iterator[Check]:
    """What the two looks at the signs of disturbance cost that frame each sample of at least so many seconds."""
    each_ns = ask_states(native).look_ns
    share = 2 * each_ns * 1e-9 / sample_s
    said = f"telling whether a sample was interrupted costs 2 x {each_ns} ns outside it, {share:.3%} of its time"
    yield Check("overhead", "ok", said)


def check_room(folder: Path) -> Iterator[Check]:
    """Load, memory, disk."""
    cpus = os.cpu_count() or 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > BUSY_LOAD * cpus:
        yield Check("load", "warning", f"{load:.1f} on {cpus} processors", "end what else is running")
    else:
        yield Check("load", "ok", f"{load:.1f} on {cpus} processors")
    memory = psutil.virtual_memory().available
    disk = shutil.disk_usage(next(place for place in (folder, *folder.resolve().parents) if place.exists())).free
    for name, free, least in (
        ("memory", memory, LEAST_FREE_MEMORY_BYTES),
        ("disk", disk, LEAST_FREE_DISK_BYTES),
    ):
        said = f"{free / (1 << 30):.1f} GiB free"
        if free < least:
            yield Check(name, "warning", said, f"free at least {least / (1 << 30):.0f} GiB")
        else:
            yield Check(name, "ok", said)


def check_pyperf(python: str = sys.executable) -> Iterator[Check]:
    """What `pyperf system show` advises: turbo, governor, isolation, address space."""
    lines: list[str] = []
    outcome = run_lines(
        [python, "-m", "pyperf", "system", "show"], inherit=True, idle_timeout_s=30.0, on_line=lines.append
    )
    sections = parse_pyperf("\n".join(lines))
    if not sections:
        yield Check("pyperf", "unavailable", outcome.trouble or "said nothing", "pip install pyperf")
        return
    for line in sections.get("System state", []):
        name, _, what = line.partition(": ")
        yield Check(f"pyperf: {name}", "ok", what)
    for section, remedy in (("Advices", "python -m pyperf system tune"), ("Warnings", ""), ("Errors", "")):
        for line in sections.get(section, []):
            name, _, what = line.partition(": ")
            yield Check(f"pyperf: {name}", "warning", what, remedy)


def parse_pyperf(text: str) -> dict[str, list[str]]:
    """The lines of `pyperf system show` by section; a section's title is underlined with `=`."""
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line, below in itertools.pairwise([*text.splitlines(), ""]):
        if below and set(below) == {"="}:
            current = sections.setdefault(line, [])
        elif current is not None and ": " in line:
            current.append(line)
    return sections


def check_levels(machine: Machine) -> Iterator[Check]:
    """The measured memory hierarchy."""
    for size in machine.working_sets:
        ns = machine.facts.get(f"level.{size.label}.ns", "?")
        held = machine.facts.get(f"level.{size.label}.bytes")
        holds = f"holds {int(held) // 1024} KiB, " if held else ""
        yield Check(f"level {size.label}", "ok", f"{holds}{ns} ns a load; working set {size.bytes // 1024} KiB")
    for label, reason in machine.dropped.items():
        yield Check(f"level {label}", "warning", reason)
