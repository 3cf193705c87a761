"""Every call of the layer that reached the system for memory, counted."""

from dataclasses import dataclass

from lab._ffi import ffi, lib


@dataclass(frozen=True, slots=True)
class Ledger:
    """Sums over all threads since the process began; what pools and arenas serve from their own does not appear.

    Attributes:
        allocation_count: Calls that obtained memory, growing included.
        free_count: Calls that gave memory back; growing counts once here too.
        failed_count: Calls that the system refused.
        map_count: Those of allocation_count that mapped pages.
        moved_count: Growths that copied what they held to another address.
        moved_bytes: Bytes so copied.
        allocated_bytes: Bytes asked for, in all.
        freed_bytes: Bytes given back, in all.
        live_bytes: Bytes held now.
        peak_bytes: Most bytes held; with several threads an upper bound, the sum of each one's peak.
    """

    allocation_count: int
    free_count: int
    failed_count: int
    map_count: int
    moved_count: int
    moved_bytes: int
    allocated_bytes: int
    freed_bytes: int
    live_bytes: int
    peak_bytes: int


def ledger() -> Ledger:
    """The ledger now. Any thread."""
    out = ffi.new("pm_ledger *")
    lib.pm_ledger_read(out)
    return Ledger(**{name: getattr(out, name) for name in Ledger.__slots__})
