"""Every sentence about a result, from the numbers and reason codes that analysis gives.

Analysis writes no words and the views write no sentences: whatever is said of a comparison, an answer or a promise
comes from here, so that it reads the same on the page, on the terminal and in a notebook.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.core.reasons import Reason, ReasonCode
from lab.core.results import Answer, Attribution, Brought, ClaimResult, Comparison, Extreme, Results
from lab.core.schema import Claim, Rule
from lab.report import numbers
from lab.report.words import level_label, word

# Reason -> its wording. After the colon: how the figure is written, see _WAYS.
WORDINGS: dict[ReasonCode, str] = {
    "too few processes": "{count:processes}; better or worse takes at least {fewest:plain}",
    "too little evidence": (
        "{count:processes} allow {low:signed} to {high:signed}, but the evidence of {evidence:plain} is below the"
        " {needed:plain} that a verdict needs at present"
    ),
    "undecided": (
        "{count:processes} allow {low:signed} to {high:signed}: neither a difference beyond ±{bias:percent} nor"
        " sameness within ±{same:percent} is certain"
    ),
    "within sameness": "a true difference, but within ±{same:percent}, which counts as the same for this kind of work",
    "ways disagree": "the two ways of measuring disagree (pairs: {pairs}; separate processes: {alone})",
    "ways must agree": "both ways of measuring must agree (pairs: {pairs}; separate processes: {alone})",
    "order effect": (
        "the position in a pair shifts the ratio by {effect:signed}, more than the bias floor of {bias:percent}"
    ),
    "dropped": (
        "{dropped:plain} of {total:plain} {what} dropped because a sample was preempted (the baseline's in"
        " {dropped_baseline:plain}, the arm's in {dropped_arm:plain})"
    ),
    "failed": "failed: {why}",
    "unavailable": "not available here: {why}",
    "budget spent": "not measured before the budget ended",
    "no baseline figure": "there is no such figure for the baseline",
    "negative": "a negative value has no ratio",
    "unequal counts": "counted several times with different results",
    "baseline counts none": "the baseline counts none",
    "tolerance around zero": "a tolerance of {tolerance:percent} has no meaning around a count of zero",
    "one value each": "one value each: not exact, and no interval without repetition",
    "zero in some process": "zero or negative in some process, so that there is no ratio",
    "lower bound": "derived from medians, without an interval; a lower bound; of {ceiling:rate}",
    "above ceiling": "{fraction:percent} of what the memory can do: the simulated cache is not the machine's",
    "cache-resident": "the work fits the caches, where this figure has no meaning ({size})",
    "faster than possible": "{rate:plain} {unit} a second; no processor does more than {most:plain}: check the kernel",
    "no growth with work": (
        "{work:times} the work takes {time:times} the time: the work may have been optimised away, or the loop count is"
        " wrong"
    ),
    "weakest of several": "the weakest of {tally}",
    "broken either way": "it is less than promised in any case; only whether it pays at all is open",
    "no interval": "too few processes for an interval",
    "alone and last": "switched on alone it changes the speed by {alone:signed}, added last by {last:signed}",
    "note": "{note}",
    "not held": "this run has no {metric} of {arm} in such a case",
    "no test": "no experiment of this run tests it",
    "no attribution": "the run attributes no time to {switch} in such a case",
}

# Levels as a sentence names them, where the bare level would not do.
_LEVELS = {
    ("working_set", "L1"): "in L1",
    ("working_set", "L2"): "in L2",
    ("working_set", "L3"): "in L3",
    ("working_set", "DRAM"): "beyond the caches",
}


def _rate(value: float | None) -> str:
    return f"{numbers.plain(value / 1e9)} GB/s" if value is not None else numbers.NOTHING


def _processes(count: float | None) -> str:
    return f"{numbers.plain(count) if count else 'no'} process{'' if count == 1 else 'es'}"


_WAYS: dict[str, Callable[[float | None], str]] = {
    "plain": lambda value: numbers.plain(value) if value is not None else numbers.NOTHING,
    "percent": numbers.percent,
    "signed": numbers.signed,
    "processes": _processes,
    "rate": _rate,
    "times": lambda value: f"{numbers.plain(value, 2)}x" if value is not None else numbers.NOTHING,
}


class _Formatter(string.Formatter):
    """Formats figures by the ways of this module."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return _WAYS[format_spec](value) if format_spec else str(value)


_FORMATTER = _Formatter()


def reason(one: Reason) -> str:
    """One reason in words, without a full stop."""
    values: dict[str, Any] = {**one.figures, **one.names}
    if "paired_ratio" in one.figures:
        values |= {"pairs": _quoted(one, "paired"), "alone": _quoted(one, "separate")}
    if one.code == "weakest of several":
        tally = [f"{numbers.plain(count or 0)} {outcome}" for outcome, count in one.figures.items()]
        cases = numbers.plain(sum(count or 0 for count in one.figures.values()))
        values["tally"] = (
            f"{cases} cases: {listed(tally)}" if len(tally) > 1 else f"{cases} cases, all {next(iter(one.figures))}"
        )
    if one.code == "cache-resident":
        known = "bytes" in one.figures
        values["size"] = (
            f"{numbers.quantity(one.figures['bytes'], 'B')} of {numbers.quantity(one.figures['cache'], 'B')}"
            if known
            else f"{numbers.percent(one.figures['fraction'])} of the memory's bandwidth"
        )
    return _FORMATTER.vformat(WORDINGS[one.code], (), values)


def _quoted(one: Reason, mode: str) -> str:
    ratio, low, high, count = (one.figures.get(f"{mode}_{name}") for name in ("ratio", "low", "high", "count"))
    return f"{one.names[mode]}, {numbers.estimate(ratio, low, high)}, {_processes(count)}"


def reasons(found: Sequence[Reason]) -> str:
    """All reasons in words, "" if there are none."""
    return "; ".join(map(reason, found))


def why(one: Comparison) -> str:
    """The reasons of a comparison in words."""
    return reasons(one.reasons)


def listed(parts: Sequence[str]) -> str:
    """Join as in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def place(levels: Mapping[str, str]) -> str:
    """A case by its levels, in declaration order: "fields 4, random, beyond the caches"."""
    return ", ".join(_LEVELS.get((name, level)) or level_label(name, level) for name, level in levels.items())


def verdict_meaning(rule: Rule) -> str:
    """What a verdict of better or worse means, in one sentence."""
    if rule.procedure == "e-BH":
        most = max(round(100 * rule.alpha), 1)
        count = "one is" if most == 1 else f"{most} are"
        return f"Of a hundred verdicts of better or worse at most {count} expected to be wrong."
    return (
        f"The chance that any verdict of better or worse in this run is wrong is at most {numbers.percent(rule.alpha)}."
    )


def identical(called: int, count: int, upper: float) -> str:
    """What the comparisons of identical code found, one sentence without a full stop."""
    if not count:
        return "no comparison of the same code with itself has enough processes yet"
    alarms = "no false alarm" if not called else "1 false alarm" if called == 1 else f"{called} false alarms"
    compared = f"{numbers.plain(count)} comparison{'' if count == 1 else 's'}"
    limit = f"a rate of at most {numbers.percent(upper)} with 95 % confidence"
    return f"the same code compared with itself: {alarms} in {compared}, {limit}"


def failures(results: Results) -> str:
    """How much failed, one sentence; "" if nothing did."""
    if not results.failed:
        return ""
    if results.failed == 1:
        return "1 comparison has no verdict because its case failed."
    return f"{results.failed} comparisons have no verdict because their cases failed."


# --- answers -----------------------------------------------------------------------------------------------------


def answer(one: Answer) -> str:
    """The headline of an arm, one or more sentences."""
    return " ".join([_lead(one), _counts(one), *(_brought(brought) for brought in one.brought)])


def _lead(one: Answer) -> str:
    best, worst = one.best, one.worst
    if best is None or worst is None:
        because = f" ({reasons(one.reasons)})" if one.reasons else ""
        return f"No figure for {one.arm} against {one.baseline}{because}."
    alone = best.comparison.key == worst.comparison.key
    if best.comparison.verdict == "unresolved":
        if alone:
            median = f"{numbers.ratio(best.comparison.estimate.ratio)}{_details(best)}"
            return f"No verdict yet for {one.arm} against {one.baseline}: the median is {median}."
        ends = (f"{numbers.ratio(end.comparison.estimate.ratio)}{_details(end)}" for end in (best, worst))
        return f"No verdict yet for {one.arm} against {one.baseline}: the medians run from {' to '.join(ends)}."
    if alone:
        return f"{one.arm} {_verb(best)}{_than(best, one.baseline)}{_details(best)}."
    up_to = "up to " if best.comparison.verdict == "better" else ""
    at_best = "" if up_to else " at best"
    end = " at worst" if worst.comparison.verdict != "worse" or not up_to else ""
    again = "up to " if up_to and worst.comparison.verdict == "worse" else ""
    return (
        f"{one.arm} {_verb(best, up_to)}{_than(best, one.baseline)}{at_best}{_details(best)} and"
        f" {_verb(worst, again).removeprefix('is ')}{end}{_details(worst)}."
    )


def _verb(extreme: Extreme, up_to: str = "") -> str:
    """What an arm does in a case: "is up to 10x faster", "takes 12 % less time", "takes the same time"."""
    one = extreme.comparison
    if one.verdict == "same":
        return "takes the same time"
    change = numbers.change(one.estimate.ratio, one.key.unit)
    return f"{'is' if change.endswith(('faster', 'slower')) else 'takes'} {up_to}{change}"


def _than(extreme: Extreme, baseline: str) -> str:
    return f" {'as' if extreme.comparison.verdict == 'same' else 'than'} {baseline}"


def _details(extreme: Extreme) -> str:
    """Where, and from how much to how much: " (random, in L1: 2.3 ns to 0.24 ns a row)"."""
    estimate, key = extreme.comparison.estimate, extreme.comparison.key
    times = ""
    if estimate.baseline_value is not None and estimate.arm_value is not None:
        before, after = (numbers.quantity(v, key.unit) for v in (estimate.baseline_value, estimate.arm_value))
        times = f"{before} to {after}{f' a {key.item}' if key.item else ''}"
    parts = ": ".join(filter(None, [place(extreme.where), times]))
    return f" ({parts})" if parts else ""


def _counts(one: Answer) -> str:
    shown = {
        "better": one.better, "worse": one.worse, "same": one.same, "unresolved": one.unresolved, "failed": one.failed,
    }  # fmt: skip
    parts, total = [], f" of {one.cases} case{'' if one.cases == 1 else 's'}"
    for name, count in shown.items():
        if count:
            where = f" ({place(one.worse_where)})" if name == "worse" and one.worse_where else ""
            parts.append(f"{name} in {count}{total}{where}")
            total = ""
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _brought(one: Brought) -> str:
    less = [f"{switch} ({numbers.percent(part)})" for switch, part in one.less.items()]
    more = [f"{switch} ({numbers.percent(part)})" for switch, part in one.more.items()]
    parts = [
        f"less time through {listed(less)}" if less else "",
        f"more through {listed(more)}" if more else "",
        f"undecided for {listed(one.undecided)}" if one.undecided else "",
    ]
    where = f" ({place(one.where)})" if one.where else ""
    return f"Each switch among all others{where}: {'; '.join(filter(None, parts))}."


# --- promises ----------------------------------------------------------------------------------------------------


def promised(claim: Claim) -> str:
    """The bounds of a promise: "at most 0.25x of the baseline"."""
    if claim.quantity == "gain":
        ends = [numbers.signed(1 + end) for end in (claim.low, claim.high) if end is not None]
        return " to ".join(ends) if len(ends) == 2 else f"at least {ends[0]}" if ends else "no figure"

    def show(value: float) -> str:
        return numbers.quantity(value, claim.unit) if claim.quantity == "value" else numbers.ratio(value)

    of_what = " of the baseline" if claim.quantity == "ratio" else ""
    if claim.low is not None and claim.high is not None:
        return f"{show(claim.low)} to {show(claim.high)}{of_what}"
    if claim.low is not None:
        return f"at least {show(claim.low)}{of_what}"
    return f"at most {show(claim.high)}{of_what}" if claim.high is not None else "no figure"


def found(one: ClaimResult) -> str:
    """The figure that is set against the promise, "" if there is none."""
    if one.attribution is not None:
        return _gain(one.attribution)
    if one.comparison is None:
        return ""
    estimate = one.comparison.estimate
    if one.promise.quantity == "ratio":
        return numbers.estimate(estimate.ratio, estimate.low, estimate.high)
    return numbers.quantity(estimate.arm_value, one.comparison.key.unit)


def _gain(share: Attribution) -> str:
    """The gain with its interval: "+12 % (+10 % to +14 %)"."""
    gain = numbers.signed(1 / share.value)
    if share.low is None or share.high is None:
        return gain
    return f"{gain} ({numbers.signed(1 / share.high)} to {numbers.signed(1 / share.low)})"


def claim(one: ClaimResult) -> str:
    """What the run says of a promise, one sentence."""
    lead = one.outcome.capitalize()
    if one.comparison is None and one.attribution is None:
        return f"{lead}: {reasons(one.reasons)}."
    quoted = one.comparison.key.factors if one.comparison is not None else one.attribution.factors  # type: ignore[union-attr]
    where = f" ({place(quoted)})" if quoted else ""
    parts = [f"{lead}: {_subject(one)}{where}; promised was {promised(one.promise)}"]
    parts += [reason(each).rstrip(".") for each in one.reasons]
    return "; ".join(parts) + "."


def _subject(one: ClaimResult) -> str:
    if one.comparison is None:
        return f"among all switches {one.arm} changes the speed by {found(one)}"
    key = one.comparison.key
    if one.promise.quantity == "ratio":
        return f"{key.arm} takes {found(one)} of the {word(key.metric)} of {key.baseline}"
    return f"{word(key.metric)} of {key.arm} is {found(one)}"
