"""Mapped memory of huge pages, where the kernel grants them, and its own report of what it gave."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.errors import check

PageKind = Literal["plain", "transparent", "explicit"]

KINDS: Final[dict[PageKind, int]] = {
    "plain": lib.PM_PAGES_PLAIN,
    "transparent": lib.PM_PAGES_TRANSPARENT,
    "explicit": lib.PM_PAGES_EXPLICIT,
}
_NAMES: Final[dict[int, PageKind]] = {number: name for name, number in KINDS.items()}


@dataclass(frozen=True, slots=True)
class PagesReport:
    """What was asked for, what was given, and what the memory consists of now.

    Attributes:
        asked: The kind of pages asked for.
        given: The kind in force; transparent ones are advice, which the kernel may follow later or not at all.
        reason: What was refused and why; empty where nothing was.
        mapped_bytes: Bytes mapped.
        resident_bytes: Bytes that hold memory; None, as the next two, where the system does not tell.
        transparent_bytes: Those in transparent huge pages.
        explicit_bytes: Those in explicit huge pages.
    """

    asked: PageKind
    given: PageKind
    reason: str
    mapped_bytes: int
    resident_bytes: int | None
    transparent_bytes: int | None
    explicit_bytes: int | None


def page_kind(name: str) -> int:
    """The library's number for a kind of pages.

    Raises:
        ValueError: There is no such kind.
    """
    for known, number in KINDS.items():
        if known == name:
            return number
    raise ValueError(f"pages must be one of {', '.join(KINDS)}, got {name!r}")


def report_of(pages: Any) -> PagesReport:
    """The report of a `pm_pages`; to be called under the lock of its owner. Reads /proc: slow."""
    now = ffi.new("pm_pages_report *")
    told = lib.pm_pages_measure(ffi.NULL, pages.data, pages.bytes, now) == lib.PM_OK
    return PagesReport(
        asked=_NAMES[pages.asked],
        given=_NAMES[pages.given],
        reason=ffi.string(pages.reason).decode(errors="replace"),
        mapped_bytes=pages.bytes,
        resident_bytes=now.resident_bytes if told else None,
        transparent_bytes=now.transparent_bytes if told else None,
        explicit_bytes=now.explicit_bytes if told else None,
    )


class PageBuffer(Handle):
    """Zeroed memory of one kind of pages. Threads take turns.

    Args:
        size_bytes: Bytes to map, 1 at least; rounded up to whole pages of the kind.
        pages: "explicit" huge pages come from a store that the administrator set aside (vm.nr_hugepages) and fall back
            to "transparent" ones, which are advice, and these to "plain" ones. `report` says what was refused.

    Raises:
        ValueError: There is no such kind, or the size is 0 or negative.
        OverflowError: The size cannot be represented.
        MemoryError: The system refuses memory.
    """

    __slots__ = ()

    def __init__(self, size_bytes: int, pages: PageKind = "transparent") -> None:
        out = ffi.new("pm_pages *")
        check(lib.pm_pages_init(out, size(size_bytes, "size_bytes"), page_kind(pages)), f"{size_bytes} bytes of pages")
        super().__init__(ffi.gc(out, lib.pm_pages_deinit))

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().bytes)

    def array(self, dtype: npt.DTypeLike = np.uint8) -> npt.NDArray[Any]:
        """The whole memory as a view, without a copy; it keeps the buffer alive."""
        with self._turn:
            pages = self._open()
            return self._view(int(ffi.cast("uintptr_t", pages.data)), pages.bytes).view(dtype)

    def report(self) -> PagesReport:
        """What the memory consists of now, by the kernel's word; slow."""
        with self._turn:
            return report_of(self._open())
