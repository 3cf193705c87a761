"""The memory layer: arenas, object pools, aligned buffers, batches as columns, and the ledger of what they cost.

Every object ends with `close` or its `with` block, refuses to end or move while a NumPy view of it is alive
(BufferError), and raises ClosedError afterwards. Its fast face is bulk: one call for a thousand nodes, rows or words.
"""

from lab.memory import cpu, prefetch, protocols, scan, stream
from lab.memory.arena import Arena, ArenaMark, ArenaStats
from lab.memory.batch import Column, TaskBatch
from lab.memory.bridge import (
    parallel_translate,
    parallel_translate_batch_soa,
    parallel_translate_numa,
    parallel_translate_pooled,
    parallel_translate_prefetch,
)
from lab.memory.bridge.team import NativeTranslator, TeamStats, Translation, WorkerTeam
from lab.memory.bridge.threads import ParallelResults, TaskFailure, parallel_map
from lab.memory.buffer import AlignedBuffer
from lab.memory.cow import CopyStats, CowBytes, CowSlices, copies
from lab.memory.errors import (
    BoundError,
    BusyError,
    ClosedError,
    ConfigError,
    ForeignObjectError,
    ForkedError,
    LayerError,
    LeftScopeError,
    NestedParallelError,
    StaleIdError,
    StaleMarkError,
    TaskCancelledError,
    TaskError,
    UnsupportedError,
)
from lab.memory.interner import Interner, InternerStats
from lab.memory.ledger import Ledger, ledger
from lab.memory.linear import LinearMemory, LinearMemoryPool, LinearStats
from lab.memory.manager.config import MemoryConfig, NumaConfig, PoolSizes, WasmConfig
from lab.memory.manager.manager import MemoryManager
from lab.memory.manager.metrics import (
    ArenaMetrics,
    CacheMetrics,
    Fallback,
    InternerMetrics,
    LinearMetrics,
    MemoryMetrics,
    PoolMetrics,
    TeamMetrics,
    TotalMetrics,
    TranslationMetrics,
)
from lab.memory.manager.prometheus import Collector
from lab.memory.manager.shared_config import SharedConfig
from lab.memory.numa import NumaBuffer, NumaNode, NumaReport, PinnedThread, numa_nodes, pin_thread
from lab.memory.object_pool import ObjectPool, ObjectPoolStats
from lab.memory.pages import PageBuffer, PagesReport
from lab.memory.pool import MapPool, NativePool, PoolStats, StringPool, VectorPool
from lab.memory.pool_items import PooledMap, PooledObject, PooledString, PooledVector
from lab.memory.wasm import WasmMemoryPool, wasmtime_engine

__all__ = [
    "AlignedBuffer",
    "Arena",
    "ArenaMark",
    "ArenaMetrics",
    "ArenaStats",
    "BoundError",
    "BusyError",
    "CacheMetrics",
    "ClosedError",
    "Collector",
    "Column",
    "ConfigError",
    "CopyStats",
    "CowBytes",
    "CowSlices",
    "Fallback",
    "ForeignObjectError",
    "ForkedError",
    "Interner",
    "InternerMetrics",
    "InternerStats",
    "LayerError",
    "Ledger",
    "LeftScopeError",
    "LinearMemory",
    "LinearMemoryPool",
    "LinearMetrics",
    "LinearStats",
    "MapPool",
    "MemoryConfig",
    "MemoryManager",
    "MemoryMetrics",
    "NativePool",
    "NativeTranslator",
    "NestedParallelError",
    "NumaBuffer",
    "NumaConfig",
    "NumaNode",
    "NumaReport",
    "ObjectPool",
    "ObjectPoolStats",
    "PageBuffer",
    "PagesReport",
    "ParallelResults",
    "PinnedThread",
    "PoolMetrics",
    "PoolSizes",
    "PoolStats",
    "PooledMap",
    "PooledObject",
    "PooledString",
    "PooledVector",
    "SharedConfig",
    "StaleIdError",
    "StaleMarkError",
    "StringPool",
    "TaskBatch",
    "TaskCancelledError",
    "TaskError",
    "TaskFailure",
    "TeamMetrics",
    "TeamStats",
    "TotalMetrics",
    "Translation",
    "TranslationMetrics",
    "UnsupportedError",
    "VectorPool",
    "WasmConfig",
    "WasmMemoryPool",
    "WorkerTeam",
    "copies",
    "cpu",
    "ledger",
    "numa_nodes",
    "parallel_map",
    "parallel_translate",
    "parallel_translate_batch_soa",
    "parallel_translate_numa",
    "parallel_translate_pooled",
    "parallel_translate_prefetch",
    "pin_thread",
    "prefetch",
    "protocols",
    "scan",
    "stream",
    "wasmtime_engine",
]
