"""What the rows of one worker say of its comparisons, without a table: quick enough to ask after every process.

The figures are those of `lab.analysis.pairs` and `lab.analysis.separate`, which do the same for a whole run at once;
a test holds them equal. The spread of the samples within the process comes with them.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lab.core.errors import CorruptRun
from lab.core.schema import TIME, Measurement

# The factor that makes the median absolute deviation of 2, 3, ... normal values an unbiased estimate of their standard
# deviation, after the usual 1.4826 (Croux and Rousseeuw 1992); n / (n - 0.8) for more values.
_SMALL_SAMPLE = (1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107)


class Paired(NamedTuple):
    """One process of one paired comparison.

    Attributes:
        arm: the treatment, or the control's name.
        d: ln(ratio), NaN if one of the two orders has no usable pair.
        within: variance of ln(ratio) over the pairs of one order; NaN if no order has two usable pairs.
        freedom: degrees of freedom of `within`.
        noise: variance of `d` that `within` explains, as a multiple of `within`.
    """

    case: str
    arm: str
    replicate: int
    d: float
    within: float
    freedom: int
    noise: float


class Solo(NamedTuple):
    """One process that measured one arm alone: `value` is the median per item in seconds; the rest as in Paired."""

    case: str
    arm: str
    replicate: int
    value: float
    within: float
    freedom: int
    noise: float


def paired(rows: Iterable[Measurement], baselines: Mapping[str, str]) -> list[Paired]:
    """Every process and comparison of the paired clock among these rows.

    Args:
        rows: of one or more workers.
        baselines: case -> name of its baseline; other cases are ignored.

    Raises:
        CorruptRun: pairs are not numbered uniquely, or the two sides of a pair ran unequal iterations.
    """
    found: dict[tuple[str, str, int], dict[int, list[Measurement | None]]] = defaultdict(dict)
    for row in rows:
        if row.mode not in ("paired", "null") or not _good(row, baselines):
            continue
        side = 0 if row.arm == baselines[row.case] else 1
        key = (row.case, row.arm if side else row.against, row.replicate)
        pair = found[key].setdefault(row.block, [None, None])
        if pair[side] is not None:
            raise CorruptRun("the pairs of a process are not numbered uniquely: run the experiment again")
        pair[side] = row
    return [_paired(key, list(blocks.values())) for key, blocks in found.items()]


def _good(row: Measurement, baselines: Mapping[str, str]) -> bool:
    timed = row.probe == "clock" and row.metric == TIME and row.status == "ok"
    return timed and row.case in baselines and row.value is not None and row.value > 0


def _paired(key: tuple[str, str, int], pairs: Sequence[Sequence[Measurement | None]]) -> Paired:
    orders: tuple[list[float], list[float]] = ([], [])
    sides = [(one, other) for one, other in pairs if one is not None and other is not None]
    if any(one.iterations != other.iterations for one, other in sides):
        raise CorruptRun("the two sides of a timed pair ran unequal iterations: run the experiment again")
    if sides:
        # One call of np.log, like the whole table's: its last bit may differ from math.log's.
        logs = np.log(
            np.array([other.value for _, other in sides]) / np.array([one.value for one, _ in sides])
        ).tolist()
        for (one, other), log in zip(sides, logs, strict=True):
            if not (one.preempted or other.preempted):
                orders[one.position > other.position].append(log)
    d = (median(orders[0]) + median(orders[1])) / 2 if all(orders) else math.nan
    within, freedom = _pooled(orders)
    noise = sum(_median_variance(len(order)) for order in orders) / 4 if all(orders) else math.nan
    return Paired(*key, d, within, freedom, noise)


def solo(rows: Iterable[Measurement], baselines: Mapping[str, str]) -> list[Solo]:
    """Every process and arm that was measured alone among these rows; arguments as in `paired`."""
    found: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in rows:
        if row.mode == "separate" and _good(row, baselines) and row.value is not None:
            values = found[row.case, row.arm, row.replicate]
            if not row.preempted:
                values.append(row.value / (row.items if row.items > 0 else max(row.iterations, 1)))
    return [_solo(key, values) for key, values in found.items()]


def _solo(key: tuple[str, str, int], values: Sequence[float]) -> Solo:
    within, freedom = _pooled([[math.log(value) for value in values]])
    return Solo(*key, median(values), within, freedom, _median_variance(len(values)) if values else math.nan)


def median(values: Iterable[float]) -> float:
    """The median, or NaN if there are no values."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if not ordered:
        return math.nan
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def deviation(values: Sequence[float]) -> float:
    """Standard deviation by the median absolute deviation: outliers hardly move it. NaN for fewer than two values."""
    count = len(values)
    if count < 2:
        return math.nan
    middle = median(values)
    small = _SMALL_SAMPLE[count - 2] if count - 2 < len(_SMALL_SAMPLE) else count / (count - 0.8)
    return 1.4826 * small * median([abs(value - middle) for value in values])


def _pooled(groups: Iterable[Sequence[float]]) -> tuple[float, int]:
    """Variance within the groups, each around its own mean, and its degrees of freedom."""
    squares, freedom = 0.0, 0
    for values in groups:
        if values:
            mean = sum(values) / len(values)
            squares += sum((value - mean) ** 2 for value in values)
            freedom += len(values) - 1
    return (squares / freedom if freedom else math.nan), freedom


def _median_variance(count: int) -> float:
    """Variance of the median of so many normal values of variance 1: 1 for one, pi / 2n for many."""
    return math.pi / (2 * count + math.pi - 2)
