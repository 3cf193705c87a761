"""What a memory manager is to build: in a program, in `portalis.toml`, and as the command line overrides it.

::

    [memory]
    enable_pools = true
    enable_string_interning = true
    intern_keywords = true
    enable_arena_allocation = true
    arena_capacity_mb = 4              # MiB, from 1 to 65536

    [memory.pools]                     # objects kept for reuse at most
    string_pool_size = 1000
    vec_pool_size = 500
    hashmap_pool_size = 100

    [memory.numa]
    enabled = false
    strategy = "local"                 # or "interleaved", "pinned"

    [memory.wasm]
    pool_size = 100                    # linear memories
    max_memory_mb = 128                # MiB each, from 1 to 4096
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, Self

from lab.core.printable import printable
from lab.core.reading import Unreadable, read_toml
from lab.memory.errors import ConfigError

MEBIBYTE: Final = 1 << 20
FILE_NAME: Final = "portalis.toml"
STRATEGIES: Final = ("local", "interleaved", "pinned")
_OBJECTS_MAX: Final = 1_000_000_000


def _integer(low: int, high: int, default: int) -> Any:
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the configuration whose fields are checked when it is made."""

    _name: ClassVar[str]

    def __post_init__(self) -> None:
        for item in fields(self):
            _check(f"{self._name}.{item.name}", getattr(self, item.name), item)


@dataclass(frozen=True, slots=True)
class PoolSizes(_Table):
    """How many objects each pool keeps for reuse, wherever they wait; 0 keeps none.

    Attributes:
        string_pool_size: Strings of 256 bytes.
        vec_pool_size: Vectors of 1024 bytes.
        hashmap_pool_size: Hash maps of 32 entries.

    Raises:
        ConfigError: A number is out of its range.
    """

    _name: ClassVar[str] = "memory.pools"
    string_pool_size: int = _integer(0, _OBJECTS_MAX, 1000)
    vec_pool_size: int = _integer(0, _OBJECTS_MAX, 500)
    hashmap_pool_size: int = _integer(0, _OBJECTS_MAX, 100)


@dataclass(frozen=True, slots=True)
class NumaConfig(_Table):
    """Whether memory is placed by node, and how.

    Attributes:
        enabled: Place memory; of use with more than one node.
        strategy: `local` on the node of the thread that uses it, `interleaved` over all nodes, `pinned` local with
            each worker bound to a node.

    Raises:
        ConfigError: The strategy is none of these.
    """

    _name: ClassVar[str] = "memory.numa"
    enabled: bool = False
    strategy: Literal["local", "interleaved", "pinned"] = field(default="local", metadata={"choices": STRATEGIES})


@dataclass(frozen=True, slots=True)
class WasmConfig(_Table):
    """The pool of linear memories.

    Attributes:
        pool_size: Memories reserved at most.
        max_memory_mb: MiB to which each may grow; 16 WebAssembly pages are one MiB.

    Raises:
        ConfigError: A number is out of its range.
    """

    _name: ClassVar[str] = "memory.wasm"
    pool_size: int = _integer(0, 65536, 100)
    max_memory_mb: int = _integer(1, 4096, 128)

    @property
    def max_memory_bytes(self) -> int:
        """max_memory_mb in bytes."""
        return self.max_memory_mb * MEBIBYTE


@dataclass(frozen=True, slots=True)
class MemoryConfig(_Table):
    """What a `MemoryManager` builds; each optimisation can be switched off by itself.

    Attributes:
        enable_pools: Recycle strings, vectors and hash maps.
        enable_string_interning: Store each distinct string once.
        intern_keywords: Begin the interner with Python's keywords.
        enable_arena_allocation: Hand out memory by advancing a pointer.
        arena_capacity_mb: MiB of a chunk of an arena.
        pools: Sizes of the pools.
        numa: Placement of memory.
        wasm: The pool of linear memories.
        enable_aligned_buffers: Align buffers to cache lines. In programs alone, as the three that follow.
        enable_soa_batches: Keep batches of tasks as columns.
        enable_zero_copy: Borrow inputs until they are changed.
        enable_prefetching: Give read hints ahead.

    Raises:
        ConfigError: A value has the wrong type, or is out of its range.
    """

    _name: ClassVar[str] = "memory"
    enable_pools: bool = True
    enable_string_interning: bool = True
    intern_keywords: bool = True
    enable_arena_allocation: bool = True
    arena_capacity_mb: int = _integer(1, 65536, 4)
    pools: PoolSizes = field(default_factory=PoolSizes)
    numa: NumaConfig = field(default_factory=NumaConfig)
    wasm: WasmConfig = field(default_factory=WasmConfig)
    enable_aligned_buffers: bool = field(default=True, kw_only=True, metadata={"file": False})
    enable_soa_batches: bool = field(default=True, kw_only=True, metadata={"file": False})
    enable_zero_copy: bool = field(default=True, kw_only=True, metadata={"file": False})
    enable_prefetching: bool = field(default=True, kw_only=True, metadata={"file": False})

    @property
    def arena_capacity_bytes(self) -> int:
        """arena_capacity_mb in bytes."""
        return self.arena_capacity_mb * MEBIBYTE

    @classmethod
    def plain(cls) -> Self:
        """Every optimisation off: the baseline that the others are measured against."""
        off = {item.name: False for item in fields(cls) if item.name.startswith("enable_")}
        return cls(**off, intern_keywords=False)  # type: ignore[arg-type]

    def switched_off(self) -> tuple[str, ...]:
        """Names of the optimisations that are off."""
        switches = (item.name for item in fields(self) if item.name.startswith("enable_"))
        return (*(name for name in switches if not getattr(self, name)), *(() if self.numa.enabled else ("numa",)))

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """Read the table `[memory]` of a file; what it does not name has its default, other tables are not read.

        Raises:
            ConfigError: There is no such file, it is no TOML, a key is unknown, or a value wrong. The message names
                the file, the key and what is allowed.
        """
        place = Path(path)
        table = _memory_table(place)
        try:
            return cls(**_read(cls, table))
        except ConfigError as error:
            raise ConfigError(f"{printable(str(place))}: {error}") from None

    def override(
        self,
        *,
        memory_pools: bool | None = None,
        string_pool_size: int | None = None,
        vec_pool_size: int | None = None,
        numa_aware: bool | None = None,
    ) -> Self:
        """The same with what the command line says; None leaves a value as it is.

        Args:
            memory_pools: `--optimize-memory` (True) or `--no-memory-pools` (False).
            string_pool_size: `--string-pool-size`.
            vec_pool_size: `--vec-pool-size`.
            numa_aware: `--numa-aware`.

        Raises:
            ConfigError: A value has the wrong type, or is out of its range.
        """
        sizes = _given(string_pool_size=string_pool_size, vec_pool_size=vec_pool_size)
        return replace(
            self,
            **_given(enable_pools=memory_pools),
            pools=replace(self.pools, **sizes),
            numa=replace(self.numa, **_given(enabled=numa_aware)),
        )


_TABLES: Final[Mapping[str, type[_Table]]] = {"pools": PoolSizes, "numa": NumaConfig, "wasm": WasmConfig}


def keys_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The keys that a file sets, as `memory.pools.string_pool_size`, and their values.

    Raises:
        ConfigError: As `MemoryConfig.from_toml`, but values are not checked.
    """
    found: dict[str, Any] = {}

    def add(prefix: str, table: Mapping[str, Any]) -> None:
        for name, value in table.items():
            if isinstance(value, Mapping):
                add(f"{prefix}.{name}", value)
            else:
                found[f"{prefix}.{name}"] = value

    add("memory", _memory_table(Path(path)))
    return found


def nearest_config(start: str | os.PathLike[str] | None = None) -> Path | None:
    """The `portalis.toml` in a directory, or in the nearest one above it that has one; None where none has.

    Args:
        start: The directory to begin with; the current one where None.
    """
    try:
        first = Path.cwd() if start is None else Path(start).resolve()
    except OSError:  # the current directory no longer exists
        return None
    return next((path for folder in (first, *first.parents) if os.path.lexists(path := folder / FILE_NAME)), None)


def _memory_table(place: Path) -> Mapping[str, Any]:
    """The table `[memory]` of a file; empty where there is none."""
    shown = printable(str(place))
    try:
        document = read_toml(place)
    except Unreadable as error:
        raise ConfigError(f"{shown}: {error}; give the path of a TOML file") from error
    if "memory" not in document and (near := get_close_matches("memory", document, 1, 0.75)):
        raise ConfigError(f"{shown}: unknown table [{printable(near[0])}], did you mean [memory]?")
    table = document.get("memory", {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"{shown}: memory must be a table, [memory], got {_shown(table)}")
    return table


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _check(key: str, value: Any, item: Any) -> None:
    """Raise ConfigError where a value does not fit its field."""
    if item.name in _TABLES:
        kind = _TABLES[item.name]
        if not isinstance(value, kind):
            raise ConfigError(f"{key} must be a {kind.__name__}, got {_shown(value)}")
    elif choices := item.metadata.get("choices"):
        if value not in choices:
            raise ConfigError(f"{key} must be one of {', '.join(map(repr, choices))}, got {_shown(value)}")
    elif limits := item.metadata.get("range"):
        low, high = limits
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ConfigError(f"{key} must be a whole number from {low} to {high}, got {_shown(value)}")
    elif not isinstance(value, bool):
        raise ConfigError(f"{key} must be true or false, got {_shown(value)}")


def _shown(value: Any) -> str:
    """A value as TOML writes it, as far as one line goes."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{type(value).__name__} {value!r}" if isinstance(value, str | float) else repr(value)


def _read(kind: type[_Table], table: Any) -> dict[str, Any]:
    """The fields of a table out of a TOML document."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{kind._name} must be a table, [{kind._name}], got {_shown(table)}")
    allowed = [item.name for item in fields(kind) if item.metadata.get("file", True)]
    for name in table:
        if name not in allowed:
            raise ConfigError(f"unknown key {kind._name}.{printable(name)}{_nearest(name, allowed)}")
    return {
        name: _TABLES[name](**_read(_TABLES[name], value)) if name in _TABLES else value
        for name, value in table.items()
    }


def _nearest(name: str, allowed: Iterable[str]) -> str:
    listed = list(allowed)
    near = get_close_matches(name, listed, 1)
    return f", did you mean {near[0]}?" if near else f": allowed are {', '.join(listed)}"
