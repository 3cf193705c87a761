"""What the two experiments on the translation workload share: switches, limits, the figures of the ledger."""

from collections.abc import Mapping

from experiments.ledger import MOST_ROUNDED_BYTES, POOL_HIT_RATE, ROUNDED, TRACED_ALLOCATIONS, TRACED_BYTES, TRACED_PEAK
from lab.core.schema import Agreement, Metric, Reading

SWITCHES = {
    "arena": "Nodes, lists and texts of the tree are bumped from one region instead of a malloc for each.",
    "intern": "A name is a number from an interner instead of a copy for each occurrence.",
    "views": "Stages hand on slices of what they got, and text is streamed, instead of each stage copying.",
    "soa": "Tokens and nodes are columns instead of records.",
    "pool": "Buffers are kept for the next task instead of being new for each.",
    "simd": "The source is scanned 64 bytes at a time instead of byte by byte.",
    "aligned": "Buffers begin on a cache line instead of where malloc puts them.",
    "prefetch": "What comes next is asked for ahead of use.",
}

LEDGER = (
    Metric("allocations_per_task", "count", "allocations per task", "ledger", exact=True),
    Metric("frees_per_task", "count", "frees per task", "ledger", exact=True),
    Metric("allocated_bytes_per_task", "B", "bytes allocated per task", "ledger", exact=True),
    Metric("copies_per_task", "count", "copies per task", "ledger", exact=True),
    Metric("copied_bytes_per_task", "B", "bytes copied per task", "ledger", exact=True),
    Metric("ledger_peak_bytes", "B", "peak memory of a session, by its ledger", "ledger", exact=True),
    POOL_HIT_RATE,
    Metric("name_hit_rate", "fraction", "names that were known already", "ledger", exact=True, more_is_better=True),
    Metric("tokens_per_task", "count", "tokens per task", "ledger", exact=True),
    Metric("nodes_per_task", "count", "nodes per task", "ledger", exact=True),
    Metric("output_bytes_per_task", "B", "bytes of output per task", "ledger", exact=True),
    Metric("failed_tasks", "count", "tasks that failed", "ledger", exact=True),
)


def agreements(where: Mapping[str, str]) -> tuple[Agreement, ...]:
    """The ledger of a session, the allocation counter and memray in the cases of `where`.

    They count the same only where a pass begins with a session that holds nothing: memray traces the first pass, the
    counter the second, and the ledger is the mean of both.
    """
    return (
        Agreement(
            "allocations",
            "count",
            (
                Reading("ledger", "ledger", ("allocations_per_task",), per_item=True),
                Reading("allocations", "traced", ("allocations", "maps")),
                TRACED_ALLOCATIONS,
            ),
            dict(where),
            note="memray sees setup as well.",
        ),
        Agreement(
            "bytes allocated",
            "B",
            (
                Reading("ledger", "ledger", ("allocated_bytes_per_task",), per_item=True),
                Reading("allocations", "traced", ("allocated_bytes",)),
                TRACED_BYTES,
            ),
            dict(where),
            "traced_aligned_blocks",
            MOST_ROUNDED_BYTES,
            f"memray sees setup as well. {ROUNDED}",
        ),
        Agreement(
            "peak memory",
            "B",
            (
                Reading("ledger", "ledger", ("ledger_peak_bytes",)),
                Reading(
                    "allocations",
                    "traced",
                    ("peak_requested_bytes",),
                    apart=TRACED_PEAK.apart,
                    because=TRACED_PEAK.because,
                ),
                TRACED_PEAK,
            ),
            dict(where),
            "traced_peak_aligned_blocks",
            MOST_ROUNDED_BYTES,
            f"The other two see what setup keeps as well. {ROUNDED}",
        ),
    )


PROXY = (
    "The workload is a proxy for the front half of a translator: Python source to a verified syntax tree to its text."
    " The plan's tasks go on to Rust, so every verdict on its promises T and W is a verdict on this half alone."
)

RATES = (
    "A hit rate or a share of the bandwidth can fall while everything improves, because the easy hits are what"
    " vanishes: read them beside the misses and the bytes moved."
)

CONTRADICTION = (
    "The plan's promises cannot all be true: its components' contributions multiply to 2.7-4.3x while its table of"
    " workloads says 1.25-2.5x, and 'all copies eliminated' stands beside 'fewer than 5 copies'."
)
