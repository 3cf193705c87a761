"""Copies, fills, sums and a triad over arrays that may be larger than the caches.

Where the output has `threshold_bytes` or more, it is written past the caches. Arrays are flat, contiguous, of float64,
uint64 or int64, whole numbers modulo 2^64; every path of `lab.memory.cpu` gives the same bits. An output aligned to 64
bytes (`AlignedBuffer.array`) is fastest; any works. An output may be one of the inputs, but not overlap one otherwise.

Any thread may call; the GIL is free meanwhile, and arrays must not be used by others until the call is over.
"""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.sizes import SIZE_MAX, size

Array = npt.NDArray[Any]
_Array = TypeVar("_Array", bound=Array)
NEVER = SIZE_MAX  # a threshold that no output reaches


def copy(to: _Array, source: Array, *, threshold_bytes: int = 0) -> _Array:
    """Copy the elements of an array into another, of any fixed type, and return it.

    Args:
        to: Flat, contiguous, writable.
        source: Of the same type and shape; it must not overlap the output.
        threshold_bytes: Outputs from this size on go past the caches; 0: the machine's own, NEVER: none.

    Raises:
        TypeError: The types differ or hold Python objects.
        ValueError: An array is not flat and contiguous, the output not writable, shapes differ, or they overlap.
    """
    if to.dtype != source.dtype or to.dtype.hasobject:
        raise TypeError(f"cannot copy {source.dtype} into {to.dtype}: take one type without Python objects")
    _check_shapes(to, source)
    if np.may_share_memory(to, source) and to.size:
        raise ValueError("the arrays overlap: copy into another one")
    threshold = size(threshold_bytes, "threshold_bytes")
    if to.nbytes:
        lib.pm_stream_copy(_address(to), _address(source), to.nbytes, threshold)
    return to


def fill(to: _Array, value: float, *, threshold_bytes: int = 0) -> _Array:
    """Store a value in every element, and return the array.

    Raises:
        TypeError, ValueError: As `add` does for its output.
        OverflowError: A whole number does not fit.
    """
    _check_type(to)
    _check_shapes(to)
    pattern = int(np.array(value, to.dtype).reshape(1).view(np.uint64)[0])
    lib.pm_stream_fill(_address(to), pattern, to.size, size(threshold_bytes, "threshold_bytes"))
    return to


def add(a: Array, b: Array, out: Array | None = None, *, threshold_bytes: int = 0) -> Array:
    """The sums of two arrays, element by element.

    Args:
        a: Of float64, uint64 or int64, flat and contiguous.
        b: Of the same type and shape.
        out: Where to write, of the same type and shape; None: a new array.
        threshold_bytes: As in `copy`.

    Raises:
        TypeError: The types differ or are others.
        ValueError: An array is not flat and contiguous, the output not writable, shapes differ, or they overlap.
    """
    to = _output(a, b, out)
    function = lib.pm_stream_add_f64 if a.dtype == np.float64 else lib.pm_stream_add_u64
    function(*_typed(to, a, b), to.size, size(threshold_bytes, "threshold_bytes"))
    return to


def triad(a: Array, b: Array, scale: float, out: Array | None = None, *, threshold_bytes: int = 0) -> Array:
    """The sums a + b * scale, element by element, product and sum each rounded.

    Raises:
        TypeError, ValueError: As `add`; TypeError where scale is no whole number and the arrays are.
    """
    to = _output(a, b, out)
    threshold = size(threshold_bytes, "threshold_bytes")
    if a.dtype == np.float64:
        lib.pm_stream_triad_f64(*_typed(to, a, b), scale, to.size, threshold)
        return to
    if not isinstance(scale, int | np.integer):
        raise TypeError(f"scale must be a whole number for {a.dtype}, got {scale!r}")
    lib.pm_stream_triad_u64(*_typed(to, a, b), int(scale) % 2**64, to.size, threshold)
    return to


def total(values: Array) -> float | int:
    """The sum: of doubles in the order that pm/stream.h tells, of whole numbers modulo 2^64.

    Raises:
        TypeError, ValueError: As `add` does for its inputs.
    """
    _check_type(values)
    _check_flat(values)
    (pointer,) = _typed(values)
    if values.dtype == np.float64:
        return float(lib.pm_stream_sum_f64(pointer, values.size))
    found = int(lib.pm_stream_sum_u64(pointer, values.size))
    return found - 2**64 if values.dtype == np.int64 and found >= 2**63 else found


def _output(a: Array, b: Array, out: Array | None) -> Array:
    for array in (a, b) if out is None else (a, b, out):
        _check_type(array)
        if array.dtype != a.dtype:
            raise TypeError(f"the arrays are of {a.dtype} and {array.dtype}: convert one with astype first")
    to = np.empty(a.shape, a.dtype) if out is None else out
    _check_shapes(to, a, b)
    for source in (a, b):
        same = source.ctypes.data == to.ctypes.data
        if not same and np.may_share_memory(to, source):
            raise ValueError("the output overlaps an input: write into that input itself, or elsewhere")
    return to


def _check_type(array: Array) -> None:
    if array.dtype not in (np.float64, np.uint64, np.int64):
        raise TypeError(f"expected float64, uint64 or int64, got {array.dtype}: convert it with astype first")


def _check_flat(array: Array) -> None:
    if array.ndim != 1 or not array.flags.c_contiguous:
        raise ValueError("the arrays must be flat and contiguous: ravel or copy them first")


def _check_shapes(to: Array, *sources: Array) -> None:
    for array in (to, *sources):
        _check_flat(array)
        if array.shape != to.shape:
            raise ValueError(f"the arrays must be of one length, got {to.size} and {array.size}")
    if not to.flags.writeable:
        raise ValueError("the output is read-only")


def _address(array: Array) -> Any:
    return ffi.from_buffer(array.view(np.uint8))


def _typed(*arrays: Array) -> list[Any]:
    kind = "double[]" if arrays[0].dtype == np.float64 else "uint64_t[]"
    return [ffi.from_buffer(kind, array) for array in arrays]
