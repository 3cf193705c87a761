"""How verdicts came about, as small figures, and where the spread between processes comes from, as a table."""

from collections.abc import Callable
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lab.core.results import Comparison, Results, Trajectory
from lab.report import numbers
from lab.report.figures import PAGE, RC, page_svg, plain_axes
from lab.report.words import arm_label, word

_INCHES = (2.6, 1.9)
KINDS = {"cache": "in cache", "allocating": "allocating", "dram": "bound by memory"}
CAUSES = {
    "pairs": "within a process (what is left in the median of its pairs)",
    "code layout": "code layout (which build each arm ran)",
    "other": "everything else that differs between processes",
}


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """The evidence of one comparison over its processes: title, verdict and drawing."""

    title: str
    verdict: str
    svg: str


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One kind of work; `shares`: (cause, per cent in words, per cent as a number)."""

    kind: str
    within: str
    process: str
    shares: tuple[tuple[str, str, float], ...]
    order: str
    comparisons: int
    processes: int


def evidence_views(results: Results, place: Callable[[Comparison], str]) -> tuple[EvidenceView, ...]:
    """One for each comparison that an answer quotes.

    Args:
        results: of the run.
        place: names a comparison's case.
    """
    known = {(one.key.case, one.key.arm, one.key.metric): one for one in results.comparisons}
    views = []
    for number, one in enumerate(results.trajectories):
        comparison = known.get((one.key.case, one.key.arm, one.key.metric))
        where = place(comparison) if comparison is not None else one.key.case
        title = f"{word(one.key.experiment)}: {arm_label(one.key.arm)}, {where}"
        if any(one.evidence.values()):
            views.append(EvidenceView(title, one.verdict, _drawing(one, number, title)))
    return tuple(views)


def _drawing(one: Trajectory, number: int, title: str) -> str:
    """Log10 of the evidence after each process, a line per mode, and what the verdict needed."""
    width, height = _INCHES
    with mpl.rc_context(RC):
        figure = Figure(figsize=_INCHES)
        axes = plain_axes(figure, PAGE, (0.5 / width, 0.42 / height, 1 - 0.58 / width, 1 - 0.5 / height))
        longest = max(map(len, one.evidence.values()))
        colour = {"better": PAGE.better, "worse": PAGE.worse}.get(one.verdict, PAGE.muted)
        for mode, style in zip(one.evidence, ("-", ":"), strict=False):
            logs = one.evidence[mode]
            axes.plot(range(1, len(logs) + 1), logs, color=colour, linestyle=style, linewidth=1.6)
        axes.axhline(one.needed, color=PAGE.ink, linewidth=1, linestyle="--")
        axes.set_xlim(0.5, max(longest, 8) + 0.5)
        top = max([one.needed, *(log for logs in one.evidence.values() for log in logs)])
        axes.set_ylim(min(0.0, *(log for logs in one.evidence.values() for log in logs)) - 0.2, 1.1 * top + 0.2)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.plain(10**value)))
        axes.set_xlabel("processes", color=PAGE.muted)
    label = f"{title}: evidence after each of {longest} processes, {numbers.plain(10**one.needed)} needed"
    return page_svg(figure, f"evidence-{number}-", label)


def spread_rows(results: Results) -> tuple[SpreadRow, ...]:
    """One per kind of work that has enough processes."""
    return tuple(
        SpreadRow(
            kind=KINDS.get(one.kind, one.kind),
            within=numbers.percent(one.within),
            process=numbers.percent(one.process),
            shares=tuple((CAUSES[cause], numbers.percent(share), 100 * share) for cause, share in one.shares.items()),
            order=numbers.percent(one.order),
            comparisons=one.comparisons,
            processes=one.processes,
        )
        for one in results.spreads
    )
