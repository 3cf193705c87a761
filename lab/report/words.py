"""The vocabulary of every view: marks of verdicts and outcomes, where a number comes from, names of cases."""

from collections.abc import Mapping

from lab.core.arms import is_control, without_control

# verdict, or why there is none -> (mark, meaning); the mark says it without colour
VERDICTS: dict[str, tuple[str, str]] = {
    "better": ("▼", "less than the baseline, beyond the bias floor"),
    "worse": ("▲", "more than the baseline, beyond the bias floor"),
    "same": ("=", "within the equivalence margin"),
    "unresolved": ("?", "the data allow more than one answer"),
    "not measured": ("-", "the budget ended before its first process"),
    "failed": ("✗", "the case failed"),
    "unavailable": ("-", "this machine cannot run it"),
    "implausible": ("!", "the figure cannot be true, or means nothing here"),
}

# claim outcome -> (mark, verdict whose colour it shares, meaning)
OUTCOMES: dict[str, tuple[str, str, str]] = {
    "exceeded": ("▼", "better", "beyond the better end of the promise"),
    "kept": ("✓", "better", "the interval lies within the promise"),
    "short": ("~", "same", "it pays, but by less than promised"),
    "refuted": ("✗", "worse", "it makes no difference"),
    "opposite": ("▲", "worse", "it makes things worse"),
    "unresolved": ("?", "unresolved", "the interval allows more than one of these"),
    "not measurable": ("-", "none", "the figure means nothing in these cases, or this machine cannot give it"),
    "not measured": ("-", "none", "this run has no comparison that bears on it"),
}

# status of an agreement -> (mark, verdict whose colour it shares, meaning)
AGREEMENTS: dict[str, tuple[str, str, str]] = {
    "equal": ("=", "better", "the same figure from every source"),
    "explained": ("✓", "better", "after subtracting counts from outside the pass, the difference is within tolerance"),
    "differs": ("✗", "worse", "the figures differ by more than the explanation allows"),
    "not available": ("-", "none", "a figure is missing"),
}

_PROVENANCE = {
    "clock": "measured by clock",
    "simulated": "simulated by callgrind",
    "traced": "traced",
    "kernel": "counted by the kernel",
    "pmu": "hardware counters",
    "ledger": "counted by the layer's ledger",
    "derived": "derived from other figures",
}

_PROBES = {"allocations": "the allocation counter"}


def provenance_label(provenance: str, probe: str = "") -> str:
    """Where a number comes from, in words: "simulated by callgrind"."""
    if probe and provenance in ("simulated", "traced"):
        return f"{provenance} by {_PROBES.get(probe, probe)}"
    return _PROVENANCE.get(provenance, provenance)


def word(name: str) -> str:
    """An identifier as people read it: "working_set" is "working set"."""
    return name.replace("_", " ")


def arm_label(arm: str) -> str:
    """An arm by its name; the second side of the control is "aos again"."""
    return f"{without_control(arm)} again" if is_control(arm) else arm


def level_label(factor: str, level: str) -> str:
    """A level that is clear by itself is shown alone ("random"), a number with its factor's name ("fields 4")."""
    return f"{word(factor)} {level}" if level[:1].isdigit() or len(level) < 2 else level


def case_label(factors: Mapping[str, str], *, without: tuple[str, ...] = ()) -> str:
    """A case by its levels, in declaration order: "fields 4 · random · DRAM"."""
    parts = [level_label(name, level) for name, level in factors.items() if name not in without]
    return " · ".join(parts)


def metric_label(name: str, labels: Mapping[str, str]) -> str:
    """The label of a metric, or its name where the plan has none."""
    return labels.get(name) or word(name)
