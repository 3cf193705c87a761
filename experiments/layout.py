"""Rows, columns, or blocks of columns: what the layout of records and of translation tasks costs."""

from collections.abc import Mapping

from experiments.claims import read_claims
from experiments.inputs import records, tasks
from lab.core.schema import TIME, ClaimTest
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, words, working_sets

Factors = Mapping[str, str]


def _keep_scan(factors: Factors, profile: str) -> str:
    if factors["pages"] == "huge" and factors["working_set"] != "DRAM":
        return "huge pages matter beyond the caches; there both page sizes are compared"
    return ""


def _keep_tasks(factors: Factors, profile: str) -> str:
    if factors["regime"] == "cold" and factors["tasks"] != "100":
        return "cold passes are measured for the plan's 100 tasks"
    if profile == "quick" and factors["regime"] == "cold" and factors["pass"] not in ("bytes", "all"):
        return "the quick profile measures cold passes over one column and over whole tasks"
    return ""


def _simulated(factors: Factors) -> bool:
    """Cases small enough to simulate; the ends of the scale of fields tell what lies between."""
    return factors["working_set"] != "DRAM" and factors["fields"] in ("1", "8")


def _warm(factors: Factors) -> bool:
    return factors["regime"] == "warm"


def _scan_headline(factors: Factors) -> bool:
    """What columns are for and what they are worst at, in a cache and beyond."""
    extreme = (factors["fields"], factors["order"]) in (("1", "sequential"), ("8", "random"))
    return extreme and factors["pages"] == "small" and factors["working_set"] in ("L2", "DRAM")


SCAN = Group(
    name="scan",
    title="Records of 64 bytes, one per source line",
    kernel="layout.scan",
    input=records,
    factors=(
        words("fields", 1, 2, 4, 8, quick=(1, 4, 8)),
        words("order", "sequential", "random"),
        words("pages", "small", "huge", quick=("small",)),
        working_sets(),
    ),
    arms=Arms(
        "layout",
        "aos",
        {
            "aos": "One array of structs: a record's eight fields side by side in one cache line.",
            "soa": "Eight arrays, one per field: a pass touches only the fields it reads.",
            "aosoa": "Blocks of eight records, within a block field by field.",
        },
    ),
    headline=_scan_headline,
    keep=_keep_scan,
    null=lambda factors: factors["fields"] == "1",
    passes={
        "callgrind": _simulated,
        "perf": lambda _factors: True,
        "resident": lambda factors: factors["fields"] == "1",
        "allocations": lambda factors: factors["pages"] == "huge",
    },
    series="fields",
    note=(
        "Time per record, columns or blocks against rows; below 1 the treatment is faster. The fewer of the eight"
        " fields a pass reads, the more of every cache line rows bring in for nothing; whole records in random order"
        " are where columns pay for it with eight lines in place of one."
    ),
)

TASKS = Group(
    name="tasks",
    title="Translation tasks: source, path, config",
    kernel="layout.tasks",
    input=tasks,
    factors=(
        words("tasks", 100, 1000, 10_000, quick=(100, 1000)),
        words("pass", "lengths", "bytes", "simd", "all"),
        Factor("regime", (Level("warm", {}, regime="warm"), Level("cold", {}, regime="cold"))),
    ),
    arms=Arms(
        "layout",
        "scattered",
        {
            "scattered": "An array of structs; every text a block of malloc on a heap that has lived.",
            "vec_strings": "The plan's columns: three arrays of strings, the texts scattered over the heap as before.",
            "columns": "Contiguous columns, offsets and bytes as in Arrow.",
        },
    ),
    keep=_keep_tasks,
    null=_warm,
    passes={
        "callgrind": lambda factors: _warm(factors) and factors["tasks"] != "10000",
        "perf": _warm,
        "resident": lambda factors: _warm(factors) and factors["pass"] == "all",
        "allocations": lambda factors: _warm(factors) and factors["pass"] == "all",
        "memray": lambda factors: factors == {"tasks": "100", "pass": "all", "regime": "warm"},
    },
    axis="tasks",
    series="pass",
    note=(
        "lengths reads the lengths of all texts, bytes every byte of the paths, simd counts the newlines of all"
        " sources with vectors, all does the three and reads the configs. Warm: the tasks were read just before."
        " Cold: nothing of them was in a cache."
    ),
)

EXPERIMENT = Experiment(
    role="default",
    name="layout",
    title="Layout: rows or columns",
    question="Does it pay to split records and tasks into columns?",
    groups=(SCAN, TASKS),
    claims=(
        ClaimTest("L1", TIME, "columns", {"tasks": "100", "pass": "bytes"}, "one column of three is read"),
        ClaimTest("L1", TIME, "columns", {"tasks": "100", "pass": "all"}, "whole tasks are read"),
        ClaimTest("L1", TIME, "vec_strings", {"tasks": "100", "pass": "bytes"}, "the plan's own form, one column read"),
        ClaimTest("L2", TIME, "columns", {"tasks": "100", "pass": "simd"}, "newlines of all sources"),
        ClaimTest(
            "L3", "d1_misses", "columns", {"tasks": "100", "pass": "all"}, "simulated first-level misses, whole tasks"
        ),
        ClaimTest(
            "L3", "d1_misses", "columns", {"tasks": "1000", "pass": "bytes"}, "simulated first-level misses, one column"
        ),
    ),
    promises=read_claims,
    limits=(
        "Passes only read and add up: work that computes more per record, or writes it, gains less. The number of"
        " records is cut to a power of two and columns start an odd number of cache lines apart; columns that happen to"
        " lie a power of two apart would do worse. Building the columns is not timed. The heap of the scattered tasks"
        " is a seeded imitation of one that has lived, not any program's own: a fresh heap would be kinder to them, one"
        " that is years old harsher. Promises speak of a translation task; what is timed here is reading its texts."
    ),
)
