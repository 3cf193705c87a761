"""How many more processes the comparisons of a run need, from what each has shown so far.

From the values of a comparison comes the chance that the next process lies beyond the bias floor, and within the
equivalence margin. Carried on at these rates, ln E grows with every further process, and with it, jointly, the number K
of comparisons that e-BH will call: the threshold that each of them will meet is the one of that time, not today's. All
comparisons are taken to receive further processes at the same pace. A forecast decides nothing; verdicts come from
`lab.analysis.decide` alone.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from lab.analysis.replicates import deviation, median
from lab.core.schema import Margin, Rule

# Further processes that are looked at: every number first, then ever larger steps.
STEPS = np.unique(np.r_[0:33, np.round(32 * 1.1 ** np.arange(1, 37))]).astype(np.int64)
MOST_COUNT = 4096

_PRIOR_SPREAD = 0.03  # of a process's ln(ratio) before anything is known
_PRIOR_WEIGHT = 3.0  # of the spread that other comparisons have, in processes
_SHAPE_WEIGHT = 4.0  # of the share that the spread suggests against the share that was counted, in processes

Logs = npt.NDArray[np.float64]


class Shares(NamedTuple):
    """Counts of processes so far and the expected share of further ones.

    Attributes:
        processes: how many gave a value.
        beyond: (how many, expected share) above the bias floor or below its negative, whichever is more.
        below, above: (how many, expected share) below +delta, and above -delta.
    """

    processes: int
    beyond: tuple[int, float]
    below: tuple[int, float]
    above: tuple[int, float]


class Evidence:
    """ln E for whole numbers of processes, from a table. Not thread-safe.

    Args:
        mixture: a of the rule.
    """

    def __init__(self, mixture: float) -> None:
        numbers = np.arange(MOST_COUNT + 1)
        self._one_side = special.gammaln(numbers + mixture)
        self._both = numbers * math.log(2) - special.gammaln(numbers + 2 * mixture)
        self._both -= special.betaln(mixture, mixture)

    def __call__(self, above: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> Logs:
        """Log evidence of `above` among `count` values, where most lie above; at its smallest where they do not."""
        above = np.maximum(above, (count + 1) // 2)
        return np.asarray(self._both[count] + self._one_side[above] + self._one_side[count - above])

    def difference(self, shares: Shares) -> Logs:
        """Log evidence against a ratio within the bias floor after each of STEPS further processes."""
        return self._ahead(shares.beyond, shares.processes)

    def sameness(self, shares: Shares) -> Logs:
        """Log evidence against a ratio beyond the equivalence margin after each of STEPS further processes."""
        return np.minimum(self._ahead(shares.below, shares.processes), self._ahead(shares.above, shares.processes))

    def _ahead(self, so_far: tuple[int, float], count: int) -> Logs:
        number, share = so_far
        return self(number + np.round(share * STEPS).astype(np.int64), count + STEPS)


def shares_of(values: Sequence[float], margin: Margin, typical_spread: float) -> Shares:
    """What the values of a comparison in one mode suggest of its next ones.

    Args:
        values: ln(ratio) of each process, at least one.
        margin: of this kind of work.
        typical_spread: between the processes of the run's other comparisons; NaN if nothing is known.
    """
    count = len(values)
    prior = typical_spread if typical_spread > 0 else _PRIOR_SPREAD
    own = deviation(values)
    freedom = count - 1 if not math.isnan(own) else 0
    spread = math.sqrt((_PRIOR_WEIGHT * prior**2 + (freedom * own**2 if freedom else 0.0)) / (_PRIOR_WEIGHT + freedom))
    scale = spread * math.sqrt(1 + 1 / count)
    middle = median(values)

    def share(number: int, distance: float) -> tuple[int, float]:
        expected = float(special.stdtr(_PRIOR_WEIGHT + freedom, distance / scale))
        return number, (number + _SHAPE_WEIGHT * expected) / (count + _SHAPE_WEIGHT)

    up = share(sum(value > margin.bias for value in values), middle - margin.bias)
    down = share(sum(value < -margin.bias for value in values), -margin.bias - middle)
    return Shares(
        processes=count,
        beyond=max(up, down, key=lambda one: one[1]),
        below=share(sum(value <= margin.same for value in values), margin.same - middle),
        above=share(sum(value >= -margin.same for value in values), middle + margin.same),
    )


def thresholds(evidence: npt.NDArray[np.float64], rule: Rule) -> Logs:
    """Log evidence that will be needed at each of STEPS.

    Args:
        evidence: one row per comparison measured so far, its ln E at each of STEPS. The others are not expected to be
            called meanwhile: whoever measures some comparisons first must convince with fewer of them.
        rule: of the run.
    """
    measured = len(evidence)
    total = max(rule.comparisons, 1)
    if rule.procedure == "union bound":
        return np.full(len(STEPS), math.log(total / rule.alpha))
    if not measured:
        return np.full(len(STEPS), math.log(2 / rule.alpha))  # as if half of all comparisons differed
    called = np.arange(1, measured + 1)[:, np.newaxis]
    needed = math.log(total / rule.alpha) - np.log(called)
    reached = np.sort(evidence, axis=0)[::-1] >= needed
    most = np.where(reached.any(axis=0), measured - np.argmax(reached[::-1], axis=0), 0)
    return np.asarray(math.log(total / rule.alpha) - np.log(np.minimum(most + 1, measured)))


def first_reached(evidence: Logs, needed: Logs | float) -> float:
    """The first of STEPS at which the evidence suffices; inf if it does at none."""
    reached = np.flatnonzero(evidence >= needed)
    return float(STEPS[reached[0]]) if reached.size else math.inf
