"""What is known of a comparison while a run is measured: the judge says it, the scheduler spends time by it."""

from dataclasses import dataclass

from lab.core.schema import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """A comparison so far, in one mode ("paired", "null" or "separate").

    Attributes:
        verdict: by the rule in the plan, with what has been measured so far.
        count: processes that gave a value.
        needed: expected further processes until a verdict; 0 once there is one, inf if none is to be expected.
        within: standard deviation of ln(ratio) over the pairs of one process; NaN before it is known.
        between: standard deviation of ln(ratio) between processes, apart from what `within` explains; NaN before it is
            known.
        ratio: median ratio so far, NaN before the first process.
        low, high: 95 % interval of the ratio, 0 and inf before there is one.
    """

    verdict: Verdict
    count: int
    needed: float
    within: float
    between: float
    ratio: float
    low: float
    high: float
