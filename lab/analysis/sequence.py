"""An anytime-valid confidence sequence for a median, from signs alone.

For n values d and a candidate median theta, k = #{d > theta} is Binomial(n, 1/2) when theta is the median. Mixing the
likelihood ratio of a coin over Jeffreys' prior Beta(1/2, 1/2) (the Krichevsky-Trofimov mixture) gives

    E_n(theta) = 2^n * Beta(k + 1/2, n - k + 1/2) / pi

a non-negative martingale of mean 1 under that hypothesis. By Ville's inequality it ever reaches 1/alpha with
probability at most alpha, so that the set {theta: E_n(theta) < 1/alpha} may be looked at after every value.
(Robbins 1970; Howard and Ramdas, "Sequential estimation of quantiles", 2022.) Nothing is assumed of the
distribution but that the values are independent and share a median.

A value that ties with theta could count either way. E is taken at the assignment that says least against theta: at
the median itself ties can always be split so that the coin is fair, hence the smallest E never exceeds a valid one.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special


def log_evidence(above: npt.ArrayLike, count: int) -> npt.NDArray[np.float64]:
    """E_n in logs, for `above` of `count` values on one side; smallest at count / 2 and rising to both sides."""
    k = np.asarray(above, dtype=np.float64)
    return np.asarray(count * math.log(2) + special.betaln(k + 0.5, count - k + 0.5) - math.log(math.pi))


@lru_cache(maxsize=4096)
def critical_count(count: int, alpha: float) -> int | None:
    """k*: how many of `count` values must lie on one side for E_n to reach 1/alpha; None where not even all do."""
    above = np.arange(count // 2 + 1, count + 1)
    reached = np.flatnonzero(log_evidence(above, count) >= -math.log(alpha))
    return int(above[reached[0]]) if reached.size else None


@lru_cache(maxsize=64)
def minimum_count(alpha: float) -> int:
    """The fewest values with which anything at all can be excluded (7, 10, 13 for alpha 0.05, 0.01, 0.001)."""
    count = 1
    while critical_count(count, alpha) is None:
        count += 1
    return count


def interval(values: Sequence[float] | npt.NDArray[np.float64], alpha: float) -> tuple[float, float]:
    """The medians that the values allow at level alpha.

    Args:
        values: finite numbers, shape (n,), in any order.
        alpha: 1 - confidence, in (0, 1).

    Returns:
        Both ends; they belong to the interval and are values themselves. (-inf, inf) below `minimum_count(alpha)`.
    """
    count = len(values)
    needed = critical_count(count, alpha)
    if needed is None:
        return -math.inf, math.inf
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return float(ordered[count - needed]), float(ordered[needed - 1])


def log_evidence_against(values: Sequence[float] | npt.NDArray[np.float64], low: float, high: float) -> float:
    """The smallest ln E_n(theta) over low <= theta <= high: what the values say against a median anywhere in there."""
    data = np.asarray(values, dtype=np.float64)
    fewest, most = int(np.sum(data > high)), int(np.sum(data >= low))
    nearest = min(max(len(data) / 2, fewest), most)
    return float(np.min(log_evidence([math.floor(nearest), math.ceil(nearest)], len(data))))
