"""The headline of every arm: what it pays over the cases that answers depend on, and where it does not."""

from collections import Counter
from collections.abc import Sequence

from lab.analysis.compare import timed
from lab.core.results import Answer, Attribution, Brought, Comparison, Extreme, Shown
from lab.core.schema import TIME, Plan


def answers(plan: Plan, comparisons: Sequence[Comparison], shares: Sequence[Attribution] = ()) -> tuple[Answer, ...]:
    """One answer per experiment, arm and baseline, in the plan's order; the control is not among them.

    An answer covers the arm's cases of priority 0, or all of them if none of them has priority 0. Of arms that are
    settings of switches only the one with every switch on has an answer; it includes what each switch brings.
    """
    partial = {
        (experiment.name, group.name, arm)
        for experiment in plan.experiments
        for group in experiment.groups
        for arm, on in group.settings.items()
        if len(on) < max(map(len, group.settings.values()))
    }
    found: dict[tuple[str, str, str], list[Comparison]] = {}
    for comparison in comparisons:
        key = comparison.key
        if timed(comparison) and not key.control and (key.experiment, key.group, key.arm) not in partial:
            found.setdefault((key.experiment, key.arm, key.baseline), []).append(comparison)
    order = [experiment.name for experiment in plan.experiments]
    first = {case.id for case in plan.cases if case.priority == 0}
    return tuple(
        _answer([one for one in found[key] if one.key.case in first] or found[key], shares)
        for key in sorted(found, key=lambda key: order.index(key[0]))
    )


def _answer(cases: Sequence[Comparison], shares: Sequence[Attribution]) -> Answer:
    shown = Counter[Shown](one.shown for one in cases)
    judged = [one for one in cases if one.verdict != "unresolved"] or [one for one in cases if one.status == "ok"]
    ranked = sorted((one for one in judged if one.estimate.ratio is not None), key=lambda one: one.estimate.ratio or 0)
    key = cases[0].key
    return Answer(
        experiment=key.experiment,
        arm=key.arm,
        baseline=key.baseline,
        cases=len(cases),
        better=shown["better"],
        worse=shown["worse"],
        same=shown["same"],
        unresolved=shown["unresolved"] + shown["not measured"],
        failed=shown["failed"] + shown["unavailable"] + shown["implausible"],
        best=Extreme(ranked[0], levels(ranked[0], cases)) if ranked else None,
        worst=Extreme(ranked[-1], levels(ranked[-1], cases)) if ranked else None,
        worse_where=_shared([one for one in cases if one.verdict == "worse"], cases),
        reasons=() if ranked else cases[0].reasons,
        brought=tuple(found for one in cases for found in _brought(one, cases, shares)),
    )


def _brought(case: Comparison, cases: Sequence[Comparison], shares: Sequence[Attribution]) -> list[Brought]:
    mine = sorted((s for s in shares if (s.case, s.metric) == (case.key.case, TIME)), key=lambda one: one.value)
    if not mine:
        return []
    less = {one.switch: 1 - one.value for one in mine if one.high is not None and one.high < 1}
    more = {one.switch: one.value - 1 for one in reversed(mine) if one.low is not None and one.low > 1}
    undecided = tuple(one.switch for one in mine if one.switch not in less and one.switch not in more)
    return [Brought(levels(case, cases) if len(cases) > 1 else {}, less, more, undecided)]


def levels(comparison: Comparison, cases: Sequence[Comparison]) -> dict[str, str]:
    """The levels that distinguish a case from the others; its group is one of them if there are several groups."""
    mine = {"group": comparison.key.group, **comparison.key.factors}
    common = set.intersection(*({("group", case.key.group), *case.key.factors.items()} for case in cases))
    return {name: level for name, level in mine.items() if (name, level) not in common}


def _shared(some: Sequence[Comparison], cases: Sequence[Comparison]) -> dict[str, str]:
    """The levels that some of the cases have in common and not all have."""
    if not some:
        return {}
    shared = set.intersection(*(set(levels(one, cases).items()) for one in some))
    return {name: level for name, level in levels(some[0], cases).items() if (name, level) in shared}
