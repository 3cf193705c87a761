"""Fresh buffers or recycled ones: what the object pool saves and where."""

from collections.abc import Mapping

from experiments.claims import read_claims
from experiments.inputs import files
from experiments.ledger import MOST_ROUNDED_BYTES, POOL_HIT_RATE, ROUNDED, TRACED_ALLOCATIONS, TRACED_BYTES
from lab.core.schema import TIME, Agreement, ClaimTest, Metric, Reading
from lab.experiment.declare import Arms, Experiment, Group, words

Factors = Mapping[str, str]
PLAN = {"size": "plan", "threads": "one"}
TRACED = {"object": "strbuf", "size": "corpus", "threads": "one"}


def _single(factors: Factors) -> bool:
    return factors["threads"] == "one"


BUFFERS = Group(
    name="buffers",
    title="Strings, vectors and hash maps",
    kernel="pooling.buffers",
    input=files,
    factors=(
        words("object", "strbuf", "vec", "map"),
        words("size", "plan", "corpus"),
        words("threads", "one", "all", "cross"),
    ),
    arms=Arms(
        "source",
        "malloc",
        {
            "malloc": "A fresh buffer each time, freed after use.",
            "pool": "A buffer out of the object pool, cleared and returned after use.",
        },
    ),
    kind="allocating",
    null=_single,
    separate=_single,
    headline=_single,
    passes={
        "callgrind": _single,
        "perf": _single,
        "resident": _single,
        "allocations": _single,
        "memray": lambda factors: factors == TRACED,
    },
    axis="object",
    series="threads",
    note=(
        "Time per buffer: taken, filled, checked, given back. plan: 256 bytes, 1 KiB, 32 entries, of which the first 16"
        " bytes or one entry are written. corpus: each buffer takes what one source file needs, growing as it must."
        " all: every processor at once. cross: taken on one thread, given back on another."
    ),
)

SECOND_PASS = "by the second pass"
LEDGER_NOTE = "The layer's ledger has both passes, the allocation counter the second alone, memray setup and the first."
AGREEMENTS = (
    Agreement(
        "allocations of the first pass",
        "count",
        (
            Reading("ledger", "ledger", ("ledger_allocations",), apart=("allocations", "maps"), because=SECOND_PASS),
            TRACED_ALLOCATIONS,
        ),
        TRACED,
        note=LEDGER_NOTE,
    ),
    Agreement(
        "bytes allocated by the first pass",
        "B",
        (
            Reading("ledger", "ledger", ("ledger_allocated_bytes",), apart=("allocated_bytes",), because=SECOND_PASS),
            TRACED_BYTES,
        ),
        TRACED,
        "traced_aligned_blocks",
        MOST_ROUNDED_BYTES,
        f"{LEDGER_NOTE} {ROUNDED}",
    ),
)

EXPERIMENT = Experiment(
    role="default",
    name="pooling",
    title="Pooling: fresh buffers or recycled ones",
    question="Does it pay to recycle buffers instead of allocating them?",
    groups=(BUFFERS,),
    claims=(
        ClaimTest("P1", TIME, "pool", {"object": "strbuf", **PLAN}),
        ClaimTest("P2", TIME, "pool", {"object": "vec", **PLAN}),
        ClaimTest("P3", TIME, "pool", {"object": "map", **PLAN}),
        ClaimTest(
            "P4", "pool_hit_rate", "pool", {"size": "corpus", "threads": "one"}, "up to 256 files, each read twice"
        ),
    ),
    promises=read_claims,
    limits=(
        "malloc is the C library's, in its steady state: every size was asked for before. A buffer is held for a moment"
        " and given back, so both sources hand out warm memory; a program that holds many at a time gains less from"
        " either. Pooled buffers keep what they grew to, up to 1 MiB each: the time saved on growing is paid for in"
        " memory held (see the resident memory). With several threads the time of waking them is part of every sample,"
        " the same for both arms, which draws the ratio towards 1 by a few per cent. Fresh maps, and fresh buffers of"
        " the corpus's sizes, go through the memory layer's counted malloc, which adds about a nanosecond a call."
    ),
    metrics=(
        POOL_HIT_RATE,
        Metric("pool_hits", "count", "acquires served by the pool, two passes", "ledger", exact=True),
        Metric("pool_misses", "count", "acquires that built an object, two passes", "ledger", exact=True),
        Metric("pool_discards", "count", "releases that destroyed the object, two passes", "ledger", exact=True),
        Metric("ledger_allocations", "count", "allocations by the memory layer, two passes", "ledger", exact=True),
        Metric("ledger_allocated_bytes", "B", "bytes allocated by the memory layer, two passes", "ledger", exact=True),
    ),
    agreements=AGREEMENTS,
)
