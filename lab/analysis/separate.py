"""One number per pair of processes that each measured one arm alone.

    d_p = ln( median of the arm's samples / median of the baseline's samples ), per item

`replicate` says which processes ran next to each other; only those are compared, for the host's speed changes. A
preempted sample is dropped. Iterations may differ between processes, so values are taken per item.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lab.analysis.pairs import EFFECT_COLUMNS, clock_rows, seconds_per_item


def solo_medians(table: pd.DataFrame, baselines: Mapping[str, str]) -> pd.DataFrame:
    """The median of each process that measured one arm alone.

    Args:
        table: the tidy table of a run, or part of it.
        baselines: case -> name of its baseline.

    Returns:
        One row per case, arm and replicate: `value`, the median per item in seconds (NaN where every sample was
        preempted), and the counts `used` and `dropped`.
    """
    rows = clock_rows(table, ("separate",), baselines)
    samples = pd.DataFrame(
        {
            "case": rows["case"].astype(str),
            "arm": rows["arm"].astype(str),
            "replicate": rows["replicate"],
            "used": ~rows["preempted"].astype(bool),
            "dropped": rows["preempted"].astype(bool),
            "value": np.where(rows["preempted"].astype(bool), np.nan, seconds_per_item(rows)),
        }
    )
    return samples.groupby(["case", "arm", "replicate"], as_index=False).agg(
        {"value": "median", "used": "sum", "dropped": "sum"}
    )


def separate_effects(medians: pd.DataFrame, baselines: Mapping[str, str]) -> pd.DataFrame:
    """Effects of all adjacent processes that measured one arm alone.

    Args:
        medians: as `solo_medians` returns them, of the whole run so far.
        baselines: case -> name of its baseline.

    Returns:
        The columns of `paired_effects`; `pairs` counts the samples used and `dropped` the preempted ones, those of
        both sides, and there is no order effect (NaN).
    """
    own = medians["arm"] == medians["case"].map(dict(baselines))
    both = medians[~own].merge(
        medians[own].drop(columns="arm"), on=["case", "replicate"], suffixes=("_arm", "_baseline")
    )
    return both.assign(
        d=np.log(both["value_arm"] / both["value_baseline"]),
        order_effect=np.nan,
        pairs=both["used_arm"] + both["used_baseline"],
        dropped=both["dropped_arm"] + both["dropped_baseline"],
        baseline_value=both["value_baseline"],
        arm_value=both["value_arm"],
    )[list(EFFECT_COLUMNS)]
