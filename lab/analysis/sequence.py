"""An anytime-valid confidence sequence for a median, from signs alone.

For n values d and a candidate median theta, k = #{d > theta} is Binomial(n, 1/2) when theta is the median. Mixing the
likelihood ratio of a coin over Beta(a, a) gives

    E_n(theta) = 2^n * B(k + a, n - k + a) / B(a, a)

a non-negative martingale of mean 1 under that hypothesis. By Ville's inequality it ever reaches 1/alpha with
probability at most alpha, so that the set {theta: E_n(theta) < 1/alpha} may be looked at after every value.
(Robbins 1970; Howard and Ramdas, "Sequential estimation of quantiles", 2022.) The only assumption is that the values
are independent and share a median; their distribution does not matter.

a = 1/2 is Jeffreys' prior. A smaller a puts more weight on coins that always fall on one side: unanimous signs convince
after fewer values, mixed signs after slightly more.

A value that ties with theta could count either way. E is taken at the assignment that gives the least evidence against
theta: at the median itself ties can always be split so that the coin is fair, so the smallest E never exceeds a valid
one.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

JEFFREYS = 0.5


def log_evidence(above: npt.ArrayLike, count: int, mixture: float = JEFFREYS) -> npt.NDArray[np.float64]:
    """E_n in logs, for `above` of `count` values on one side; smallest at count / 2 and rising to both sides."""
    k = np.asarray(above, dtype=np.float64)
    mixed = special.betaln(k + mixture, count - k + mixture) - special.betaln(mixture, mixture)
    return np.asarray(count * math.log(2) + mixed)


@lru_cache(maxsize=65536)
def critical_count(count: int, alpha: float, mixture: float = JEFFREYS) -> int | None:
    """k*: how many of `count` values must lie on one side for E_n to reach 1/alpha; None if not even all are enough."""
    above = np.arange(count // 2 + 1, count + 1)
    reached = np.flatnonzero(log_evidence(above, count, mixture) >= -math.log(alpha))
    return int(above[reached[0]]) if reached.size else None


@lru_cache(maxsize=4096)
def minimum_count(alpha: float, mixture: float = JEFFREYS) -> int:
    """The fewest values that can exclude anything (7, 10, 13 for alpha 0.05, 0.01, 0.001 and Jeffreys' mixture)."""
    count = 1
    while critical_count(count, alpha, mixture) is None:
        count += 1
    return count


def interval(
    values: Sequence[float] | npt.NDArray[np.float64], alpha: float, mixture: float = JEFFREYS
) -> tuple[float, float]:
    """The medians that the values allow at level alpha.

    Args:
        values: finite numbers, shape (n,), in any order.
        alpha: 1 - confidence, in (0, 1).
        mixture: a of Beta(a, a).

    Returns:
        Both ends; they belong to the interval and are values themselves. (-inf, inf) below `minimum_count(alpha)`.
    """
    count = len(values)
    needed = critical_count(count, alpha, mixture)
    if needed is None:
        return -math.inf, math.inf
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return float(ordered[count - needed]), float(ordered[needed - 1])


def log_evidence_against(
    values: Sequence[float] | npt.NDArray[np.float64], low: float, high: float, mixture: float = JEFFREYS
) -> float:
    """The smallest ln E_n(theta) over low <= theta <= high: the evidence against any median in that range."""
    data = np.asarray(values, dtype=np.float64)
    fewest, most = int(np.sum(data > high)), int(np.sum(data >= low))
    nearest = min(max(len(data) / 2, fewest), most)
    return float(np.min(log_evidence([math.floor(nearest), math.ceil(nearest)], len(data), mixture)))
