"""What the rules do, simulated: how much they find, and how often they are wrong.

A simulated run has C comparisons. A share of them is identical code, whose true ln(ratio) lies at the very edge of the
bias floor, the worst case; the others differ by 0.5 to 100 %, spread evenly in the logarithm. Every process gives each
comparison its true value plus noise. After each process the rule looks at all comparisons, and those it calls are
measured no more, as in a run.

One of the rules is wrong on purpose, as a negative control of the simulation: a sign test for a fixed number of
processes, at 1 % for each comparison, looked at after every process. It must call identical code in most runs.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from lab.analysis.sequence import log_evidence

Noise = Literal["normal", "heavy-tailed", "common shock"]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NOISES: tuple[Noise, ...] = ("normal", "heavy-tailed", "common shock")
LOOKS = (8, 10, 12, 16)
LARGE = math.log(1.05)  # differences above 5 %
BIAS = math.log(1.01)
SPREAD = 0.03


@dataclass(frozen=True, slots=True)
class Procedure:
    """A rule as it is simulated.

    Attributes:
        kind: "union bound", "e-BH", or "p-values" for the invalid one.
        alpha: the error rate that it promises.
        mixture: a of Beta(a, a); of no account for p-values.
    """

    kind: Literal["union bound", "e-BH", "p-values"]
    alpha: float
    mixture: float = 0.5

    @property
    def valid(self) -> bool:
        """Whether it may be looked at after every process."""
        return self.kind != "p-values"


PROCEDURES = (
    Procedure("union bound", 0.05),
    Procedure("e-BH", 0.05),
    Procedure("e-BH", 0.01),
    Procedure("e-BH", 0.01, 0.2),
    Procedure("e-BH", 0.01, 0.1),
    Procedure("e-BH", 0.01, 0.05),
    Procedure("p-values", 0.01),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule did over many runs.

    Attributes:
        power: number of processes -> share of the differences above 5 % that were called by then.
        false_share: mean over runs of the share of false calls among all calls (0 in a run without calls).
        any_false: share of runs with at least one false call.
        runs: how many.
    """

    power: Mapping[int, float]
    false_share: float
    any_false: float
    runs: int


def simulate(
    procedure: Procedure, noise: Noise, *, seed: int, runs: int = 150, comparisons: int = 288, processes: int = 20,
    identical: float = 0.35,
) -> Outcome:  # fmt: skip
    """Simulate runs under one rule.

    Args:
        procedure: the rule.
        noise: of a process's ln(ratio): "normal" (3 %), "heavy-tailed" (Student's t with 2 degrees of freedom, times
            3 %), or "common shock" (normal, plus a shift of 3 % that all comparisons of a process share).
        seed: of the random numbers; rules with the same seed see the same data.
        runs: how many.
        comparisons: C.
        processes: of each run.
        identical: share of the comparisons that are identical code.
    """
    random = np.random.default_rng(seed)
    same = random.random((runs, comparisons)) < identical
    sign = random.choice([-1.0, 1.0], (runs, comparisons))
    effect = sign * np.where(same, BIAS, np.exp(random.uniform(math.log(0.005), 0.0, (runs, comparisons))))
    called = np.zeros((runs, comparisons), dtype=bool)
    up, down = np.zeros((runs, comparisons), dtype=np.int64), np.zeros((runs, comparisons), dtype=np.int64)
    evidence = np.full((runs, comparisons), -np.inf)
    power: dict[int, float] = {}
    large = ~same & (np.abs(effect) > LARGE)
    look = _LOOKS[procedure.kind]
    for count in range(1, processes + 1):
        value = effect + _noise(random, noise, runs, comparisons)
        up += value > BIAS
        down += value < -BIAS
        now = _evidence(np.maximum(up, down), count, procedure)
        evidence = np.where(called, evidence, now)  # what is called is measured no more
        called |= look(evidence, procedure.alpha)
        if count in LOOKS:
            power[count] = float(called[large].mean()) if large.any() else math.nan
    wrong = (called & same).sum(axis=1)
    return Outcome(
        power=power,
        false_share=float(np.mean(wrong / np.maximum(called.sum(axis=1), 1))),
        any_false=float(np.mean(wrong > 0)),
        runs=runs,
    )


def _noise(random: np.random.Generator, noise: Noise, runs: int, comparisons: int) -> Floats:
    if noise == "heavy-tailed":
        return SPREAD * random.standard_t(2, (runs, comparisons))
    found = SPREAD * random.standard_normal((runs, comparisons))
    return found + SPREAD * random.standard_normal((runs, 1)) if noise == "common shock" else found


def _evidence(most: npt.NDArray[np.int64], count: int, procedure: Procedure) -> Floats:
    """Log evidence against a ratio within the floor; for p-values -ln p of the two-sided sign test."""
    numbers = np.arange(count + 1)
    if procedure.kind == "p-values":
        table = -np.log(np.minimum(2 * stats.binom.sf(numbers - 1, count, 0.5), 1.0))
    else:
        table = log_evidence(np.maximum(numbers, (count + 1) // 2), count, procedure.mixture)
    return np.asarray(table[most])


def _step_up(evidence: Floats, alpha: float) -> Bools:
    """E-BH: the K largest, K the greatest number whose smallest evidence suffices."""
    comparisons = evidence.shape[1]
    ordered = -np.sort(-evidence, axis=1)
    needed = math.log(comparisons / alpha) - np.log(np.arange(1, comparisons + 1))
    most = comparisons - np.argmax((ordered >= needed)[:, ::-1], axis=1)
    level = np.where((ordered >= needed).any(axis=1), needed[most - 1], np.inf)
    return np.asarray(evidence >= level[:, np.newaxis])


def _union(evidence: Floats, alpha: float) -> Bools:
    return np.asarray(evidence >= math.log(evidence.shape[1] / alpha))


def _alone(evidence: Floats, alpha: float) -> Bools:
    return np.asarray(evidence >= -math.log(alpha))


_LOOKS: Mapping[str, Callable[[Floats, float], Bools]] = {"union bound": _union, "e-BH": _step_up, "p-values": _alone}


@dataclass(frozen=True, slots=True)
class Row:
    """A rule under one noise: with differences, and where all code is identical."""

    procedure: Procedure
    noise: Noise
    mixed: Outcome
    identical: Outcome


def table(seed: int, *, runs: int = 150, procedures: Sequence[Procedure] = PROCEDURES) -> tuple[Row, ...]:
    """Every rule under every noise, all on the same data.

    Args:
        seed: of the random numbers.
        runs: for each cell.
        procedures: the rules.
    """
    return tuple(
        Row(
            procedure,
            noise,
            simulate(procedure, noise, seed=seed, runs=runs),
            simulate(procedure, noise, seed=seed + 1, runs=runs, identical=1.0),
        )
        for procedure in procedures
        for noise in NOISES
    )
