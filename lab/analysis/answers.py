"""The headline of every arm: what it pays over all its cases in the clock, and where it does not."""

from collections.abc import Mapping, Sequence

from lab.analysis import words
from lab.analysis.compare import timed
from lab.core.results import Answer, Attribution, Comparison
from lab.core.schema import TIME, Plan, Verdict


def answers(plan: Plan, comparisons: Sequence[Comparison], shares: Sequence[Attribution] = ()) -> tuple[Answer, ...]:
    """One answer per experiment, arm and baseline, in the plan's order; the control is not among them.

    Of arms that are settings of switches only the one with every switch on has an answer. It says what each switch
    brings to that, by its share of the time.

    `best` and `worst` are chosen among the cases that have a ratio; both are None where none has.
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
        setting = (comparison.experiment, comparison.group, comparison.arm)
        if timed(comparison) and not comparison.control and setting not in partial:
            key = (comparison.experiment, comparison.arm, comparison.baseline)
            found.setdefault(key, []).append(comparison)
    order = [experiment.name for experiment in plan.experiments]
    return tuple(_answer(found[key], shares) for key in sorted(found, key=lambda key: order.index(key[0])))


def _answer(cases: Sequence[Comparison], shares: Sequence[Attribution]) -> Answer:
    by_verdict: dict[Verdict, list[Comparison]] = {"better": [], "worse": [], "same": [], "unresolved": []}
    for comparison in cases:
        by_verdict[comparison.verdict].append(comparison)
    judged = [comparison for comparison in cases if comparison.verdict != "unresolved"] or list(cases)
    ranked = sorted((one for one in judged if one.ratio is not None), key=lambda one: one.ratio or 0.0)
    best, worst = (ranked[0], ranked[-1]) if ranked else (None, None)
    return Answer(
        experiment=cases[0].experiment,
        arm=cases[0].arm,
        baseline=cases[0].baseline,
        cases=len(cases),
        **{verdict: len(of_it) for verdict, of_it in by_verdict.items()},
        best=best,
        worst=worst,
        sentence=" ".join([_sentence(cases, by_verdict, best, worst), *_brought(cases, shares)]),
    )


def _brought(cases: Sequence[Comparison], shares: Sequence[Attribution]) -> list[str]:
    """A sentence for each of the cases whose time was attributed to switches, the most helpful first."""
    sentences = []
    for case in cases:
        mine = [one for one in shares if (one.case, one.metric) == (case.case, TIME)]
        mine.sort(key=lambda one: one.value)
        less = [
            f"{one.switch} ({words.percent(1 - one.value)})" for one in mine if one.high is not None and one.high < 1
        ]
        more = [f"{one.switch} ({words.percent(one.value - 1)})" for one in mine if one.low is not None and one.low > 1]
        rest = [one.switch for one in mine if one.low is None or one.high is None or one.low <= 1 <= one.high]
        parts = [
            f"less time through {words.listed(less)}" if less else "",
            f"more through {words.listed(more[::-1])}" if more else "",
            f"undecided for {words.listed(rest)}" if rest else "",
        ]
        if mine:
            where = f" ({_place(case, cases)})" if len(cases) > 1 else ""
            sentences.append(f"Each switch among all others{where}: {'; '.join(filter(None, parts))}.")
    return sentences


def _sentence(
    cases: Sequence[Comparison],
    by_verdict: Mapping[Verdict, Sequence[Comparison]],
    best: Comparison | None,
    worst: Comparison | None,
) -> str:
    arm, baseline = cases[0].arm, cases[0].baseline
    if best is None or worst is None:
        return f"{arm} against {baseline}: measured in none of {_cases(len(cases))} ({cases[0].reason})."
    lead = f"{arm} took {_figure(best)} of the time of {baseline}"
    if best is not worst:
        lead += f" at best ({_place(best, cases)}) and {_figure(worst)} at worst ({_place(worst, cases)})"
    elif len(cases) > 1:
        lead += f" ({_place(best, cases)})"
    counts, total = [], f" of {_cases(len(cases))}"
    for verdict, of_it in by_verdict.items():
        if of_it:
            shared = _shared(of_it, cases) if verdict == "worse" else ""
            counts.append(f"{verdict} in {len(of_it)}{total}{shared}")
            total = ""
    return f"{lead}; {', '.join(counts)}."


def _figure(comparison: Comparison) -> str:
    return words.ratio(comparison.ratio, comparison.low, comparison.high)


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"


def _levels(comparison: Comparison, cases: Sequence[Comparison]) -> dict[str, str]:
    """The levels that tell a case from the others, its group among them where there are several."""
    mine = {"group": comparison.group, **comparison.factors}
    common = set.intersection(*({("group", case.group), *case.factors.items()} for case in cases))
    return {name: level for name, level in mine.items() if (name, level) not in common}


def _place(comparison: Comparison, cases: Sequence[Comparison]) -> str:
    return words.levels(_levels(comparison, cases)) or comparison.group


def _shared(some: Sequence[Comparison], cases: Sequence[Comparison]) -> str:
    """What some of the cases have in common that not all have: " (random, fields 8)"."""
    shared = set.intersection(*(set(_levels(one, cases).items()) for one in some))
    text = words.levels({name: level for name, level in _levels(some[0], cases).items() if (name, level) in shared})
    return f" ({text})" if text else ""
