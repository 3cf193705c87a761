"""The lab judged by itself: identical code must not be called, planted slowdowns must be found."""

from collections.abc import Sequence

from lab.analysis.compare import timed
from lab.analysis.unavailable import false_alarms
from lab.core.results import Comparison, Plant, SelfTest
from lab.core.schema import ExperimentPlan, Role

ROLE: Role = "selftest"


def selftest(experiments: Sequence[ExperimentPlan], comparisons: Sequence[Comparison]) -> SelfTest | None:
    """What the experiments with role "selftest" found; None where the run has none.

    The arms of their groups are identical code, but for the groups that are declared to be `planted`.
    """
    testing = [experiment for experiment in experiments if experiment.role == ROLE]
    names = {experiment.name for experiment in testing}
    plants = {(experiment.name, group.name) for experiment in testing for group in experiment.groups if group.planted}
    own = [comparison for comparison in comparisons if comparison.key.experiment in names]
    if not own:
        return None
    instructions = {(one.key.case, one.key.arm): one.estimate.ratio for one in own if one.key.metric == "instructions"}
    clock = [comparison for comparison in own if timed(comparison)]
    planted = [one for one in clock if (one.key.experiment, one.key.group) in plants and not one.key.control]
    called, count, upper = false_alarms([comparison for comparison in clock if comparison not in planted])
    return SelfTest(
        called=called,
        count=count,
        upper=upper,
        plants=tuple(
            Plant(one, one.verdict == "worse", instructions.get((one.key.case, one.key.arm))) for one in planted
        ),
    )
