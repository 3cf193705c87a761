"""What the probes of a run cost, and what they remembered instead of measuring it."""

from collections.abc import Iterator

from lab.core.schema import RunSummary


def cost_lines(summary: RunSummary) -> Iterator[tuple[str, str]]:
    """(probe, what it cost and what of it came from the cache); the clock first. Nothing of a run without a record.

    A kernel's ledger has no passes of its own: its line says only what was remembered.
    """
    whole = summary.clock_s + sum(summary.probe_s.values())
    if not summary.probe_s or not whole:
        return
    seconds = {"clock": summary.clock_s, **summary.probe_s}
    for name in [*seconds, *(name for name in summary.remembered if name not in seconds)]:
        said = []
        if name in seconds:
            said.append(f"{seconds[name]:.1f} s, {seconds[name] / whole:.0%} of the measuring")
        known = summary.remembered.get(name)
        if known is not None:
            days = known.oldest if known.oldest == known.newest else f"{known.oldest} to {known.newest}"
            said.append(f"{known.figures} figure{'s' * (known.figures != 1)} from the cache, measured {days}")
        yield name, "; ".join(said)
