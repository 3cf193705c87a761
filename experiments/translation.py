"""The translation workload as a whole: a plain front end against one with every memory technique on."""

from collections.abc import Mapping

from experiments.claims import read_claims
from experiments.frontend import CONTRADICTION, LEDGER, PROXY, RATES, agreements
from experiments.inputs import library, pieces, sample, sources
from lab.core.schema import TIME, ClaimTest
from lab.experiment.declare import Arms, Experiment, Group, everywhere, words

Factors = Mapping[str, str]

ARMS = Arms(
    "switches",
    "plain",
    {
        "plain": "Every switch off: malloc, copies and records, as a sensible engineer writes it.",
        "optimised": "Every switch on: arena, interner, views, columns, pools, SIMD, aligned buffers, prefetching.",
    },
    values={"plain": "none", "optimised": "all"},
)


def _affordable(factors: Factors, profile: str) -> str:
    if profile == "quick" and factors["batch"] == "1000" and factors["state"] == "cold":
        return "the quick profile times batches of 1000 files warm alone"
    return ""


def _not_quick(_factors: Factors, profile: str) -> str:
    return "" if profile != "quick" else "a pass over every file takes too long for the quick profile, which takes ten"


def _rated(factors: Factors) -> bool:
    return factors == {"batch": "1000", "state": "warm"}


TASKS = Group(
    name="tasks",
    title="Batches of files of about 1 KB",
    kernel="translation.pipeline",
    input=pieces,
    factors=(words("batch", 1, 10, 100, 1000), words("state", "warm", "cold")),
    args={"stage": "text", "threads": "1"},
    arms=ARMS,
    kind="allocating",
    keep=_affordable,
    passes={
        "callgrind": _rated,
        "hit_rate": _rated,
        "allocations": everywhere,
        "resident": everywhere,
        "perf": _rated,
        "memray": lambda factors: factors == _task(10, "cold"),
    },
    axis="batch",
    series="state",
    note=(
        "Time per file from source to the text of its syntax tree. warm: the session has translated files before and"
        " keeps its memory. cold: each batch begins with a session that holds nothing."
    ),
)

LIBRARY = Group(
    name="library",
    title="Whole files, stage by stage",
    kernel="translation.pipeline",
    input=sources,
    factors=(words("stage", "lex", "parse", "symbols", "text"),),
    args={"batch": "10", "state": "warm", "threads": "1"},
    arms=ARMS,
    kind="allocating",
    headline=lambda factors: factors["stage"] == "text",
    passes={"callgrind": everywhere, "allocations": everywhere, "resident": everywhere},
    axis="stage",
    note="Time per file, up to and including the stage, of ten files of the corpus.",
)

WHOLE = Group(
    name="whole",
    title="The whole library",
    kernel="translation.pipeline",
    input=library,
    factors=(words("stage", "parse", "text"),),
    args={"batch": "1000000", "state": "warm", "threads": "1"},
    arms=ARMS,
    kind="allocating",
    keep=_not_quick,
    passes={
        "callgrind": lambda factors: factors == {"stage": "text"},
        "allocations": everywhere,
        "resident": everywhere,
    },
    axis="stage",
    note="Time per file, up to and including the stage, of every file of the corpus.",
)

THREADS = Group(
    name="threads",
    title="One thread and two",
    kernel="translation.pipeline",
    input=sample,
    factors=(words("stage", "parse", "text", quick=("text",)),),
    args={"batch": "100", "state": "warm", "switches": "all"},
    arms=Arms(
        "threads",
        "one_thread",
        {"one_thread": "The calling thread.", "two_threads": "A team of two, a session each."},
        {"one_thread": "1", "two_threads": "2"},
    ),
    kind="allocating",
    headline=lambda factors: factors["stage"] == "text",
    axis="stage",
    note="Time per file of a batch of 100 files with every switch on; 0.5 would be a second processor used in full.",
)

CEILING = Group(
    name="ceiling",
    title="What the memory can do",
    kernel="peers.copy",
    factors=(words("array", 48 << 20),),
    args={"pages": "huge"},
    arms=Arms(
        "contender",
        "memcpy",
        {"memcpy": "The C library's copy.", "limit": "Non-temporal stores and nothing else: the ceiling."},
    ),
    kind="dram",
    axis="array",
    note="Time per 64 bytes copied. The fastest is the ceiling of the bandwidth fractions above.",
    ceiling_bytes=2 * 64,
)


def _task(batch: int, state: str = "warm") -> dict[str, str]:
    return {"batch": str(batch), "state": state}


WARM = "A proxy for a translator's front half, after other files were translated"
COLD = "A proxy for a translator's front half, with a session made for the batch"

EXPERIMENT = Experiment(
    role="default",
    name="translation",
    title="Translation: a front end with and without the memory layer",
    question="What do all the memory techniques together bring to a real front end?",
    groups=(TASKS, LIBRARY, WHOLE, THREADS, CEILING),
    claims=(
        ClaimTest("T1", "allocations_per_task", "optimised", _task(100), WARM),
        ClaimTest("T1", "allocations_per_task", "optimised", _task(1, "cold"), COLD),
        ClaimTest("T2", "l3_hit_rate", "optimised", _task(1000), f"{WARM}; {RATES}"),
        ClaimTest("T3", "bandwidth_fraction", "optimised", _task(1000), f"{WARM}; {RATES}"),
        ClaimTest("T4", "copies_per_task", "optimised", _task(100), WARM),
        *(ClaimTest("T5", "peak_live_bytes", "optimised", _task(batch), WARM) for batch in (1, 10, 100, 1000)),
        *(ClaimTest("T5", "peak_live_bytes", "optimised", _task(batch, "cold"), COLD) for batch in (1, 10, 100)),
        ClaimTest("T6", TIME, "optimised", _task(1000), WARM),
        *(ClaimTest(f"W{rank}", TIME, "optimised", _task(10 ** (rank - 1)), WARM) for rank in (1, 2, 3, 4)),
        ClaimTest("W1", TIME, "optimised", _task(1, "cold"), COLD),
        ClaimTest("W2", TIME, "optimised", _task(10, "cold"), COLD),
        ClaimTest("W3", TIME, "optimised", _task(100, "cold"), COLD),
        ClaimTest("A3", "allocations_per_task", "optimised", _task(100), WARM),
    ),
    promises=read_claims,
    limits=f"{PROXY} {RATES} {CONTRADICTION}",
    metrics=LEDGER,
    agreements=agreements(_task(10, "cold")),
)
