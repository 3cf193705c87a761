"""Numbers and arrays of numbers on their way to C: checked here, so that nothing wraps on the way."""

import operator
import sys
from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

SIZE_MAX = 2 * sys.maxsize + 1  # the largest size_t

Sizes = Sequence[int] | npt.NDArray[np.integer]


def size(value: SupportsIndex, name: str) -> int:
    """A whole number from 0 to the largest size_t.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is negative.
        OverflowError: It does not fit.
    """
    number = operator.index(value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number}")
    if number > SIZE_MAX:
        raise OverflowError(f"{name} must fit in {SIZE_MAX.bit_length()} bits, got {number}")
    return number


def alignment(value: SupportsIndex, low: int, high: int) -> int:
    """A power of two from low to high.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is out of range or no power of two.
    """
    number = operator.index(value)
    if not low <= number <= high or number & (number - 1):
        raise ValueError(f"alignment must be a power of two from {low} to {high} bytes, got {number}")
    return number


def sizes(values: Sizes, name: str) -> npt.NDArray[np.uintp]:
    """A contiguous array of size_t, shape (n,), that owns or borrows its memory.

    Raises:
        TypeError: The values are no whole numbers.
        ValueError: One is negative, or they are no flat sequence.
        OverflowError: One does not fit.
    """
    array = np.asarray(values)
    if array.size == 0:
        return np.empty(0, np.uintp)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a flat sequence, got {array.ndim} dimensions")
    if array.dtype.kind not in "iu":
        if isinstance(values, np.ndarray):
            raise TypeError(f"{name} must be whole numbers, got {array.dtype}: convert them with astype first")
        return np.fromiter((size(value, name) for value in values), np.uintp, len(values))
    if array.dtype.kind == "i" and int(array.min()) < 0:
        raise ValueError(f"{name} must not be negative, got {int(array.min())}")
    return np.ascontiguousarray(array, np.uintp)
