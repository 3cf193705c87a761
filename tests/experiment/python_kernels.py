"""Python kernels for the tests: sums over a range, in moods."""

import os
from collections.abc import Mapping

from lab.experiment.python_kernel import Unsupported


class Sums:
    def __init__(self, mood: str, numbers: list[int]) -> None:
        self.pass_iterations = len(numbers) + (mood == "short")
        self._mood = mood
        self._numbers = numbers

    def run(self, first: int, count: int) -> tuple[int, int]:
        if self._mood == "raises":
            raise ValueError("made to raise")
        length = len(self._numbers)
        total = sum(self._numbers[at % length] for at in range(first, first + count))
        if self._mood == "slow":
            total = sum(self._numbers[at % length] for at in range(first, first + count))
        return total + (self._mood == "wrong"), count


def sums(args: Mapping[str, str], data: memoryview | None) -> Sums:
    if args["mood"] == "unsupported":
        raise Unsupported("no such library; pip install it")
    if args["mood"] == "preloaded":
        assert os.environ["LD_PRELOAD"]
    return Sums(args["mood"], list(data if data is not None else range(100)))
