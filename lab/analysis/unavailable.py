"""What a run could not have, and what its identical arms say about the rule."""

from collections.abc import Sequence

import pandas as pd
from scipy import special

from lab.core.results import Comparison, Unavailable


def unavailable(table: pd.DataFrame) -> tuple[Unavailable, ...]:
    """Rows that carry no value, those of one reason together, in order of experiment, metric and probe."""
    rows = table.loc[(table["status"] != "ok").to_numpy(dtype=bool)]
    found: dict[tuple[str, str, str, str, str], list[str]] = {}
    names = ("experiment", "metric", "probe", "status", "reason", "case")
    for *what, case in zip(*(rows[name].astype(str) for name in names), strict=True):
        experiment, metric, probe, status, reason = what
        found.setdefault((experiment, metric, probe, status, reason), []).append(case)
    return tuple(Unavailable(*key, len(cases), tuple(sorted(set(cases)))) for key, cases in sorted(found.items()))


def false_alarms(identical: Sequence[Comparison]) -> tuple[int, int, float]:
    """How often the rule called identical code better or worse.

    A comparison counts once the rule has given it a verdict (`same` may come before it could have been called: that is
    the rule as everyone meets it), or once it had enough processes to be called.

    Args:
        identical: comparisons of arms that are the same code.

    Returns:
        How many were called, out of how many, and the upper 95 % limit of the rate (Clopper and Pearson 1934,
        one-sided); 1 where there was none to count.
    """
    able = [one for one in identical if one.verdict != "unresolved" or one.estimate.detectable is not None]
    called = sum(comparison.verdict in ("better", "worse") for comparison in able)
    upper = 1.0 if called == len(able) else float(special.betaincinv(called + 1, len(able) - called, 0.95))
    return called, len(able), upper
