"""The report as a file: whole, escaped, closed to the network."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import jinja2
import msgspec
import pytest

from lab.analysis import analyse
from lab.core.life import Life
from lab.core.results import Plant, Results, SelfTest
from lab.core.schema import Metric, Plan, Remembered, RunSummary
from lab.report import wording
from lab.report.html import environment, render_report
from lab.report.sections import machine_facts, missing_views
from tests.analysis.tables import a_table, case_with, count_row, simulate
from tests.store.plans import a_plan

if TYPE_CHECKING:
    from tests.report.conftest import Sample


class Page(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def source(sample: Sample) -> str:
    """The report of the sample."""
    return render_report(sample.plan, sample.summary, sample.results)


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    """The report, parsed."""
    return Page(source)


def test_it_asks_nothing_of_the_network(source: str, page: Page) -> None:
    """No scripts, no images, no style sheets or fonts from outside; only neighbours, fragments and data are linked."""
    assert not [name for name, _ in page.tags if name in ("script", "img", "iframe", "object", "embed", "form", "base")]
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    hrefs = [link["href"] or "" for link in page.all("a")]
    outside = [href for href in hrefs if re.match(r"(?!data:)[a-z]+:|//", href)]
    assert outside == []
    style = source[source.index("<style>") : source.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_the_answers_stand_before_everything_else(sample: Sample, page: Page) -> None:
    """Every headline is there, above the promises, which stand above the experiments."""
    text = " ".join(page.text.split())
    for answer in sample.results.answers:
        assert wording.answer(answer) in text
    sections = [one["id"] for one in page.all("section") if "id" in one]
    experiments = [f"experiment-{one.name}" for one in sample.plan.experiments]
    rest = ["not-measured", "left-out", "control", "cost", "evidence", "method", "machine", "data"]
    assert ["answers", "promises", *experiments, *rest] == sections


def test_every_fragment_exists_once(page: Page) -> None:
    """Ids are unique over all figures, and every link inside the page has its target."""
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    fragments = {href[1:] for href in (link["href"] or "" for link in page.all("a")) if href.startswith("#")}
    assert fragments <= set(ids)
    assert {one["aria-labelledby"] for one in page.all("section")} <= set(ids)


def test_hostile_names_are_text(sample: Sample, source: str, page: Page) -> None:
    """Markup in names, reasons and facts is shown, not obeyed."""
    assert "<script>alert" not in source
    assert sample.hostile in " ".join(page.text.split())


def test_every_number_says_where_it_comes_from(sample: Sample, source: str) -> None:
    """Each row of each comparison table carries its provenance; simulated ones say so."""
    rows = re.findall(r"<tr>.*?</tr>", source, flags=re.DOTALL)
    compared = [row for row in rows if 'scope="row"' in row and 'class="number"' in row and "chip" in row]
    assert len(sample.results.comparisons) == len(compared)
    assert all('class="source' in row for row in compared)
    simulated = sum(one.key.provenance == "simulated" for one in sample.results.comparisons)
    assert simulated == sum("simulated by callgrind" in row for row in compared)


def test_what_is_missing_is_told_with_its_reason(sample: Sample, page: Page) -> None:
    """Failed cases, unavailable metrics and what was left out stand on the page."""
    text = " ".join(page.text.split())
    told = [*sample.summary.failed_cases, *(one.reason for one in sample.results.unavailable)]
    told += [one.reason for one in (*sample.plan.left_out, *sample.summary.left_out)]
    for reason in told:
        assert " ".join(reason.split()) in text


def test_the_method_quotes_the_numbers_of_the_plan(sample: Sample, page: Page) -> None:
    """alpha and C, the margins, the budget, the control's upper limit and the command come from the records."""
    text = " ".join(page.text.replace("\xa0", " ").split())
    for part in ("131 / 0.05", "150 s", "100 µs", "0.5 %", "1.5 %", "a rate of at most 4.9 %", sample.plan.command):
        assert part in text


def test_the_comparisons_can_be_downloaded_from_the_page(sample: Sample, page: Page) -> None:
    """The embedded JSON and CSV hold every comparison; the raw table and the artifacts are links beside the report."""
    links = {link.get("download") or link["href"]: link["href"] or "" for link in page.all("a")}
    uri = links[f"{sample.plan.id}-results.json"]
    data = json.loads(base64.b64decode(uri.split(",", 1)[1]))
    assert len(sample.results.comparisons) == len(data["comparisons"])
    csv = base64.b64decode(links[f"{sample.plan.id}-comparisons.csv"].split(",", 1)[1]).decode()
    assert len(sample.results.comparisons) + 1 == len(csv.splitlines())
    assert {"measurements.parquet", *(one.path for one in sample.summary.artifacts)} <= set(links.values())


def test_facts_take_their_units_and_reasons_are_told_once(sample: Sample) -> None:
    """Sizes and times of the machine are readable; metrics that lack for one reason share a row."""
    facts = dict(machine_facts(sample.plan))
    assert facts["cache"]["L1d"] == "32 KiB, 8 ways, lines of 64 B"
    assert facts["level"]["L2"] == "512 KiB, 3.79 ns"
    first = sample.results.unavailable[0]
    twice = (first, msgspec.structs.replace(first, metric="branches", cases=("another",)))
    (shared,) = missing_views(msgspec.structs.replace(sample.results, unavailable=twice))
    assert (shared.metrics, shared.cases) == (("cycles", "branches"), (*first.cases, "another"))


def test_tables_have_header_cells_with_scope(page: Page) -> None:
    """Every header cell says whether it heads a row or a column."""
    assert all(one.get("scope") in ("row", "col") for one in page.all("th"))
    assert page.all("th")


def test_the_same_run_gives_the_same_page(sample: Sample, source: str) -> None:
    """Nothing of the page depends on the moment or on the order of hashing."""
    assert render_report(sample.plan, sample.summary, sample.results) == source


def test_a_run_with_nothing_but_a_plan_is_a_page_too(sample: Sample) -> None:
    """No answers, no comparisons, no promises, no control: sections say so and nothing breaks."""
    empty = msgspec.structs.replace(
        sample.results,
        comparisons=(),
        answers=(),
        claims=(),
        unavailable=(),
        null_count=0,
        null_called=0,
        null_upper=1.0,
    )
    plan = msgspec.structs.replace(sample.plan, left_out=(), machine={})
    summary = msgspec.structs.replace(sample.summary, left_out=(), failed_cases=(), artifacts=())
    text = Page(render_report(plan, summary, empty, raw_link="")).text
    for part in ("The clock gave no comparison", "Every probe gave", "every planned case was measured", "No baseline"):
        assert part in text


def test_the_self_test_shows_its_plants(sample: Sample) -> None:
    """A run of the self-test tells how often identical code was called and which plants were found."""
    planted = next(one for one in sample.results.comparisons if one.verdict == "worse")
    selftest = SelfTest(
        called=1, count=212, upper=0.0222, plants=(Plant(planted, True, 1.02), Plant(planted, False, None))
    )
    results = msgspec.structs.replace(sample.results, selftest=selftest, comparisons=())
    text = " ".join(Page(render_report(sample.plan, sample.summary, results)).text.split())
    assert "The same code compared with itself: 1 false alarm in 212 comparisons" in text.replace("\xa0", " ")
    assert "1.020x" in text


def test_a_template_that_names_something_unknown_fails(sample: Sample) -> None:
    """Misspelt names are errors, and values are escaped."""
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nothing_of_that_name }}").render()
    assert unescape(environment().from_string("{{ text }}").render(text=sample.hostile)) == sample.hostile


def a_measured_run(**rule: object) -> tuple[Plan, RunSummary, Results]:
    """Two cases of which the second failed, with a figure that is context."""
    cases = [case_with("fast", id=f"demo/group/size={size}", factors={"size": str(size)}) for size in (1, 2)]
    faults = Metric("page_faults", "count", "page faults", "perf", context=True)
    plan = a_plan(*cases, metrics=(Metric("time", "s", "time", "clock"), faults))
    fields = {"alpha": 0.01, "comparisons": 1, "procedure": "e-BH", "mixture": 0.1, **rule}
    plan = msgspec.structs.replace(plan, rule=msgspec.structs.replace(plan.rule, **fields))
    rows = simulate(a_plan(cases[0]), {"fast": -0.1}, processes=12, seed=4)
    rows.append(count_row(cases[0], "fast", "page_faults", 77.0, probe="perf", provenance="kernel", items=0))
    rows.append(count_row(cases[1], "fast", "time", None, probe="clock", status="failed", mode="paired", reason="boom"))
    summary = RunSummary(plan.schema, plan.id, plan.created, len(rows), 1, 1.0, (cases[1].id,), (), ())
    return plan, summary, analyse(plan, a_table(rows))


def test_page_shows_how_the_verdicts_came_about_and_where_the_spread_comes_from() -> None:
    html = render_report(*a_measured_run())
    text = " ".join(Page(html).text.replace("\xa0", " ").split())
    assert 'aria-label="demo: fast, size 1: evidence after each of 12 processes, 100 needed"' in html
    assert "within a process (what is left in the median of its pairs)" in text
    assert "page faults per run fast 77" in text
    assert "Of a hundred verdicts of better or worse at most one is expected to be wrong." in text


def test_page_never_says_that_everything_was_measured_if_something_failed() -> None:
    plan, summary, results = a_measured_run()
    text = " ".join(Page(render_report(plan, summary, results)).text.split())
    assert results.failed == 1
    assert "1 comparison has no verdict because its case failed." in text
    assert "every planned case was measured" not in text
    assert "Better in 1 of 2 cases, failed in 1." in text


def test_rule_of_an_older_run_is_named_as_it_was() -> None:
    text = Page(render_report(*a_measured_run(alpha=0.05, procedure="union bound", mixture=0.5))).text
    assert "The chance that any verdict of better or worse in this run is wrong is at most 5 %." in text


def test_page_says_what_the_run_spent_and_which_figures_came_from_the_cache() -> None:
    plan, summary, results = a_measured_run()
    life = Life("demo", "group", "pairs", 12, 12, 10.0, 0.5, 0.0, 2.0, 0.0, 0.0, 3.0, 4.0, 0.5)
    summary = msgspec.structs.replace(
        summary, lives=(life,), probe_s={"callgrind": 3.0}, sealed="",
        remembered={"callgrind": Remembered(48, "2026-11-20", "2026-11-27")},
    )  # fmt: skip
    text = " ".join(Page(render_report(plan, summary, results)).text.replace("\xa0", " ").split())
    assert "demo · group pairs12 10 s70 %setup 20 %, libraries 5 %, other 5 %" in text
    assert "The budget was 60 s for the clock. The clock took 1 s, the probes 3 s" in text
    assert "callgrind3 s; 48 figures from the cache, measured 2026-11-20 to 2026-11-27" in text
    assert "This run is not complete." in text
    assert f"lab run --resume {plan.id}" in text


def test_the_method_says_where_the_margins_come_from(sample: Sample) -> None:
    rule = msgspec.structs.replace(sample.plan.rule, margins_from="calibrated on this machine, 2026-11-28")
    page = render_report(msgspec.structs.replace(sample.plan, rule=rule), sample.summary, sample.results)
    assert "These margins were calibrated on this machine, 2026-11-28." in page
    assert "These margins were" not in render_report(sample.plan, sample.summary, sample.results)
