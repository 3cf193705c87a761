"""How much a run may cost: three profiles, and the rule that judges every comparison in all of them.

The margins are those found on shared two-core machines by comparing identical code in 2 950 fresh processes: `bias`
is what the method itself may be off by for that kind of work, `same` is what counts as no difference.
"""

import math
from collections.abc import Mapping

import msgspec

from lab.core.errors import UsageError
from lab.core.schema import Clock, Margin, Rule
from lab.experiment.declare import PROFILES

CLOCKS = {
    "quick": Clock(budget_s=160.0, most_processes=150, pairs=8, sample_s=100e-6, measure_s=1.0),
    "standard": Clock(budget_s=900.0, most_processes=400, pairs=12, sample_s=150e-6, measure_s=2.0),
    "full": Clock(budget_s=3600.0, most_processes=1000, pairs=16, sample_s=200e-6),
}

LEAST_UNTIL = 0.01
UNTIL_BUDGET_S = 86_400.0  # a day: as good as no limit
UNTIL_PROCESSES = 5000

MARGINS = {
    "cache": Margin(bias=math.log(1.005), same=math.log(1.01)),
    "allocating": Margin(bias=math.log(1.005), same=math.log(1.015)),
    "dram": Margin(bias=math.log(1.01), same=math.log(1.02)),
}

# Chosen by `make simulate`: differences above 5 % are called after 10 processes instead of the 12 of Jeffreys' 0.5.
MIXTURE = 0.1

# Simulated misses move when unrelated code shifts addresses; everything else that is exact must be equal.
EXACT_MARGINS = {"d1_misses": 0.05, "l2_misses": 0.05, "ll_misses": 0.05}


def clock_of(profile: str, budget_s: float | None = None, until: float | None = None) -> Clock:
    """The clock of a profile; its budget is that of the whole command: `budget_s`, or the profile's where it is None.

    A run that goes on `until` a change of some size is decided has no limit but the one that is given.

    Raises:
        UsageError: there is no such profile, the budget is no number of seconds above 0, or the size no fraction.
    """
    if profile not in CLOCKS:
        raise UsageError(f"no profile {profile!r}; there are: {', '.join(PROFILES)}")
    if until is not None and not LEAST_UNTIL <= until < 1:
        raise UsageError(
            f"until {until:.2%}: give a size from {LEAST_UNTIL:.0%}, below which the method itself may be off, to 100%"
        )
    if budget_s is None:
        clock = CLOCKS[profile]
        if until is None:
            return clock
        return msgspec.structs.replace(clock, budget_s=UNTIL_BUDGET_S, most_processes=UNTIL_PROCESSES)
    if not 0 < budget_s < math.inf:
        raise UsageError(f"a budget of {budget_s:g} s; give it a number of seconds above 0")
    most = CLOCKS[profile].most_processes if until is None else UNTIL_PROCESSES
    return msgspec.structs.replace(CLOCKS[profile], budget_s=float(budget_s), most_processes=most)


def rule_for(comparisons: int, margins: Mapping[str, Margin] = MARGINS, margins_from: str = "") -> Rule:
    """The rule for a run that plans so many clock comparisons: of its verdicts at most 1 % are expected to be wrong."""
    return Rule(
        alpha=0.01,
        comparisons=max(comparisons, 1),
        interval_alpha=0.05,
        margins=dict(margins),
        exact_margin=EXACT_MARGINS,
        procedure="e-BH",
        mixture=MIXTURE,
        margins_from=margins_from,
    )


def gate_rule_for(comparisons: int) -> Rule:
    """The rule where a verdict stops a build: any false alarm at all has a probability of at most 5 %."""
    return msgspec.structs.replace(rule_for(comparisons), alpha=0.05, procedure="union bound")
