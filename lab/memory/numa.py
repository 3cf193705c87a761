"""Which memory is near which processors, memory placed on chosen nodes, threads held to a node."""

import threading
from dataclasses import dataclass
from os import PathLike, fsencode
from types import TracebackType
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.errors import LayerError, check
from lab.memory.pages import PageKind, PagesReport, page_kind, report_of

Strategy = Literal["local", "interleaved", "pinned"]

STRATEGIES: Final[dict[Strategy, int]] = {
    "local": lib.PM_NUMA_LOCAL,
    "interleaved": lib.PM_NUMA_INTERLEAVED,
    "pinned": lib.PM_NUMA_PINNED,
}
_NAMES: Final[dict[int, Strategy]] = {number: name for name, number in STRATEGIES.items()}


@dataclass(frozen=True, slots=True)
class NumaNode:
    """One node that is on line.

    Attributes:
        node: The kernel's number for it; there may be gaps.
        cpus: Its processors, rising; empty where it is memory only.
        memory_bytes: Its memory; 0 where it has none or the system does not tell.
        has_memory: Whether memory can be placed on it.
    """

    node: int
    cpus: tuple[int, ...]
    memory_bytes: int
    has_memory: bool


@dataclass(frozen=True, slots=True)
class NumaReport:
    """Where memory was to lie, and what came of it.

    Attributes:
        asked: The strategy asked for.
        asked_node: The node asked for; None where the strategy names none.
        placed: Whether the kernel took the placement; otherwise each page lies where it is first touched.
        node: The node it is placed on; None: several, or not placed.
        reason: Why it was not placed; empty where it was.
        pages: The pages it consists of.
    """

    asked: Strategy
    asked_node: int | None
    placed: bool
    node: int | None
    reason: str
    pages: PagesReport


def _topology(root: str | PathLike[str] | None) -> Any:
    out = ffi.new("pm_numa_topology **")
    path = ffi.NULL if root is None else fsencode(root)
    check(lib.pm_numa_topology_new(path, out), f"the list of nodes in {root or '/sys/devices/system/node'}")
    return ffi.gc(out[0], lib.pm_numa_topology_free)


def _nodes(topology: Any) -> tuple[NumaNode, ...]:
    found = []
    entry = ffi.new("pm_numa_node *")
    for index in range(lib.pm_numa_node_count(topology)):
        check(lib.pm_numa_read_node(topology, index, entry), "a node")
        cpus: list[int] = []
        cpu = 0
        while len(cpus) < entry.cpu_count:
            if lib.pm_numa_has_cpu(topology, entry.node, cpu):
                cpus.append(cpu)
            cpu += 1
        found.append(NumaNode(entry.node, tuple(cpus), entry.memory_bytes, bool(entry.has_memory)))
    return tuple(found)


def numa_nodes(root: str | PathLike[str] | None = None) -> tuple[NumaNode, ...]:
    """The nodes that are on line, by rising number; one where the system shows none.

    Args:
        root: A directory laid out as /sys/devices/system/node, which is the default.

    Raises:
        ValueError: What is written there cannot be read.
    """
    return _nodes(_topology(root))


def _check_node(status: int, topology: Any, node: int | None, what: str) -> None:
    if status == lib.PM_NOT_FOUND:
        known = ", ".join(str(entry.node) for entry in _nodes(topology))
        raise ValueError(f"there is no node {node} for {what}: take one of {known}")
    check(status, what)


class NumaBuffer(Handle):
    """Zeroed memory placed on nodes, or plain memory where the kernel refuses: `report` says which. Threads take turns.

    Args:
        size_bytes: Bytes to map, 1 at least; rounded up to whole pages.
        strategy: "local" places on the node that the calling thread runs on, "interleaved" page by page on all nodes in
            turn, "pinned" on `node` alone.
        node: For "pinned".
        pages: The kind of pages; see `PageBuffer`.
        root: A directory laid out as /sys/devices/system/node, which is the default.

    Raises:
        ValueError: No such strategy, node or kind of pages; a size of 0 or below; a node not for "pinned".
        OverflowError: The size cannot be represented.
        MemoryError: The system refuses memory.
    """

    __slots__ = ()

    def __init__(
        self,
        size_bytes: int,
        strategy: Strategy = "local",
        node: int | None = None,
        *,
        pages: PageKind = "plain",
        root: str | PathLike[str] | None = None,
    ) -> None:
        if strategy not in STRATEGIES:
            raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, got {strategy!r}")
        if (strategy == "pinned") != (node is not None):
            raise ValueError('a node belongs to the strategy "pinned", and to no other')
        topology = _topology(root)
        out = ffi.new("pm_numa_memory *")
        status = lib.pm_numa_alloc(
            topology, size(size_bytes, "size_bytes"), STRATEGIES[strategy], _node(node), page_kind(pages), out
        )
        _check_node(status, topology, node, f"{size_bytes} bytes")
        super().__init__(ffi.gc(out, lib.pm_numa_free))

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().pages.bytes)

    def array(self, dtype: npt.DTypeLike = np.uint8) -> npt.NDArray[Any]:
        """The whole memory as a view, without a copy; it keeps the buffer alive."""
        with self._turn:
            pages = self._open().pages
            return self._view(int(ffi.cast("uintptr_t", pages.data)), pages.bytes).view(dtype)

    def report(self) -> NumaReport:
        """What was asked for and what was given; slow."""
        with self._turn:
            memory = self._open()
            return NumaReport(
                asked=_NAMES[memory.asked],
                asked_node=None if memory.asked_node < 0 else memory.asked_node,
                placed=bool(memory.placed),
                node=None if memory.node < 0 else memory.node,
                reason=ffi.string(memory.reason).decode(errors="replace"),
                pages=report_of(memory.pages),
            )

    def pages_by_node(self) -> dict[int, int]:
        """Number of pages that lie on each node now; pages never written lie on none.

        Raises:
            UnsupportedError: The system does not tell.
        """
        counts = ffi.new("uint64_t[]", lib.PM_NUMA_NODES_MAX)
        absent = ffi.new("uint64_t *")
        with self._turn:
            pages = self._open().pages
            status = lib.pm_numa_count_pages(pages.data, pages.bytes, counts, lib.PM_NUMA_NODES_MAX, absent)
        check(status, "the nodes of pages")
        return {node: count for node, count in enumerate(counts) if count}


def _node(node: int | None) -> int:
    """A node's number for C: one that no node has where it would not fit."""
    return node if node is not None and 0 <= node < lib.PM_NUMA_NODES_MAX else -1


class PinnedThread:
    """A thread held to a node's processors until `restore`, or the end of the `with` block, in that same thread."""

    __slots__ = ("_before", "_thread", "node")

    def __init__(self, node: int, before: Any) -> None:
        self.node = node
        self._before: Any | None = before
        self._thread = threading.get_ident()

    def restore(self) -> None:
        """Let the thread run where it could before; again is allowed.

        Raises:
            LayerError: Another thread calls: only the one that was pinned can let itself go.
            UnsupportedError: The system refuses.
        """
        if self._before is None:
            return
        if threading.get_ident() != self._thread:
            raise LayerError("a thread can only be let go by itself: call restore in the thread that was pinned")
        check(lib.pm_numa_restore_thread(self._before), "letting a thread go")
        self._before = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()


def pin_thread(node: int, *, root: str | PathLike[str] | None = None) -> PinnedThread:
    """Hold the calling thread to those of a node's processors that it may run on.

    Args:
        node: The kernel's number for the node.
        root: A directory laid out as /sys/devices/system/node, which is the default.

    Raises:
        ValueError: There is no such node.
        UnsupportedError: It has no processor that the thread may use, or the system refuses.
    """
    topology = _topology(root)
    before = ffi.new("pm_numa_affinity *")
    status = lib.pm_numa_pin_thread(topology, _node(node), before)
    _check_node(status, topology, node, "a thread")
    return PinnedThread(node, before)
