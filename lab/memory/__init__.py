"""The memory layer: arenas, object pools, aligned buffers, batches as columns, and the ledger of what they cost.

Every object ends with `close` or its `with` block, refuses to end or move while a NumPy view of it is alive
(BufferError), and raises ClosedError afterwards. Its fast face is bulk: one call for a thousand nodes, rows or words.
"""

from lab.memory.arena import Arena, ArenaMark, ArenaStats
from lab.memory.batch import Column, TaskBatch
from lab.memory.buffer import AlignedBuffer
from lab.memory.errors import (
    BoundError,
    ClosedError,
    ForeignObjectError,
    LayerError,
    StaleIdError,
    StaleMarkError,
    UnsupportedError,
)
from lab.memory.interner import Interner, InternerStats
from lab.memory.ledger import Ledger, ledger
from lab.memory.linear import LinearMemory, LinearMemoryPool, LinearStats
from lab.memory.numa import NumaBuffer, NumaNode, NumaReport, PinnedThread, numa_nodes, pin_thread
from lab.memory.pages import PageBuffer, PagesReport
from lab.memory.pool import MapPool, ObjectPool, PoolStats, StringPool, VectorPool
from lab.memory.pooled import PooledMap, PooledObject, PooledString, PooledVector
from lab.memory.wasm import wasmtime_engine

__all__ = [
    "AlignedBuffer",
    "Arena",
    "ArenaMark",
    "ArenaStats",
    "BoundError",
    "ClosedError",
    "Column",
    "ForeignObjectError",
    "Interner",
    "InternerStats",
    "LayerError",
    "Ledger",
    "LinearMemory",
    "LinearMemoryPool",
    "LinearStats",
    "MapPool",
    "NumaBuffer",
    "NumaNode",
    "NumaReport",
    "ObjectPool",
    "PageBuffer",
    "PagesReport",
    "PinnedThread",
    "PoolStats",
    "PooledMap",
    "PooledObject",
    "PooledString",
    "PooledVector",
    "StaleIdError",
    "StaleMarkError",
    "StringPool",
    "TaskBatch",
    "UnsupportedError",
    "VectorPool",
    "ledger",
    "numa_nodes",
    "pin_thread",
    "wasmtime_engine",
]
