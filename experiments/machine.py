"""The machine itself: what it costs to read by working set and page size, and what memory delivers to streams."""

from experiments.claims import read_claims
from experiments.peers import arrays
from lab.core.schema import TIME, ClaimTest
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, everywhere, nowhere, words
from lab.measure.machine import Machine

KIB, MIB = 1 << 10, 1 << 20
SIZES = tuple(16 * KIB << step for step in range(17))  # 16 KiB .. 1 GiB
QUICK = (16 * KIB, 256 * KIB, 2 * MIB, 16 * MIB, 128 * MIB)
SHARE = 8  # a working set takes at most this part of the machine's memory
BEYOND_TLB = 512 * MIB


def label(size: int) -> str:
    """A size as people read it: "16KiB", "1GiB"."""
    return next(
        f"{size // unit}{name}" for unit, name in ((1 << 30, "GiB"), (MIB, "MiB"), (KIB, "KiB")) if size >= unit
    )


def _sizes(machine: Machine) -> tuple[Level, ...]:
    most = int(machine.facts.get("memory.total_bytes", str(8 << 30))) // SHARE
    last = machine.working_sets[-1].bytes
    return tuple(
        Level(label(size), {"working_set": str(size)}, size, "dram" if size >= last else "cache")
        for size in SIZES
        if size <= most
    )


def _beyond_tlb(machine: Machine) -> tuple[Level, ...]:
    most = int(machine.facts.get("memory.total_bytes", str(8 << 30))) // SHARE
    size = min(BEYOND_TLB, 1 << (most.bit_length() - 1))
    return (Level(label(size), {"working_set": str(size)}, size, "dram"),)


def _threads(machine: Machine) -> tuple[Level, ...]:
    counts = sorted({1, 2, machine.cpus} | {1 << step for step in range(7) if 1 << step <= machine.cpus})
    return tuple(Level(str(count), {"threads": str(count)}) for count in counts if count <= max(machine.cpus, 1))


READ = Group(
    name="read",
    title="Reading a word of each cache line",
    kernel="machine.read",
    factors=(Factor("working_set", _sizes, quick=tuple(map(label, QUICK))),),
    args={"pages": "small"},
    arms=Arms(
        "access",
        "dependent",
        {
            "dependent": "Each address waits for the last load.",
            "independent": "All addresses are known.",
            "sequential": "Line after line.",
        },
    ),
    null=nowhere,
    passes={"perf": everywhere},
    note="Time per line. Where the curve of dependent loads climbs, a level of the hierarchy ends.",
)
PAGES = Group(
    name="pages",
    title="4 KiB pages or 2 MiB pages",
    kernel="machine.read",
    factors=(words("access", "independent", "sequential", "dependent"), Factor("working_set", _beyond_tlb)),
    arms=Arms("pages", "small", {"small": "4 KiB pages.", "huge": "2 MiB pages, where the kernel grants them."}),
    passes={"perf": everywhere, "resident": everywhere, "allocations": everywhere},
    axis="access",
    note="Time per line, over a buffer that many times the translation cache's reach covers.",
)
STREAM = Group(
    name="stream",
    title="Passes over arrays beyond the caches",
    kernel="machine.stream",
    factors=(
        words("op", "read", "fill", "copy", "add", "triad", quick=("fill", "copy", "triad")),
        Factor("threads", _threads),
        Factor("array", arrays),
    ),
    args={"pages": "small"},
    arms=Arms(
        "stores",
        "plain",
        {"plain": "Stores through the caches.", "past": "Stores past the caches (non-temporal)."},
    ),
    kind="dram",
    null=lambda factors: factors["op"] == "copy",
    keep=lambda factors, _profile: "a pass that only reads has no stores" * (factors["op"] == "read"),
    axis="op",
    series="threads",
    note="Time per 64 bytes produced. A plain store reads the line before it writes it.",
)


EXPERIMENT = Experiment(
    name="machine",
    title="The machine: latency, pages, bandwidth",
    question="Where do this machine's caches end, and what do page size and stores past the caches bring?",
    groups=(READ, PAGES, STREAM),
    claims=(
        ClaimTest("H1", TIME, "huge", {"access": "independent"}, "known addresses in random order"),
        ClaimTest("H1", TIME, "huge", {"access": "sequential"}, "in sequence"),
        ClaimTest("H1", TIME, "huge", {"access": "dependent"}, "each address waits for the last load"),
    ),
    promises=read_claims,
    limits=(
        "One process reads; others on the same host share the last level and the memory, and take more or less of them"
        " from hour to hour. Huge pages come from madvise; how many the kernel granted is counted."
    ),
)
