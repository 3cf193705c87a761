"""What translating cost: counted by the front end, not sampled."""

from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class TaskLedger:
    """Sums over the tasks of a session, or of a batch's sessions.

    Attributes:
        task_count: Tasks, the failed ones included.
        failed_count: Tasks that failed.
        source_bytes: Bytes of source.
        output_bytes: Bytes of text, or of tokens, that went out.
        token_count: Tokens.
        node_count: Nodes.
        allocation_count: Calls that obtained memory from the system.
        free_count: Calls that gave it back.
        allocated_bytes: Bytes obtained, in all.
        freed_bytes: Bytes given back, in all.
        live_bytes: Bytes held now, what is kept for the next task included.
        peak_bytes: Most bytes held; of several sessions the sum of each one's, an upper bound.
        copy_count: Times that bytes of a task were copied to be kept elsewhere, growth included.
        copied_bytes: Bytes so copied.
        pool_hits: Buffers that were kept from an earlier task.
        pool_misses: Buffers that were not.
        interned_count: Names stored.
        deduplicated_count: Names that were stored already.
        delegated_count: Questions to Python.
    """

    task_count: int = 0
    failed_count: int = 0
    source_bytes: int = 0
    output_bytes: int = 0
    token_count: int = 0
    node_count: int = 0
    allocation_count: int = 0
    free_count: int = 0
    allocated_bytes: int = 0
    freed_bytes: int = 0
    live_bytes: int = 0
    peak_bytes: int = 0
    copy_count: int = 0
    copied_bytes: int = 0
    pool_hits: int = 0
    pool_misses: int = 0
    interned_count: int = 0
    deduplicated_count: int = 0
    delegated_count: int = 0

    @classmethod
    def read(cls, ledger: Any) -> Self:
        """Of an fe_ledger of C."""
        return cls(**{item.name: getattr(ledger, item.name) for item in fields(cls)})

    def since(self, before: "TaskLedger") -> "TaskLedger":
        """What came after another reading of the same session; what is held, and its peak, are as they are now."""
        held = {"live_bytes": self.live_bytes, "peak_bytes": self.peak_bytes}
        changes = {item.name: getattr(self, item.name) - getattr(before, item.name) for item in fields(self)}
        return TaskLedger(**(changes | held))

    def __add__(self, other: "TaskLedger") -> "TaskLedger":
        return TaskLedger(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))
