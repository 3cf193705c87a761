"""What the two experiments on the translation workload share: switches, limits, the figures of the ledger."""

from lab.core.schema import Metric

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
    Metric("allocated_bytes_per_task", "B", "bytes allocated per task", "ledger", exact=True),
    Metric("copies_per_task", "count", "copies per task", "ledger", exact=True),
    Metric("copied_bytes_per_task", "B", "bytes copied per task", "ledger", exact=True),
    Metric("ledger_peak_bytes", "B", "peak memory of a session, by its ledger", "ledger", exact=True),
    Metric("pool_hit_rate", "fraction", "buffers served by the pool", "ledger", exact=True, more_is_better=True),
    Metric("name_hit_rate", "fraction", "names that were known already", "ledger", exact=True, more_is_better=True),
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
