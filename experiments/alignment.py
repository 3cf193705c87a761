"""Aligned or not: what the first byte's address costs streams and single accesses."""

from collections.abc import Mapping

from experiments.inputs import source_bytes
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, words, working_sets
from lab.measure.machine import Machine

Factors = Mapping[str, str]
NEEDS = {"16": "", "32": "avx2", "64": "avx512bw"}  # bytes of a vector -> what the processor must have


def _widths(widest: int) -> Factor:
    def levels(machine: Machine) -> tuple[Level, ...]:
        has = ["", *machine.facts.get("cpu.simd", "").split()]
        return tuple(
            Level(width, {"vector": width}) for width, need in NEEDS.items() if need in has and int(width) <= widest
        )

    return Factor("vector", levels)


def _keep_stream(factors: Factors, profile: str) -> str:
    if factors["pages"] == "huge" and factors["working_set"] != "DRAM":
        return "huge pages matter beyond the caches; there both page sizes are compared"
    if profile == "quick" and factors["vector"] == "64":
        return "the quick profile leaves out vectors of 64 bytes"
    if profile == "quick" and factors["vector"] == "16" and factors["op"] not in ("sum", "store"):
        return "the quick profile takes the widest vectors up to 32 bytes, and 16 for one load and one store"
    return ""


STREAM = Group(
    name="stream",
    title="Vector loops over the corpus's bytes",
    kernel="alignment.stream",
    input=source_bytes,
    factors=(
        words("op", "sum", "count", "store", "copy"),
        _widths(64),
        words("pages", "small", "huge", quick=("small",)),
        working_sets(),
    ),
    arms=Arms(
        "offset",
        "aligned",
        {
            "aligned": "The data begins at a page.",
            "plus_1": "It begins one byte past a page: no vector is aligned, some lie across two lines.",
            "plus_16": "It begins 16 bytes past a page.",
            "plus_32": "It begins 32 bytes past a page.",
        },
    ),
    headline=lambda factors: (
        (factors["op"], factors["vector"], factors["pages"]) == ("sum", "16", "small")
        and factors["working_set"] in ("L1", "L2")
    ),
    keep=_keep_stream,
    null=lambda factors: factors["op"] == "sum",
    passes={
        "callgrind": lambda factors: factors["working_set"] == "L1" and factors["op"] in ("sum", "store"),
        "perf": lambda _factors: True,
        "resident": lambda factors: factors["op"] == "sum" and factors["working_set"] != "DRAM",
        "allocations": lambda factors: factors["pages"] == "huge",
        "memray": lambda factors: (
            (factors["op"], factors["working_set"], factors["vector"]) == ("sum", "L1", "16")
            and factors["pages"] == "small"
        ),
    },
    series="op",
    note=(
        "The same instructions on the same bytes; only the address of the first byte differs. sum and count load, store"
        " fills, copy does both, source and target moved alike."
    ),
)

SPLIT = Group(
    name="split",
    title="Single accesses within and across lines and pages",
    kernel="alignment.split",
    factors=(
        words("op", "load", "store"),
        _widths(32),
        Factor(
            "level",
            (Level("L1", {"touched_pages": "4"}), Level("L2", {"touched_pages": "128"})),
        ),
    ),
    arms=Arms(
        "place",
        "aligned",
        {
            "aligned": "Every access begins at a cache line.",
            "within_line": "Every access begins 9 bytes into a line and ends in it.",
            "across_lines": "Every access lies half in one line, half in the next.",
            "across_pages": "Every access lies half in one page, half in the next.",
        },
    ),
    headline=lambda factors: (factors["vector"], factors["level"]) == ("16", "L1"),
    keep=lambda factors, profile: (
        "the quick profile takes vectors of 16 bytes" if profile == "quick" and factors["vector"] != "16" else ""
    ),
    passes={"callgrind": lambda _factors: True, "perf": lambda _factors: True},
    axis="level",
    series="op",
    note=(
        "One vector per page, always near the page's end; every arm touches the same pages. L1: 4 pages. L2: 128 pages,"
        " whose lines share one or two sets of the first level and come from the second; there stores to a single set"
        " wait for each other, and across lines, on two sets, they can come out faster."
    ),
)

EXPERIMENT = Experiment(
    role="default",
    name="alignment",
    title="Alignment: where the first byte lies",
    question="Does it pay to align data to cache lines?",
    groups=(STREAM, SPLIT),
    limits=(
        "The plan promises +5-10 % from aligned buffers in a translator; that is a question of shares of its whole work"
        " and cannot be read off loops that do nothing but load or store: these show the most that alignment can give."
        " All arms use unaligned instructions, which on current processors cost nothing extra on aligned addresses."
        " Across lines a simulated cache counts two accesses; it knows nothing of split penalties, store buffers or"
        " page walks, which only the clock sees. In the split cases every arm works in the page's last lines, so"
        " accesses across pages also touch one more translation than the others."
    ),
)
