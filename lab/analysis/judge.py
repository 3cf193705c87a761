"""The verdicts so far while a run is measured, by the very functions that give the final ones."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from lab.analysis import forecast
from lab.analysis.decide import Mode, is_same, margin_of, modes_needed
from lab.analysis.discoveries import Signs, Threshold, difference, joint_evidence, signed_evidence, signs_of, threshold
from lab.analysis.replicates import Solo, deviation, median, paired, solo
from lab.analysis.sequence import interval
from lab.core.schema import CasePlan, Margin, Measurement, Plan, Rule, Verdict
from lab.core.standing import Standing

_NONE = Signs(0, 0, 0)


@dataclass(slots=True)
class _Mode:
    """One mode of a comparison: one entry per process in each list, and what follows from them."""

    values: list[float] = field(default_factory=list)
    within: list[float] = field(default_factory=list)  # variances, corrected to be medians of what they estimate
    noise: list[float] = field(default_factory=list)  # variance of a value that the pairs explain, as a multiple
    signs: Signs = _NONE
    same: bool = False
    low: float = 0.0
    high: float = math.inf
    spread: float = math.nan
    between: float = math.nan
    difference: forecast.Logs | None = None  # ln E at each of the forecast's steps
    until_same: float = math.inf

    def summarise(self, rule: Rule, margin: Margin) -> None:
        """Bring everything up to date that depends on these values alone."""
        self.signs = signs_of(self.values, margin)
        self.same = is_same(self.values, rule, margin)
        self.low, self.high = map(math.exp, interval(self.values, rule.interval_alpha, rule.mixture))
        self.spread = deviation(self.values)
        if self.within and not math.isnan(self.spread):
            explained = median(self.within) * median(self.noise)
            self.between = math.sqrt(max(self.spread**2 - explained, 0.0))

    def forecast(self, rule: Rule, margin: Margin, evidence: forecast.Evidence, typical: float) -> None:
        """Carry the values on."""
        shares = forecast.shares_of(self.values, margin, typical)
        self.difference = evidence.difference(shares)
        self.until_same = forecast.first_reached(evidence.sameness(shares), -math.log(rule.interval_alpha))

    def verdict(self, alpha: float, mixture: float) -> Verdict:
        """The verdict of this mode alone."""
        called = difference(self.signs, alpha, mixture)
        return called if called != "unresolved" else "same" if self.same else "unresolved"


class _Comparison:
    """One arm of a case in all the modes that it is measured in."""

    def __init__(self, case: CasePlan, arm: str) -> None:
        self.kind = case.kind
        self.modes: dict[Mode, _Mode] = {mode: _Mode() for mode in modes_needed(case, arm)}
        self.evidence = -math.inf  # ln E
        self.failed = False
        self.verdicts: dict[Mode, Verdict] = dict.fromkeys(self.modes, "unresolved")

    @property
    def contradicts(self) -> bool:
        """Whether each mode has a verdict, and not the same."""
        return "unresolved" not in self.verdicts.values() and len(set(self.verdicts.values())) > 1

    def settled(self, mode: Mode) -> bool:
        """Whether this mode needs no further process."""
        return self.verdicts[mode] != "unresolved" and not self.contradicts

    def expected(self) -> forecast.Logs:
        """Log evidence at each of the forecast's steps; with its verdict a comparison gets no further processes."""
        logs = [mode.difference for mode in self.modes.values() if mode.difference is not None]
        if not logs or self.failed or all(map(self.settled, self.modes)):
            return np.full(len(forecast.STEPS), self.evidence)
        return np.asarray(np.min(logs, axis=0))


class RunJudge:
    """Says what is known of each comparison of a run. Not thread-safe.

    Args:
        plan: of the run; its rule alone decides.
    """

    def __init__(self, plan: Plan) -> None:
        self._rule = plan.rule
        self._cases = {case.id: case for case in plan.cases}
        self._baselines = {case.id: case.baseline for case in plan.cases}
        self._seen: dict[tuple[str, str], _Comparison] = {}
        self._solo: dict[tuple[str, int], dict[str, Solo]] = defaultdict(dict)
        self._evidence = forecast.Evidence(plan.rule.mixture)
        self._changed: set[tuple[str, str]] = set()
        self._failed: set[str] = set()  # cases: their samples cannot be trusted
        self._threshold = Threshold(plan.rule, 0)
        self._needed = forecast.thresholds(np.empty((0, len(forecast.STEPS))), plan.rule)

    def observe(self, rows: Sequence[Measurement]) -> None:
        """Take in the rows of one worker of the clock; each worker once.

        Raises:
            CorruptRun: the rows are not what the clock writes; nothing of them was taken in.
        """
        pairs, alone = paired(rows, self._baselines), solo(rows, self._baselines)
        failed = {row.case for row in rows if row.probe == "clock" and row.status == "failed"} - self._failed
        if failed:
            self._failed |= failed
            self._changed |= {key for key in self._seen if key[0] in failed}
        for one in pairs:
            self._add(one.case, one.arm, "paired", one.d, one.within, one.freedom, one.noise)
        for sole in alone:
            self._add_solo(sole)

    def _add_solo(self, new: Solo) -> None:
        """Compare an arm's process with its neighbours: the baseline's, or for the baseline those of all arms."""
        neighbours = self._solo[new.case, new.replicate]
        neighbours[new.arm] = new
        name = self._baselines[new.case]
        base = neighbours.get(name)
        if base is None:
            return
        arms: Iterable[Solo] = [one for one in neighbours.values() if one.arm != name] if new is base else [new]
        for one in arms:
            if one.value > 0 and base.value > 0:
                within = one.within + base.within  # each was estimated on its own
                noise = (one.within * one.noise + base.within * base.noise) / within if within > 0 else math.nan
                d = float(np.log(one.value / base.value))
                self._add(one.case, one.arm, "separate", d, within, one.freedom + base.freedom, noise)

    def _add(  # noqa: PLR0917
        self, case: str, arm: str, mode: Mode, d: float, within: float, freedom: int, noise: float
    ) -> None:
        key = (case, arm)
        if key not in self._seen:
            self._seen[key] = _Comparison(self._cases[case], arm)
        seen = self._seen[key].modes.get(mode)
        if seen is None or math.isnan(d):
            return
        seen.values.append(d)
        if not math.isnan(within + noise):
            seen.within.append(within / (1 - 2 / (9 * freedom)) ** 3)  # the median of a chi-square is below its mean
            seen.noise.append(noise)
        self._changed.add(key)

    def settled(self, case: str, arm: str, mode: str) -> bool:
        """Whether a comparison needs no further process in this mode ("paired", "null" or "separate")."""
        self._refresh()
        found = self._seen.get((case, arm))
        return found is not None and found.settled(_mode(mode))

    def standing(self, case: str, arm: str, mode: str) -> Standing:
        """What is known of a comparison in this mode so far.

        `needed` counts processes of this mode. Where the two modes of a comparison contradict each other the verdict is
        "unresolved" and `needed` is inf: more processes do not reconcile them. So it is for a case that failed.
        """
        self._refresh()
        wanted = _mode(mode)
        found = self._seen.get((case, arm)) or _Comparison(self._cases[case], arm)
        seen = found.modes[wanted]
        return Standing(
            verdict="unresolved" if found.contradicts else found.verdicts[wanted],
            count=len(seen.values),
            needed=math.inf
            if found.contradicts or case in self._failed
            else 0.0
            if found.settled(wanted)
            else self._further(seen),
            within=math.sqrt(median(seen.within)) if seen.within else math.nan,
            between=seen.between,
            ratio=math.exp(median(seen.values)) if seen.values else math.nan,
            low=seen.low,
            high=seen.high,
        )

    def _further(self, seen: _Mode) -> float:
        if seen.difference is None:  # the fewest that could give a verdict
            unanimous = self._evidence.difference(forecast.Shares(0, (0, 1.0), (0, 1.0), (0, 1.0)))
            return max(1.0, forecast.first_reached(unanimous, self._needed))
        return max(1.0, min(forecast.first_reached(seen.difference, self._needed), seen.until_same))

    def _refresh(self) -> None:
        """Bring the evidence, the verdicts, the threshold and the forecast up to date."""
        if not self._changed:
            return
        rule, everything = self._rule, self._seen.values()
        for key in self._changed:
            self._seen[key].failed = key[0] in self._failed
        changed = [self._seen[key] for key in self._changed]
        for one in changed:
            for mode in one.modes.values():
                mode.summarise(rule, margin_of(rule, one.kind))
            logs = (signed_evidence(mode.signs, rule.mixture) for mode in one.modes.values())
            one.evidence = -math.inf if one.failed else joint_evidence(logs)
        typical = median([mode.spread for one in everything for mode in one.modes.values() if mode.spread > 0])
        for one in changed:
            for mode in one.modes.values():
                if mode.values:
                    mode.forecast(rule, margin_of(rule, one.kind), self._evidence, typical)
        before, self._threshold = self._threshold, threshold([one.evidence for one in everything], rule)
        for one in changed if before == self._threshold else everything:
            alpha = self._threshold.alpha(one.evidence)
            one.verdicts = {
                name: "unresolved" if one.failed else mode.verdict(alpha, rule.mixture)
                for name, mode in one.modes.items()
            }
        self._needed = forecast.thresholds(np.array([one.expected() for one in everything]), rule)
        self._changed.clear()


def _mode(mode: str) -> Mode:
    return "separate" if mode == "separate" else "paired"
