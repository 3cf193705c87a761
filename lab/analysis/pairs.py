"""One number per process and comparison, from adjacent pairs of samples.

    d_p = 1/2 [ median over AB pairs of ln(tB/tA) + median over BA pairs of ln(tB/tA) ]
    o_p = 1/2 [ median over BA pairs of ln(tB/tA) - median over AB pairs of ln(tB/tA) ]

A is the baseline, B the arm; in an AB pair the baseline is measured first. A pair of which one sample was preempted
is dropped whole. A process that has no pair left in one of the two orders yields nothing, for the order effect
would then be part of its number.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lab.core.errors import CorruptRun
from lab.core.schema import TIME

EFFECT_COLUMNS = (
    "case", "arm", "replicate", "d", "order_effect", "pairs", "dropped", "dropped_baseline", "dropped_arm",
    "baseline_value", "arm_value",
)  # fmt: skip

Ints = npt.NDArray[np.int64]


def clock_rows(table: pd.DataFrame, modes: Sequence[str], baselines: Mapping[str, str]) -> pd.DataFrame:
    """Good samples of the clock in these modes, of the cases that `baselines` knows."""
    chosen = (
        (table["probe"] == "clock")
        & (table["metric"] == TIME)
        & table["mode"].isin(list(modes))
        & (table["status"] == "ok")
        & table["case"].isin(list(baselines))
        & (table["value"] > 0)
    )
    return table.loc[chosen.to_numpy(dtype=bool)]


def seconds_per_item(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Time per item; per iteration where a kernel names no items."""
    items, iterations = rows["items"].to_numpy(), rows["iterations"].to_numpy()
    return rows["value"].to_numpy(dtype=np.float64) / np.where(items > 0, items, np.maximum(iterations, 1))


def paired_effects(table: pd.DataFrame, baselines: Mapping[str, str]) -> pd.DataFrame:
    """Effects of every process and comparison of the paired clock, the null control among them.

    Args:
        table: the tidy table of a run.
        baselines: case -> name of its baseline.

    Returns:
        One row per case, arm and process (`EFFECT_COLUMNS`). `d` and `order_effect` are ln(ratio), NaN for a process
        that yields nothing; `pairs` counts those used, `dropped` those preempted, `dropped_baseline` and
        `dropped_arm` those in which that side was; the values are medians per item in seconds.

    Raises:
        CorruptRun: pairs are not numbered uniquely, or the two sides of one ran unequal iterations.
    """
    rows = clock_rows(table, ("paired", "null"), baselines)
    if rows.empty:
        return pd.DataFrame({name: [] for name in EFFECT_COLUMNS})
    case, cases = pd.factorize(rows["case"])
    names, known = pd.factorize(pd.concat([rows["arm"], rows["against"]], ignore_index=True).astype(str))
    arm, against = names[: len(rows)], names[len(rows) :]
    is_baseline = arm == pd.Index(known).get_indexer(pd.Index([baselines[name] for name in cases]))[case]
    treatment = np.where(is_baseline, against, arm)

    process = _group(case, treatment, rows["replicate"].to_numpy())
    first, second = _pair_up(_group(process, rows["block"].to_numpy()), is_baseline)
    if not np.array_equal(rows["iterations"].to_numpy()[first], rows["iterations"].to_numpy()[second]):
        raise CorruptRun("the two sides of a timed pair ran unequal iterations: run the experiment again")

    time, value = rows["value"].to_numpy(dtype=np.float64), seconds_per_item(rows)
    cut = rows["preempted"].to_numpy(dtype=bool)
    pairs = pd.DataFrame(
        {
            "process": process[first],
            "late": rows["position"].to_numpy()[first] > rows["position"].to_numpy()[second],
            "ratio": np.log(time[second] / time[first]),
            "dropped": cut[first] | cut[second],
            "dropped_baseline": cut[first],
            "dropped_arm": cut[second],
            "baseline_value": value[first],
            "arm_value": value[second],
        }
    )
    found = pairs.groupby("process")[["dropped", "dropped_baseline", "dropped_arm"]].sum()
    kept = pairs[~pairs["dropped"]]
    values = kept.groupby("process")[["baseline_value", "arm_value"]].median().reindex(found.index)
    medians = kept.groupby(["late", "process"])["ratio"].median()
    ab, ba = (medians[medians.index.get_level_values("late") == late].droplevel("late") for late in (False, True))
    ab, ba = ab.reindex(found.index), ba.reindex(found.index)
    start = pd.Series(np.arange(len(rows)), dtype=np.int64).groupby(process).first().reindex(found.index).to_numpy()
    found = found.assign(
        case=np.asarray(cases)[case[start]],
        arm=np.asarray(known)[treatment[start]],
        replicate=rows["replicate"].to_numpy()[start],
        d=(ab + ba) / 2,
        order_effect=(ba - ab) / 2,
        pairs=kept.groupby("process").size().reindex(found.index, fill_value=0),
        baseline_value=values["baseline_value"],
        arm_value=values["arm_value"],
    )
    return found.reset_index(drop=True)[list(EFFECT_COLUMNS)]


def _group(*keys: npt.NDArray[np.int64]) -> Ints:
    """Numbers 0, 1, ... in order of appearance that are equal where all keys are."""
    code = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        inverse, levels = pd.factorize(key)
        code, _ = pd.factorize(code * len(levels) + inverse)
    return code


def _pair_up(pair: Ints, is_baseline: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Positions of the baseline's and of the arm's sample of every complete pair."""
    order = np.argsort(2 * pair + ~is_baseline, kind="stable")  # rows come nearly in this order
    number = pair[order]
    starts = np.flatnonzero(np.r_[True, number[1:] != number[:-1]])
    sizes = np.diff(np.r_[starts, len(number)])
    whole = starts[sizes == 2]
    first, second = order[whole], order[whole + 1]
    if (sizes > 2).any() or (is_baseline[first] == is_baseline[second]).any():
        raise CorruptRun("the pairs of a process are not numbered uniquely: run the experiment again")
    return first, second
