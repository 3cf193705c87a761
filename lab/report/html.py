"""The report: one HTML file that opens offline and asks nothing of the network.

Everything it shows is inside it (style, figures, the comparisons as CSV and JSON to download); it links only to files
that lie beside it: the artifacts of the run and the table of raw measurements.
"""

import base64
import json
from functools import lru_cache

import jinja2

from lab.core.results import Results
from lab.core.schema import Plan, RunSummary
from lab.report import agreement, cost, evidence, numbers, sections, wording, words
from lab.report.costs import cost_lines
from lab.report.exports import comparisons_csv, comparisons_json


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates with the formatting of this package as filters; everything is escaped, unknown names are errors."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("lab.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "ratio": numbers.ratio,
        "interval": numbers.interval,
        "change": numbers.change,
        "quantity": numbers.quantity,
        "percent": numbers.percent,
        "plain": numbers.plain,
        "word": words.word,
        "arm": words.arm_label,
        "case_label": words.case_label,
        "how": words.provenance_label,
        "why": wording.why,
        "answer": wording.answer,
        "claim": wording.claim,
        "promised": wording.promised,
        "found": wording.found,
        "counts": sections.verdict_counts,
    }
    env.globals |= {"VERDICTS": words.VERDICTS, "OUTCOMES": words.OUTCOMES, "AGREEMENTS": words.AGREEMENTS}
    env.globals["AGREEMENTS_TITLE"] = agreement.TITLE
    return env


def _data_uri(kind: str, text: str) -> str:
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def render_report(plan: Plan, summary: RunSummary, results: Results, *, raw_link: str = "measurements.parquet") -> str:
    """The report of a sealed run.

    Args:
        plan: what was decided before measuring.
        summary: how it went.
        results: of its analysis.
        raw_link: the raw table, relative to where the report will lie; "" where there is none beside it.

    Returns:
        A complete HTML document in UTF-8, the same for the same arguments.
    """
    data = json.dumps(comparisons_json(results), ensure_ascii=False, allow_nan=False)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            plan=plan,
            summary=summary,
            results=results,
            raw_link=raw_link,
            probes={metric.name: metric.probe for metric in plan.metrics},
            labels={metric.name: metric.label for metric in plan.metrics},
            titles={experiment.name: experiment.title for experiment in plan.experiments},
            cases={case.id: case for case in plan.cases},
            experiments=sections.experiment_views(plan, summary, results),
            place=sections.placer(plan),
            missing=sections.missing_views(results),
            stray=sections.stray_artifacts(plan, summary),
            costs=tuple(cost_lines(summary)),
            left_out=sections.left_out(plan, summary),
            nulls=sections.null_comparisons(results),
            facts=sections.machine_facts(plan),
            evidence=evidence.evidence_views(results, sections.placer(plan)),
            workers=cost.worker_rows(summary),
            probes_spent=cost.probe_rows(summary),
            budget_says=cost.budget_says(plan, summary),
            spreads=evidence.spread_rows(results),
            rule_says=wording.verdict_meaning(plan.rule),
            selftest_says=wording.identical(test.called, test.count, test.upper) if (test := results.selftest) else "",
            failures=wording.failures(results),
            identical=wording.identical(results.null_called, results.null_count, results.null_upper),
            csv_uri=_data_uri("text/csv", comparisons_csv(results)),
            json_uri=_data_uri("application/json", data),
        )
    )
