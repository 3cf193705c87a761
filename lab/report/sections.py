"""What the report's sections hold: the results sorted into experiments, groups, figures and tables."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab.core.results import Answer, ClaimOutcome, Comparison, ContextFigure, Results, Unavailable
from lab.core.schema import TIME, Artifact, ExperimentPlan, GroupPlan, LeftOut, Plan, RunSummary
from lab.report import numbers, wording
from lab.report.agreement import AgreementTable, agreement_table
from lab.report.attribution import ShareTable, share_chart, share_tables
from lab.report.charts import Chart, group_charts
from lab.report.figures import MARKER_GLYPHS, PAGE, panel_svg
from lab.report.words import VERDICTS, case_label, metric_label, word


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend; `colour` is a custom property of the page."""

    label: str
    glyph: str
    colour: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A chart with its panels drawn: (title, SVG) each."""

    chart: Chart
    panels: tuple[tuple[str, str], ...]
    legend: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """All comparisons of one metric in one group; `shared` is the reason that every row gives, "" if they differ."""

    label: str
    verdicts: tuple[tuple[str, int], ...]
    factors: tuple[str, ...]
    shared: str
    rows: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group: figures to see at once (the clock; caches and allocations where arms differ), further ones, tables.

    Where the arms are settings of switches the one figure and `shares` say what each switch brings.
    """

    plan: GroupPlan
    figures: tuple[FigureView, ...]
    further: tuple[FigureView, ...]
    shares: tuple[ShareTable, ...]
    tables: tuple[TableView, ...]


@dataclass(frozen=True, slots=True)
class ContextRow:
    """Figures of one metric in one case that were counted once: (arm, figure) each; `per`: what a figure is per."""

    case: str
    label: str
    provenance: str
    probe: str
    figures: tuple[tuple[str, str], ...]
    per: str


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """One experiment with everything that was found for it; `outcomes`: (promise, its outcome), each once."""

    plan: ExperimentPlan
    answers: tuple[Answer, ...]
    outcomes: tuple[tuple[str, ClaimOutcome], ...]
    groups: tuple[GroupView, ...]
    agreements: AgreementTable
    context: tuple[ContextRow, ...]
    artifacts: tuple[Artifact, ...]


@dataclass(frozen=True, slots=True)
class MissingView:
    """Metrics of one experiment that share the reason why they could not be had."""

    experiment: str
    metrics: tuple[str, ...]
    probe: str
    status: str
    reason: str
    cases: tuple[str, ...]


def experiment_views(plan: Plan, summary: RunSummary, results: Results) -> tuple[ExperimentView, ...]:
    """One view per experiment, in the plan's order."""
    tested = {experiment.name: {test.claim for test in experiment.claims} for experiment in plan.experiments}
    cases = {case.id: case.experiment for case in plan.cases}
    return tuple(
        ExperimentView(
            plan=experiment,
            answers=tuple(answer for answer in results.answers if answer.experiment == experiment.name),
            outcomes=tuple(
                dict.fromkeys((one.id, one.outcome) for one in results.claims if one.id in tested[experiment.name])
            ),
            groups=tuple(_group(plan, experiment, group, results) for group in experiment.groups),
            agreements=agreement_table(one for one in results.agreements if one.experiment == experiment.name),
            context=_context(plan, experiment.name, results),
            artifacts=tuple(one for one in summary.artifacts if cases.get(one.case) == experiment.name),
        )
        for experiment in plan.experiments
    )


def _context(plan: Plan, experiment: str, results: Results) -> tuple[ContextRow, ...]:
    """A row per metric and case, the metrics in the plan's order; a figure that is zero for every arm has none."""
    known = {metric.name: (rank, metric) for rank, metric in enumerate(plan.metrics)}
    found: dict[tuple[str, str], list[ContextFigure]] = {}
    for one in results.context:
        if one.experiment == experiment:
            found.setdefault((one.metric, one.case), []).append(one)
    groups = [mine for mine in found.values() if any(one.value for one in mine)]
    groups.sort(key=lambda mine: known[mine[0].metric][0] if mine[0].metric in known else len(known))
    labels = {metric.name: metric.label for metric in plan.metrics}
    return tuple(
        ContextRow(
            case=case_label(mine[0].factors) or word(mine[0].group),
            label=metric_label(mine[0].metric, labels),
            provenance=mine[0].provenance,
            probe=known[mine[0].metric][1].probe if mine[0].metric in known else "",
            figures=tuple((one.arm, numbers.quantity(one.value, one.unit)) for one in mine),
            per=mine[0].item or "run",
        )
        for mine in groups
    )


def stray_artifacts(plan: Plan, summary: RunSummary) -> tuple[Artifact, ...]:
    """Artifacts of no planned case: they belong to the run as a whole."""
    cases = {case.id for case in plan.cases}
    return tuple(artifact for artifact in summary.artifacts if artifact.case not in cases)


def left_out(plan: Plan, summary: RunSummary) -> tuple[LeftOut, ...]:
    """What was not planned, then what was not measured, each once."""
    return tuple(dict.fromkeys((*plan.left_out, *summary.left_out)))


def verdict_counts(comparisons: Iterable[Comparison]) -> tuple[tuple[str, int], ...]:
    """(verdict, how many), all of them in their fixed order; a comparison without a verdict counts by its status."""
    count = Counter[str](one.shown for one in comparisons)
    return tuple((verdict, count[verdict]) for verdict in VERDICTS)


def placer(plan: Plan) -> Callable[[Comparison], str]:
    """Names a comparison's case by the factors that vary in its group; by the group's title where none does."""
    levels: dict[tuple[str, str, str], set[str]] = {}
    for case in plan.cases:
        for name, level in case.factors.items():
            levels.setdefault((case.experiment, case.group, name), set()).add(level)
    titles = {(one.name, group.name): group.title for one in plan.experiments for group in one.groups}

    def place(one: Comparison) -> str:
        fixed = [name for name in one.key.factors if len(levels.get((one.key.experiment, one.key.group, name), ())) < 2]
        return case_label(one.key.factors, without=tuple(fixed)) or titles.get(
            (one.key.experiment, one.key.group), one.key.group
        )

    return place


def null_comparisons(results: Results) -> tuple[Comparison, ...]:
    """The comparisons of a baseline with itself."""
    return tuple(one for one in results.comparisons if one.key.control)


def missing_views(results: Results) -> tuple[MissingView, ...]:
    """What could not be had, one entry per experiment, probe and reason; `cases` are those of all its metrics."""
    found: dict[tuple[str, str, str, str], list[Unavailable]] = {}
    for one in results.unavailable:
        found.setdefault((one.experiment, one.probe, one.status, one.reason), []).append(one)
    return tuple(
        MissingView(
            experiment=experiment,
            metrics=tuple(one.metric for one in missing),
            probe=probe,
            status=status,
            reason=reason,
            cases=tuple(dict.fromkeys(case for one in missing for case in one.cases)),
        )
        for (experiment, probe, status, reason), missing in found.items()
    )


def machine_facts(plan: Plan) -> tuple[tuple[str, dict[str, str]], ...]:
    """The machine's facts by the word before their first dot: (group, name -> fact), pyperf's many at the end."""
    groups: dict[str, dict[str, str]] = {}
    for key, said in sorted(plan.machine.items(), key=lambda item: (item[0].startswith("pyperf."), item)):
        head, dot, tail = key.partition(".")
        group, name = (head, tail) if dot else ("machine", head)
        name, fact = _cache(name, said) if group == "cache" else _with_unit(name, said)
        facts = groups.setdefault(group, {})
        facts[name] = f"{facts[name]}, {fact}" if name in facts else fact
    return tuple(groups.items())


def _with_unit(name: str, fact: str) -> tuple[str, str]:
    """A size in bytes or a time in nanoseconds takes its unit; everything else stays as the machine said it."""
    bare = re.sub(r"[._]?(bytes|ns)$", "", name) or name
    if name.endswith("bytes") and fact.isdigit():
        return bare, numbers.quantity(int(fact), "B")
    return (bare, f"{fact} ns") if name.endswith(".ns") else (name, fact)


def _cache(name: str, fact: str) -> tuple[str, str]:
    """Size, ways and line of a cache: 32768,8,64 is 32 KiB in 8 ways and lines of 64 B."""
    if not re.fullmatch(r"\d+,\d+,\d+", fact):
        return name, fact
    size, ways, line = map(int, fact.split(","))
    return name, f"{numbers.quantity(size, 'B')}, {ways} ways, lines of {line} B"


def _group(plan: Plan, experiment: ExperimentPlan, group: GroupPlan, results: Results) -> GroupView:
    mine = [one for one in results.comparisons if (one.key.experiment, one.key.group) == (experiment.name, group.name)]
    if group.settings:
        shares = [one for one in results.attributions if (one.experiment, one.group) == (experiment.name, group.name)]
        chart = share_chart(plan, shares)
        figures = (_figure(chart),) if chart else ()
        return GroupView(group, figures, (), share_tables(plan, shares), tuple(_tables(plan, mine)))
    charts = group_charts(plan, experiment.name, group, mine)
    differing = {one.key.metric for one in mine if one.verdict in ("better", "worse")}
    first = [
        chart for chart in charts if chart.scale == "ratio" or (chart.metric in differing and _is_of_interest(chart))
    ]
    return GroupView(
        plan=group,
        figures=tuple(_figure(chart) for chart in first),
        further=tuple(_figure(chart) for chart in charts if chart not in first and chart.provenance != "kernel"),
        shares=(),
        tables=tuple(_tables(plan, mine)),
    )


def _is_of_interest(chart: Chart) -> bool:
    return chart.provenance in ("pmu", "simulated") or chart.metric.startswith("allocations")


def _figure(chart: Chart) -> FigureView:
    panels = tuple((panel.title, panel_svg(chart, number)) for number, panel in enumerate(chart.panels))
    keys = tuple(
        Key(
            curve.label,
            MARKER_GLYPHS[curve.marker % len(MARKER_GLYPHS)],
            "--muted" if curve.colour < 0 else f"--c{curve.colour % len(PAGE.series) + 1}",
        )
        for curve in chart.legend
    )
    return FigureView(chart, panels, keys)


def _tables(plan: Plan, comparisons: list[Comparison]) -> Iterable[TableView]:
    labels = {metric.name: metric.label for metric in plan.metrics}
    names = sorted(dict.fromkeys(one.key.metric for one in comparisons), key=lambda name: name != TIME)
    for name in names:
        rows = tuple(one for one in comparisons if one.key.metric == name and not one.key.control)
        if rows:
            factors = tuple(dict.fromkeys(factor for one in rows for factor in one.key.factors))
            reasons = {wording.why(one) for one in rows}
            shared = reasons.pop() if len(rows) > 1 and len(reasons) == 1 else ""
            yield TableView(metric_label(name, labels), verdict_counts(rows), factors, shared, rows)
