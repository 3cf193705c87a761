"""Reading through an index with hints ahead of it, and following several chains at once.

Hints pay where places are scattered over more memory than the caches hold; `sweep` measures at which distance. Every
place is checked before it is read: one beyond the table is an IndexError.

Any thread may call; the GIL is free meanwhile, and arrays must not be changed until the call is over.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.sizes import Sizes, size
from lab.memory.boundary.texts import raw
from lab.memory.errors import check

DISTANCE: Final[int] = lib.PM_PREFETCH_DISTANCE
CHAINS: Final[int] = lib.PM_PREFETCH_CHAINS
CHAINS_MAX: Final[int] = lib.PM_PREFETCH_CHAINS_MAX

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class DistancePoint:
    """What one distance costs.

    Attributes:
        distance: Elements between a hint and its use; 0 is without hints.
        ns: Nanoseconds per element, the best of the rounds.
    """

    distance: int
    ns: float


def gather(table: npt.NDArray[Any], index: Sizes, *, distance: int = DISTANCE) -> npt.NDArray[Any]:
    """table[index], record by record.

    Args:
        table: Shape (records, ...), contiguous, of any fixed type.
        index: Shape (n,), whole numbers.
        distance: Elements between a hint and its use; 0: no hints.

    Raises:
        TypeError: The table holds Python objects, or the index no whole numbers.
        ValueError: The table is not contiguous, the index not flat, or distance negative.
        IndexError: A place is negative or beyond the table.
    """
    if table.dtype.hasobject:
        raise TypeError(f"{table.dtype} cannot be gathered: take a type of fixed size without Python objects")
    if table.ndim == 0 or not table.flags.c_contiguous:
        raise ValueError("the table must be contiguous, with records along its first axis: copy it first")
    places, ahead = _places(index), size(distance, "distance")
    to = np.empty((len(places), *table.shape[1:]), table.dtype)
    record_bytes = table.dtype.itemsize * int(np.prod(table.shape[1:], dtype=np.int64))
    if to.size:
        found = lib.pm_prefetch_gather(
            raw(to), raw(table), record_bytes, len(table), _words(places), len(places), ahead
        )
        _check_found(found, places, len(table))
    elif len(places) and int(places.max()) >= len(table):
        raise IndexError(f"place {int(places.max())} is beyond the {len(table)} records of the table")
    return to


def sum_at(table: npt.NDArray[Any], index: Sizes, *, distance: int = DISTANCE) -> int:
    """The sum of table[index] modulo 2^64; the table of uint64 or int64, shape (records,).

    Raises:
        TypeError: The table is of another type, or the index no whole numbers.
        ValueError, IndexError: As `gather`.
    """
    values, places, out = _table(table), _places(index), ffi.new("uint64_t *")
    ahead = size(distance, "distance")
    found = lib.pm_prefetch_sum(_words(values), len(values), _words(places), len(places), ahead, out)
    _check_found(found, places, len(values))
    return int(out[0])


def follow(following: npt.NDArray[Any], starts: Sizes, steps: int, *, interleave: int = CHAINS) -> Words:
    """Where chains end: `steps` times place = following[place], from each of `starts`.

    Args:
        following: Shape (places,), uint64 or int64.
        starts: Shape (chains,), whole numbers.
        steps: How far to follow each.
        interleave: Chains to follow side by side, 1 to CHAINS_MAX, so that their waits for memory overlap.

    Returns:
        Shape (chains,).

    Raises:
        TypeError: An array is of another type.
        ValueError: interleave is out of range, steps negative, or arrays not flat and contiguous.
        IndexError: A chain leaves the array before its last step.
    """
    if not 1 <= interleave <= CHAINS_MAX:
        raise ValueError(f"interleave must be from 1 to {CHAINS_MAX}, got {interleave}")
    nexts, places = _table(following), _places(starts)
    ends = np.empty(len(places), np.uint64)
    status = lib.pm_prefetch_follow(
        _words(nexts), len(nexts), _words(places), len(places), size(steps, "steps"), interleave, _words(ends)
    )
    if status == lib.PM_INVALID:
        raise IndexError(f"a chain leaves the {len(nexts)} places: check starts and following")
    check(status, "following chains")
    return ends


def sweep(
    table: npt.NDArray[Any],
    index: Sizes,
    distances: Sequence[int] = (0, 1, 2, 4, 8, 16, 32, 64),
    *,
    rounds: int = 5,
) -> tuple[DistancePoint, ...]:
    """Measure `sum_at` at several distances, best of interleaved rounds, in the order given.

    Raises:
        ValueError: There are no elements or rounds; or as `sum_at`.
        TypeError, IndexError: As `sum_at`.
    """
    places = _places(index)
    if not len(places) or rounds < 1:
        raise ValueError("a sweep needs one element and one round at least")
    best = [float("inf")] * len(distances)
    for _ in range(rounds):
        for position, distance in enumerate(distances):
            begin = time.perf_counter_ns()
            sum_at(table, places, distance=distance)
            best[position] = min(best[position], (time.perf_counter_ns() - begin) / len(places))
    return tuple(DistancePoint(distance, ns) for distance, ns in zip(distances, best, strict=True))


def _table(table: npt.NDArray[Any]) -> Words:
    if table.dtype not in (np.uint64, np.int64):
        raise TypeError(f"expected uint64 or int64, got {table.dtype}: convert it with astype first")
    if table.ndim != 1 or not table.flags.c_contiguous:
        raise ValueError("the table must be flat and contiguous: ravel or copy it first")
    return table.view(np.uint64)


def _places(index: Sizes) -> Words:
    """Places as C takes them; a negative one becomes one beyond every table."""
    places = np.asarray(index)
    if places.ndim != 1:
        raise ValueError(f"places must be a flat sequence, got {places.ndim} dimensions")
    if places.size == 0:
        return np.empty(0, np.uint64)
    if places.dtype.kind not in "iu":
        raise TypeError(f"places must be whole numbers, got {places.dtype}: convert them with astype first")
    wide = places.astype(np.int64, copy=False) if places.dtype.kind == "i" else places.astype(np.uint64, copy=False)
    return np.ascontiguousarray(wide).view(np.uint64)


def _words(array: Words) -> Any:
    return ffi.from_buffer("uint64_t[]", array)


def _check_found(status: int, places: Words, records: int) -> None:
    if status == lib.PM_INVALID:
        worst = int(places.max())
        place = worst - 2**64 if worst >= 2**63 else worst
        raise IndexError(f"place {place} lies outside of the {records} records of the table")
    check(status, f"{len(places)} places in {records} records")
