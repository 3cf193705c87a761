"""The self-test's Python kernel: a known amount of work, and a known share more of it on request.

An iteration does 100 equal units of work: each adds up a short list and looks a word up in a dictionary. With
`plant` = P it does P per mille more of them, evenly spread, whose results are discarded: the counterpart of
native/kernels/src/plant.h.
"""

from collections.abc import Mapping

from lab.experiment.python_kernel import PythonKernel

UNITS = 100
PASS = 16
MASK = (1 << 64) - 1


class _Mixer:
    pass_iterations = PASS

    def __init__(self, plant: int, length: int) -> None:
        self._plant = plant
        self._steps = UNITS + UNITS * plant // 1000
        self._values = list(range(length))
        self._words = {f"word {number}": number for number in range(PASS * UNITS)}
        self._keys = list(self._words)

    def run(self, first: int, count: int) -> tuple[int, int]:
        """See PythonKernel."""
        check = 0
        values, words, keys = self._values, self._words, self._keys
        plant, limit = self._plant, 1000 + self._plant
        for iteration in range(first, first + count):
            unit = iteration % PASS * UNITS
            carry = 0
            for _ in range(self._steps):
                carry += plant
                planted = carry >= limit
                carry -= limit * planted
                total = 0
                for value in values:
                    total += value
                check += (total ^ words[keys[unit % len(keys)]]) * (not planted)
                unit += not planted
        return check & MASK, count * UNITS


def mixer(args: Mapping[str, str], _data: memoryview | None) -> PythonKernel:
    """A kernel that does its work over lists of `length` numbers, with `plant` per mille more units."""
    return _Mixer(int(args["plant"]), int(args["length"]))
