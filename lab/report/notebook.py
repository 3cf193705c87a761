"""A run in a notebook: its answers as HTML, its figures as SVG. No pyplot, nothing global."""

from lab.core.errors import UsageError
from lab.core.results import Results
from lab.core.schema import TIME, Plan, RunSummary
from lab.report.charts import group_charts
from lab.report.figures import Plot, chart_figure
from lab.report.html import environment
from lab.report.sections import placer


def run_html(plan: Plan, summary: RunSummary, results: Results) -> str:
    """A run's answers and promises as an HTML fragment with a style of its own, in the notebook's own colours."""
    return (
        environment()
        .get_template("notebook.html.j2")
        .render(
            plan=plan,
            summary=summary,
            results=results,
            place=placer(plan),
            probes={metric.name: metric.probe for metric in plan.metrics},
            questions={experiment.name: experiment.question for experiment in plan.experiments},
        )
    )


def figure_of(
    plan: Plan, results: Results, experiment: str | None = None, group: str | None = None, metric: str = TIME
) -> Plot:
    """The figure of one metric of one group, all its panels: a matplotlib figure that a notebook shows by itself.

    Args:
        plan: of the run.
        results: of the run.
        experiment: its name; the first that has such a figure if None.
        group: its name; the first that has such a figure if None.
        metric: as in the measurements.

    Raises:
        UsageError: the run has no such figure; the message names those it has.
    """
    charts = {
        (one.name, part.name, chart.metric): chart
        for one in plan.experiments
        for part in one.groups
        for chart in group_charts(plan, one.name, part, results.comparisons)
    }
    for (its_experiment, its_group, its_metric), chart in charts.items():
        if experiment in (None, its_experiment) and group in (None, its_group) and metric == its_metric:
            return chart_figure(chart)
    known = ", ".join("/".join(key) for key in charts) or "none"
    asked = "/".join(part or "any" for part in (experiment, group, metric))
    raise UsageError(f"run {plan.id} has no figure {asked}; it has {known}")
