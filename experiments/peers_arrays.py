"""Kernels of the experiment `peers` over whole arrays: streaming through `lab.memory` and through NumPy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.experiment.python_kernel import PythonKernel
from lab.memory import AlignedBuffer, stream

SCALE = 3.0
ITEM_BYTES = 64
SAMPLES = 64
Array = npt.NDArray[np.float64]


@dataclass(slots=True)
class Arrays:
    """An iteration writes one whole array. `buffers` owns the memory."""

    buffers: list[AlignedBuffer]
    to: Array
    work: Callable[[], Any]
    pass_iterations: int = 1

    def run(self, first: int, count: int) -> tuple[int, int]:
        """The sum of some elements of the output, and how often 64 bytes of it were written."""
        check = 0
        for _ in range(count):
            self.work()
            check += int(self.to[:: max(1, self.to.size // SAMPLES)].sum())
        return check, count * self.to.nbytes // ITEM_BYTES


def streams(args: Mapping[str, str], data: memoryview | None) -> PythonKernel:
    """`op` copy, to = a, or triad, to = a + b * 3, over arrays of `array` bytes aligned to 64, by the `contender`."""
    count = int(args["array"]) // 8
    buffers = [AlignedBuffer(np.float64, count) for _ in range(3)]
    for buffer in buffers:
        buffer.resize(count)
    to, a, b = (buffer.array() for buffer in buffers)
    a[:] = np.arange(count) * 7 % 1021
    b[:] = np.arange(count) % 1013

    def triad() -> None:
        np.multiply(b, SCALE, out=to)
        np.add(a, to, out=to)

    work = {
        ("copy", "ours"): lambda: stream.copy(to, a),
        ("copy", "numpy"): lambda: np.copyto(to, a),
        ("triad", "ours"): lambda: stream.triad(a, b, SCALE, to),
        ("triad", "numpy"): triad,
    }
    return Arrays(buffers, to, work[args["op"], args["contender"]])
