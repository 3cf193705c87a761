"""What ledgers of several workloads count, and memray's counts of a pass as they are set beside them."""

from lab.core.schema import Metric, Reading

POOL_HIT_RATE = Metric(
    "pool_hit_rate", "fraction", "requests served by the pool", "ledger", exact=True, more_is_better=True
)

BY_SETUP = "by setup"

TRACED_ALLOCATIONS = Reading(
    "memray", "traced", ("traced_allocations",), apart=("traced_setup_allocations",), because=BY_SETUP
)
TRACED_BYTES = Reading("memray", "traced", ("traced_allocated_bytes",), apart=("traced_setup_bytes",), because=BY_SETUP)
TRACED_PEAK = Reading("memray", "traced", ("traced_peak_bytes",), apart=("traced_setup_kept_bytes",), because=BY_SETUP)

MOST_ROUNDED_BYTES = 63.0  # of one aligned block: pm_heap_alloc asks for whole cache lines
ROUNDED = (
    "The ledger counts the bytes that were wanted; a block aligned to a cache line is asked of the C library in whole"
    " lines, up to 63 bytes more."
)
