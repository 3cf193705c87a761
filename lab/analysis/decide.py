"""The verdict: what the processes of one comparison allow to be said, by the rule fixed in the plan.

A comparison is judged at a level alpha that `lab.analysis.discoveries` gives it. Worse when the lower end of the
sequence at alpha exceeds m, better when its upper end lies below -m, same when the 95 % sequence lies within +-delta,
else unresolved. Where both a difference and sameness hold, the difference wins and a reason says so. Being
anytime-valid the rule may be asked after every process: `lab.analysis.judge` does so while the run is measured, with
the functions of this module.

The detectable change. A slowdown theta is called when at least k* of n values exceed m, so each must do so with
probability p*, the smallest p with P(Bin(n, p) >= k*) >= 0.95. With residuals r = d - median that is
P(theta + r > m) >= p*, hence theta = m + Q(p*), Q the quantile of -r, taken from |r| with both signs so that a slowdown
and a speed-up share one figure. Q is the larger of two estimates: the order statistic of |r| whose expected coverage is
2 p* - 1, and the quantile of the next value if the noise is normal (Student's t, with n - 1 degrees of freedom, times
the standard deviation), which reaches beyond the largest residual seen. Simulated, a change of that size is called with
a probability of 0.92 to 0.98 under normal noise; where the noise has heavy tails (t with 2 degrees of freedom) and all
n values must agree, with 0.75 or more, for n values do not show the tail that decides. It is infinite below the minimum
number of processes.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from lab.analysis.discoveries import difference, joint_evidence, level, signed_evidence, signs_of, single_alpha
from lab.analysis.sequence import JEFFREYS, critical_count, interval, minimum_count
from lab.core.arms import is_control
from lab.core.errors import UsageError
from lab.core.reasons import Reason
from lab.core.schema import CasePlan, Margin, Rule, Verdict

POWER = 0.95

Mode = Literal["paired", "separate"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be said of one comparison; ratios are arm / baseline and None where the data give none.

    Attributes:
        count: processes (values) behind it.
        called_low, called_high: the interval at the level of the verdict; None unless it is better or worse.
        detectable: the smallest change, as a fraction, called with probability 0.95 at this count.
    """

    count: int
    ratio: float | None
    low: float | None
    high: float | None
    detectable: float | None
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    called_low: float | None = None
    called_high: float | None = None


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
    if needed is None or count < 2:
        return math.inf
    chance = float(special.betaincinv(needed, count - needed + 1, POWER))
    data = np.asarray(values, dtype=np.float64)
    residuals = np.sort(np.abs(data - np.median(data)))
    seen = float(residuals[min(math.ceil((2 * chance - 1) * (count + 1)), count) - 1])
    beyond = float(np.std(data, ddof=1) * special.stdtrit(count - 1, chance) * math.sqrt(1 + 1 / count))
    return bias + max(seen, beyond)


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
    ends = interval(values, rule.interval_alpha, rule.mixture)
    called = interval(values, alpha, rule.mixture) if verdict in ("better", "worse") else (-math.inf, math.inf)
    smallest = detectable(values, alpha, margin.bias, rule.mixture)
    return Decision(
        count=len(values),
        ratio=math.exp(np.median(values)) if len(values) else None,
        low=_ratio(ends[0]),
        high=_ratio(ends[1]),
        detectable=math.expm1(smallest) if math.isfinite(smallest) else None,
        verdict=verdict,
        reasons=_reasons(values, ends, verdict, alpha, rule, margin),
        called_low=_ratio(called[0]),
        called_high=_ratio(called[1]),
    )


def _ratio(log: float) -> float | None:
    return math.exp(log) if math.isfinite(log) else None


def _reasons(  # noqa: PLR0917
    values: Sequence[float], ends: tuple[float, float], verdict: Verdict, alpha: float, rule: Rule, margin: Margin
) -> tuple[Reason, ...]:
    (low, high), count = ends, len(values)
    same, bias = math.expm1(margin.same), math.expm1(margin.bias)
    if verdict in ("better", "worse"):
        within = low >= -margin.same and high <= margin.same
        return (Reason("within sameness", {"same": same}),) if within else ()
    if verdict == "same":
        return ()
    fewest = minimum_count(level(rule, rule.comparisons), rule.mixture)  # where all comparisons of the run are called
    if count < fewest:
        return (Reason("too few processes", {"count": count, "fewest": fewest}),)
    figures = {"count": count, "low": _ratio(low), "high": _ratio(high), "bias": bias, "same": same}
    if low > margin.bias or high < -margin.bias:
        evidence, _ = signed_evidence(signs_of(values, margin), rule.mixture)
        return (Reason("too little evidence", {**figures, "evidence": math.exp(evidence), "needed": 1 / alpha}),)
    return (Reason("undecided", figures),)


def agree(paired: Decision, separate: Decision) -> Decision:
    """One decision from the pairs and from separate processes: the hull of both, a verdict only where they share it.

    The ratio is the geometric mean of the two; where the two contradict each other there is none. `count` is the
    smaller of the two.
    """
    verdict = paired.verdict if paired.verdict == separate.verdict else "unresolved"
    contradict = verdict == "unresolved" and "unresolved" not in (paired.verdict, separate.verdict)
    known = paired.ratio is not None and separate.ratio is not None and not contradict
    if verdict != "unresolved":
        reasons = paired.reasons or separate.reasons
    else:
        figures = {**_quoted("paired", paired), **_quoted("separate", separate)}
        names = {"paired": paired.verdict, "separate": separate.verdict}
        reasons = (Reason("ways disagree" if contradict else "ways must agree", figures, names),)
    return Decision(
        count=min(paired.count, separate.count),
        ratio=math.sqrt((paired.ratio or 0) * (separate.ratio or 0)) if known else None,
        low=_outer(min, paired.low, separate.low),
        high=_outer(max, paired.high, separate.high),
        detectable=_outer(max, paired.detectable, separate.detectable),
        verdict=verdict,
        reasons=reasons,
        called_low=_outer(min, paired.called_low, separate.called_low),
        called_high=_outer(max, paired.called_high, separate.called_high),
    )


def _outer(choose: Callable[[float, float], float], one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else choose(one, other)


def _quoted(mode: Mode, decision: Decision) -> dict[str, float | None]:
    return {
        f"{mode}_ratio": decision.ratio,
        f"{mode}_low": decision.low,
        f"{mode}_high": decision.high,
        f"{mode}_count": decision.count,
    }


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
