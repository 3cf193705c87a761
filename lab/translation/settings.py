"""What a configuration of the memory layer means for a translation, and which of its keys mean nothing here."""

import os
from dataclasses import dataclass
from typing import Any, Final

from lab.core.printable import printable
from lab.memory import MemoryManager
from lab.memory.errors import ConfigError
from lab.memory.manager.config import MemoryConfig, keys_of
from lab.memory.manager.metrics import TranslationMetrics
from lab.translation.ledger import TaskLedger

Configured = MemoryConfig | MemoryManager | None

_WASM: Final = "a translation makes no instances of WebAssembly"
UNUSED: Final[dict[str, str]] = {
    "memory.intern_keywords": "the front end tells keywords from names by their ids, so its interner always has them",
    "memory.arena_capacity_mb": "the front end makes each arena as large as its source needs",
    "memory.pools.hashmap_pool_size": "the front end keeps no hash maps in a pool",
    "memory.numa.strategy": "threads are bound to the nodes in turn, and what they use is placed near them",
    "memory.wasm.pool_size": _WASM,
    "memory.wasm.max_memory_mb": _WASM,
}
AS_IT_IS: Final[dict[str, tuple[Any, ...]]] = {  # values that say what is done anyway
    "memory.intern_keywords": (True,),
    "memory.numa.strategy": ("local", "pinned"),
}


@dataclass(frozen=True, slots=True)
class FileSettings:
    """A configuration file, read for a translation.

    Attributes:
        config: What it says.
        unused: The keys that it sets and that mean nothing for a translation, each with the reason.
    """

    config: MemoryConfig
    unused: dict[str, str]


def read_settings(path: str | os.PathLike[str]) -> FileSettings:
    """Read a `portalis.toml`.

    Raises:
        ConfigError: As `MemoryConfig.from_toml`.
    """
    config = MemoryConfig.from_toml(path)
    unused = {
        key: UNUSED[key] for key, value in keys_of(path).items() if key in UNUSED and value not in AS_IT_IS.get(key, ())
    }
    return FileSettings(config, unused)


def load_config(path: str | os.PathLike[str]) -> MemoryConfig:
    """Read a `portalis.toml` that was named for a translation alone: each of its keys must have a meaning for it.

    Raises:
        ConfigError: As `MemoryConfig.from_toml`, or a key has none; the message says why.
    """
    settings = read_settings(path)
    if settings.unused:
        reasons = "; ".join(f"{key}: {reason}" for key, reason in settings.unused.items())
        raise ConfigError(f"{printable(str(path))}: not used by a translation, take it out: {reasons}")
    return settings.config


def config_of(configured: Configured) -> MemoryConfig | None:
    """The configuration itself."""
    return configured.config if isinstance(configured, MemoryManager) else configured


def report_tasks(configured: Configured, cost: TaskLedger) -> None:
    """Count the cost of tasks at the manager, if that is what they were configured by."""
    if isinstance(configured, MemoryManager):
        configured.observe_translation(
            TranslationMetrics(
                tasks=cost.task_count,
                failed=cost.failed_count,
                source_bytes=cost.source_bytes,
                output_bytes=cost.output_bytes,
                allocations=cost.allocation_count,
                allocated_bytes=cost.allocated_bytes,
                copies=cost.copy_count,
                copied_bytes=cost.copied_bytes,
                pool_hits=cost.pool_hits,
                pool_misses=cost.pool_misses,
                interned=cost.interned_count,
                deduplicated=cost.deduplicated_count,
            )
        )
