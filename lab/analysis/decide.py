"""The verdict: what the processes of one comparison allow to be said, by the rule fixed in the plan.

A comparison is judged at a level alpha that `lab.analysis.discoveries` gives it. Worse when the lower end of the
sequence at alpha exceeds m, better when its upper end lies below -m, same when the 95 % sequence lies within +-delta,
else unresolved. Where a difference and sameness both hold the difference wins and the reason says so. Being
anytime-valid the rule may be asked after every process: `lab.analysis.judge` does so while the run is measured, and
stops exactly where the final verdict stands.

The detectable difference. A slowdown theta is called when at least k* of n values exceed m, so each must do so with
probability p*, the smallest p with P(Bin(n, p) >= k*) >= 0.95. With residuals r = d - median that is
P(theta + r > m) >= p*, hence theta = m + Q(p*), Q the quantile of -r. Q is taken from |r| with both signs, so that a
slowdown and a speed-up have one figure: Q(p) is the (2p - 1)-quantile of |r|, a value seen and never one between two.
It is infinite below the minimum number of processes. The spread being estimated from the n values themselves, the
power of what it names is below 0.95: simulated, 0.88 to 0.93 in general, and near 0.67 where k* = n, for there p* asks
for a quantile beyond the largest residual seen.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from lab.analysis import words
from lab.analysis.discoveries import difference, joint_evidence, signed_evidence, signs_of, single_alpha
from lab.analysis.pairs import is_control
from lab.analysis.sequence import JEFFREYS, critical_count, interval, minimum_count
from lab.core.errors import UsageError
from lab.core.schema import CasePlan, Margin, Rule, Verdict

POWER = 0.95

Mode = Literal["paired", "separate"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be said of one comparison; ratios are arm / baseline and None where the data give none.

    Attributes:
        count: processes (values) behind it.
        detectable: the smallest slowdown, as a fraction, called with probability 0.95 at this count.
    """

    count: int
    ratio: float | None
    low: float | None
    high: float | None
    detectable: float | None
    verdict: Verdict
    reason: str


def margin_of(rule: Rule, kind: str) -> Margin:
    """The margins for a kind of work.

    Raises:
        UsageError: the rule has none.
    """
    if kind not in rule.margins:
        raise UsageError(f"the rule has no margin for {kind} work, only for {', '.join(sorted(rule.margins))}")
    return rule.margins[kind]


def detectable(values: Sequence[float], alpha: float, bias: float, mixture: float = JEFFREYS) -> float:
    """The smallest ln(ratio) that as many values would call with probability 0.95; inf where none would be."""
    count = len(values)
    needed = critical_count(count, alpha, mixture)
    if needed is None:
        return math.inf
    chance = float(special.betaincinv(needed, count - needed + 1, POWER))
    residuals = np.abs(np.asarray(values) - np.median(values))
    return bias + float(np.quantile(residuals, 2 * chance - 1, method="inverted_cdf"))


def is_same(values: Sequence[float], rule: Rule, margin: Margin) -> bool:
    """Whether the sequence at the shown level lies within the equivalence margin."""
    low, high = interval(values, rule.interval_alpha, rule.mixture)
    return low >= -margin.same and high <= margin.same


def verdict_of(values: Sequence[float], rule: Rule, margin: Margin, alpha: float | None = None) -> Verdict:
    """The verdict alone, from ln(ratio) of each process in any order; `alpha` as in `decide`."""
    called = difference(signs_of(values, margin), single_alpha(rule) if alpha is None else alpha, rule.mixture)
    return called if called != "unresolved" else "same" if is_same(values, rule, margin) else "unresolved"


def decide(values: Sequence[float], rule: Rule, margin: Margin, alpha: float | None = None) -> Decision:
    """Everything about one comparison in one mode.

    Args:
        values: ln(ratio) of each process, finite, in any order; none at all is allowed.
        rule: of the run.
        margin: for this kind of work.
        alpha: the level of a difference at present; alpha / C, the strictest, if None.
    """
    alpha = single_alpha(rule) if alpha is None else alpha
    verdict = verdict_of(values, rule, margin, alpha)
    low, high = interval(values, rule.interval_alpha, rule.mixture)
    smallest = detectable(values, alpha, margin.bias, rule.mixture)
    return Decision(
        count=len(values),
        ratio=math.exp(np.median(values)) if len(values) else None,
        low=math.exp(low) if math.isfinite(low) else None,
        high=math.exp(high) if math.isfinite(high) else None,
        detectable=math.expm1(smallest) if math.isfinite(smallest) else None,
        verdict=verdict,
        reason=_reason(len(values), (low, high), verdict, minimum_count(alpha, rule.mixture), margin),
    )


def _reason(count: int, ends: tuple[float, float], verdict: Verdict, fewest: int, margin: Margin) -> str:
    low, high = ends
    within = low >= -margin.same and high <= margin.same
    same = words.percent(math.expm1(margin.same))
    if verdict in ("better", "worse"):
        return f"a true difference, but within ±{same}, which counts as the same for this kind of work" * within
    if verdict == "same":
        return ""
    if count < fewest:
        return f"{_processes(count)}; better or worse takes at least {fewest}"
    return (
        f"{_processes(count)} allow {words.change(math.exp(low))} to {words.change(math.exp(high))}: no difference"
        f" beyond ±{words.percent(math.expm1(margin.bias))} is sure, nor sameness within ±{same}"
    )


def _processes(count: int) -> str:
    return f"{count or 'no'} process{'' if count == 1 else 'es'}"


def agree(paired: Decision, separate: Decision) -> Decision:
    """One decision from the pairs and from separate processes: the hull of both, a verdict only where they share it.

    The ratio is the geometric mean of the two; where the two contradict each other there is none. `count` is the
    smaller of the two.
    """
    verdict = paired.verdict if paired.verdict == separate.verdict else "unresolved"
    contradict = verdict == "unresolved" and "unresolved" not in (paired.verdict, separate.verdict)
    known = paired.ratio is not None and separate.ratio is not None and not contradict
    quoted = f"pairs: {_quote(paired)}; separate processes: {_quote(separate)}"
    return Decision(
        count=min(paired.count, separate.count),
        ratio=math.sqrt((paired.ratio or 0) * (separate.ratio or 0)) if known else None,
        low=_outer(min, paired.low, separate.low),
        high=_outer(max, paired.high, separate.high),
        detectable=_outer(max, paired.detectable, separate.detectable),
        verdict=verdict,
        reason=(
            f"the two ways of measuring disagree ({quoted})"
            if contradict
            else f"both ways of measuring must agree ({quoted})"
            if verdict == "unresolved"
            else paired.reason or separate.reason
        ),
    )


def _outer(choose: Callable[[float, float], float], one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else choose(one, other)


def _quote(decision: Decision) -> str:
    figure = words.ratio(decision.ratio, decision.low, decision.high)
    return f"{decision.verdict}, {figure}, {_processes(decision.count)}"


def modes_needed(case: CasePlan, arm: str) -> tuple[Mode, ...]:
    """The ways in which a comparison must be measured before it has a verdict; the control needs pairs alone."""
    if is_control(arm):
        return ("paired",)
    if case.paired and case.separate:
        return ("paired", "separate")
    return ("separate",) if case.separate else ("paired",)


def evidence_of(case: CasePlan, arm: str, values: Mapping[Mode, Sequence[float]], rule: Rule) -> float:
    """Log evidence of a comparison from what each of its modes gave; -inf where a mode has no values yet."""
    margin = margin_of(rule, case.kind)
    signs = [signs_of(values.get(mode, ()), margin) for mode in modes_needed(case, arm)]
    return joint_evidence(signed_evidence(one, rule.mixture) for one in signs)


def decide_modes(
    case: CasePlan, arm: str, values: Mapping[Mode, Sequence[float]], rule: Rule, alpha: float | None = None
) -> Decision:
    """The decision of a comparison from what each of its modes gave; a mode without values counts as none."""
    margin = margin_of(rule, case.kind)
    decisions = [decide(values.get(mode, ()), rule, margin, alpha) for mode in modes_needed(case, arm)]
    return decisions[0] if len(decisions) == 1 else agree(*decisions)
