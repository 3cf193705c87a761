"""How many pairs one process should take of a comparison: as many as bring its verdict in the least time.

A process costs s + 2 p t seconds: s for what it takes before the first pair, t for a pair, p pairs of each order. Its
figure spreads by sigma(p), sigma^2 = between^2 + within^2 c / (2 p): more pairs average the spread within a process
away, never that between processes. With the median effect theta, the share Phi((|theta| - m) / sigma) of processes
lies beyond the bias floor m, and the share Phi((delta - |theta|) / sigma) within the equivalence margin delta. The
logarithm of the sign e-process grows by ln 2 - H(share) with each process, H the entropy in nats, so the verdict takes
about

    N(p) = (ln(1 / alpha) + ln(N) / 2) / (ln 2 - H(share))

processes, by the shorter of the two ways. The number chosen has the least (s + 2 p t) N(p). Where the effect is large
beside both spreads that is one pair; where it is near the floor it tends to within / (2 between) sqrt(s / t).

The number may follow what was seen so far: each process is judged by its sign alone, and is as likely to lie above the
true median as below it however many pairs it takes. That needs the spread within a process to be symmetric; skew moves
the median of few pairs against that of many by far less than the bias floor.
"""

import math

from lab.core.schema import Margin
from lab.core.standing import Standing

FIRST_PAIRS = 2  # per order, before anything is known: the fewest that show a spread within the process
PRIOR_WITHIN, PRIOR_BETWEEN = 0.05, 0.02  # spreads of ln(ratio) expected before any are seen
PRIOR_WEIGHT = 3.0  # processes that the prior counts for
LN_DIFFERENT = math.log(200)  # evidence wanted of a difference: e-BH at 1 %, half of all comparisons called
LN_SAME = math.log(20)  # of sameness: the 95 % interval
MOST_PROCESSES = 10_000.0


def best_pairs(standing: Standing, margin: Margin, before_s: float, pair_s: float, most: int) -> int:
    """Pairs per order for the next process.

    Args:
        standing: of the comparison so far.
        margin: of its kind of work.
        before_s: seconds that the process takes for this comparison before its first pair.
        pair_s: seconds of one pair.
        most: pairs per order at most, at least 1.
    """
    if standing.count == 0 or math.isnan(standing.ratio):
        return min(FIRST_PAIRS, most)
    within = _shrunk(standing.within, PRIOR_WITHIN, standing.count)
    between = _shrunk(standing.between, PRIOR_BETWEEN, standing.count)
    effect = abs(math.log(standing.ratio))
    choices = [1 << step for step in range(most.bit_length()) if 1 << step < most] + [most]

    def seconds(pairs: int) -> float:
        return (before_s + 2 * pairs * pair_s) * processes(effect, margin, spread(within, between, pairs))

    if all(processes(effect, margin, spread(within, between, pairs)) >= MOST_PROCESSES for pairs in choices):
        ideal = within / (2 * between) * math.sqrt(before_s / pair_s) if pair_s > 0 else most
        return int(min(max(round(ideal), 1), most))
    return min(choices, key=seconds)


def spread(within: float, between: float, pairs: int) -> float:
    """Standard deviation of a process's ln(ratio) with so many pairs of each order."""
    of_medians = math.pi / 2 if pairs > 2 else 1.0  # a median of one or two values is their mean
    return math.sqrt(between**2 + within**2 * of_medians / (2 * pairs))


def processes(effect: float, margin: Margin, sigma: float) -> float:
    """Processes until a verdict, for a median |ln(ratio)| of `effect`; at most MOST_PROCESSES."""
    different = _until(LN_DIFFERENT, (effect - margin.bias) / sigma)
    same = _until(LN_SAME, (margin.same - effect) / sigma)
    return min(different, same, MOST_PROCESSES)


def _until(evidence: float, distance: float) -> float:
    share = min(0.5 * (1 + math.erf(distance / math.sqrt(2))), 1 - 1e-9)
    if share <= 0.5:
        return math.inf
    rate = math.log(2) + share * math.log(share) + (1 - share) * math.log1p(-share)
    count = evidence / rate
    return (evidence + math.log(max(count, 1.0)) / 2) / rate


def _shrunk(seen: float, prior: float, count: int) -> float:
    weight = 0 if math.isnan(seen) else count
    known = seen if weight else 0.0
    return math.sqrt((PRIOR_WEIGHT * prior**2 + weight * known**2) / (PRIOR_WEIGHT + weight))
