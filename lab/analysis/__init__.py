"""What a run says: statistics, comparisons, verdicts, promises, the gate. Pure functions on tables.

Nothing here reads a clock or a file, draws a random number or needs the compiled module: the same plan and table
give the same results anywhere.
"""

import pandas as pd

from lab.analysis.agreement import agreements
from lab.analysis.answers import answers
from lab.analysis.attribution import attributions
from lab.analysis.bandwidth import bandwidth_fractions
from lab.analysis.claims import claim_results
from lab.analysis.compare import compare, context_figures, read_clock, timed
from lab.analysis.gate import Figures, Gate, figures, gate
from lab.analysis.judge import RunJudge
from lab.analysis.plausible import check
from lab.analysis.selftest import selftest
from lab.analysis.spread import spreads, trajectories
from lab.analysis.unavailable import false_alarms, unavailable
from lab.core.results import Results
from lab.core.schema import Plan


def analyse(plan: Plan, table: pd.DataFrame) -> Results:
    """Everything that a run says.

    Args:
        plan: of the run.
        table: its tidy table, one row per sample or count, with the columns of `MEASUREMENT_FIELDS`.

    Raises:
        CorruptRun: the table's pairs are not what the paired clock writes.
        UsageError: the plan's rule has no margin for some kind of work.
    """
    clock = read_clock(plan, table)
    comparisons = compare(plan, table, clock)
    comparisons = check(plan, table, comparisons + bandwidth_fractions(plan, comparisons))
    missing = unavailable(table)
    shares = attributions(plan, table)
    called, count, upper = false_alarms([comparison for comparison in comparisons if comparison.key.control])
    found = answers(plan, comparisons, shares)
    return Results(
        run=plan.id,
        comparisons=comparisons,
        answers=found,
        claims=claim_results(plan, comparisons, missing, shares),
        unavailable=missing,
        null_called=called,
        null_count=count,
        null_upper=upper,
        selftest=selftest(plan.experiments, comparisons),
        attributions=shares,
        agreements=agreements(plan, table),
        context=context_figures(plan, table),
        trajectories=trajectories(plan, clock, found),
        spreads=spreads(plan, table, clock),
        rule=plan.rule,
        called=clock.threshold.called,
        failed=sum(timed(one) and one.status == "failed" for one in comparisons),
    )


__all__ = ["Figures", "Gate", "RunJudge", "analyse", "figures", "gate"]
