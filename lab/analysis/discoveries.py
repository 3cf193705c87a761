"""Which comparisons of a run are called: e-BH, or the union bound where the plan says so.

Each comparison has E, the least evidence against a median ratio within the bias floor (`lab.analysis.sequence`), with
the direction of its signs. A comparison measured in two ways has the smaller E of the two where their directions agree
and none where they do not.

e-BH (Wang and Ramdas, "False discovery rate control with e-values", 2022): sort the C planned comparisons by E and call
the K largest, K being the greatest number with E_(K) >= C / (alpha K). The expected share of false verdicts among all
verdicts is at most alpha, under any dependence between comparisons and at any stopping time. A called comparison keeps
its processes and so its E; thresholds only fall as K grows, so what is called stays called. Where nothing differs the
rule is as strict as the union bound, E >= C / alpha, which bounds the probability of any false verdict at all.

The direction is covered too: E counts the signs, so evidence for "better" is evidence against every ratio at or above
the floor.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from lab.analysis.sequence import critical_count, log_evidence
from lab.core.schema import Margin, Rule


@dataclass(frozen=True, slots=True)
class Threshold:
    """How much evidence the comparisons of a run need at present.

    Attributes:
        rule: of the run.
        called: K, the number of comparisons called.
    """

    rule: Rule
    called: int

    def calls(self, evidence: float) -> bool:
        """Whether a comparison with this ln E is among those called."""
        return self.called > 0 and evidence >= -math.log(self._level(self.called))

    def alpha(self, evidence: float) -> float:
        """The level at which a comparison with this ln E is judged: the one for K if called, for K + 1 otherwise."""
        return self._level(self.called if self.calls(evidence) else self.called + 1)

    def _level(self, called: int) -> float:
        return level(self.rule, called)


def level(rule: Rule, called: int) -> float:
    """The level of each comparison where so many are called together; its E must reach 1 / level."""
    if rule.procedure == "union bound":
        return single_alpha(rule)
    return rule.alpha * min(max(called, 1), max(rule.comparisons, 1)) / max(rule.comparisons, 1)


def single_alpha(rule: Rule) -> float:
    """The level of a comparison that is judged alone among C: alpha / C."""
    return rule.alpha / max(rule.comparisons, 1)


class Signs(NamedTuple):
    """How many of a comparison's processes lie beyond the bias floor, in one mode.

    Attributes:
        processes: how many gave a value.
        up, down: how many lie above the floor, and below its negative.
    """

    processes: int
    up: int
    down: int


def signs_of(values: Sequence[float], margin: Margin) -> Signs:
    """Count the values, ln(ratio) of each process, beyond the margin's bias floor."""
    return Signs(len(values), sum(x > margin.bias for x in values), sum(x < -margin.bias for x in values))


@lru_cache(maxsize=65536)
def signed_evidence(signs: Signs, mixture: float) -> tuple[float, int]:
    """Log evidence against a ratio within the bias floor, and its direction: 1 up, -1 down, 0 if the signs balance."""
    count, up, down = signs
    most = max(up, down)
    balanced = 2 * most <= count
    evidence = float(log_evidence((count + 1) // 2 if balanced else most, count, mixture))
    return evidence, 0 if balanced else 1 if up > down else -1


def joint_evidence(modes: Iterable[tuple[float, int]]) -> float:
    """Log evidence of a comparison measured in several ways: the smallest, or -inf if the directions differ."""
    evidence, directions = zip(*modes, strict=True)
    return min(evidence) if len(set(directions)) == 1 and directions[0] else -math.inf


def difference(signs: Signs, alpha: float, mixture: float) -> Literal["better", "worse", "unresolved"]:
    """Whether the signs call a difference at a level."""
    needed = critical_count(signs.processes, alpha, mixture)
    if needed is None:
        return "unresolved"
    return "worse" if signs.up >= needed else "better" if signs.down >= needed else "unresolved"


def threshold(evidence: Iterable[float], rule: Rule) -> Threshold:
    """How many of the comparisons are called.

    Args:
        evidence: ln E of each comparison of the run, in any order; those without processes may be left out.
        rule: of the run.
    """
    ordered = sorted(evidence, reverse=True)
    for called in range(min(len(ordered), rule.comparisons), 0, -1):
        # The same expression as in critical_count, so that both always agree.
        if ordered[called - 1] >= -math.log(level(rule, called)):
            return Threshold(rule, called)
    return Threshold(rule, 0)
