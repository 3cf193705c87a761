"""The lab judged by itself: identical code must not be called, planted slowdowns must be found."""

from collections.abc import Sequence

from lab.analysis.compare import timed
from lab.analysis.unavailable import false_alarms
from lab.core.results import Comparison, Plant, SelfTest

EXPERIMENT = "selftest"
PLANTED = "planted"  # how the names of groups begin whose arms are slowed down on purpose; all others are identical


def selftest(comparisons: Sequence[Comparison]) -> SelfTest | None:
    """What the self-test experiment of a run found; None where the run has none."""
    own = [comparison for comparison in comparisons if comparison.key.experiment == EXPERIMENT]
    if not own:
        return None
    instructions = {(one.key.case, one.key.arm): one.estimate.ratio for one in own if one.key.metric == "instructions"}
    clock = [comparison for comparison in own if timed(comparison)]
    planted = [comparison for comparison in clock if _is_plant(comparison)]
    called, count, upper = false_alarms([comparison for comparison in clock if not _is_plant(comparison)])
    return SelfTest(
        called=called,
        count=count,
        upper=upper,
        plants=tuple(
            Plant(one, one.verdict == "worse", instructions.get((one.key.case, one.key.arm))) for one in planted
        ),
    )


def _is_plant(comparison: Comparison) -> bool:
    return comparison.key.group.startswith(PLANTED) and not comparison.key.control
