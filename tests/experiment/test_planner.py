"""The plan: every combination once, what was cut is listed, inputs are files named by their content."""

import hashlib
from pathlib import Path

import pytest

from lab.core.errors import UsageError
from lab.core.schema import Claim, ClaimTest, Metric
from lab.experiment.corpus import Corpus, NotInCorpus, SourceFile
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, words, working_sets
from lab.experiment.planner import Surroundings, plan_run
from lab.measure.machine import Machine, WorkingSet

MACHINE = Machine(
    facts={"cpu.model": "test"}, working_sets=(WorkingSet("L1", 16384), WorkingSet("DRAM", 1 << 26)), cpus=2
)
ARMS = Arms("layout", "aos", {"aos": "rows", "soa": "columns", "aosoa": "blocks"})


def names_of_files(corpus: Corpus) -> bytes:
    return "\n".join(file.path for file in corpus.files).encode()


def surroundings(tmp_path: Path, reads: list[Path | None] | None = None) -> Surroundings:
    def corpus(folder: Path | None) -> Corpus:
        if reads is not None:
            reads.append(folder)
        return Corpus("root", (SourceFile("a.py", b"x"), SourceFile("b.py", b"yy")), (("c.py", "bad"),))

    return Surroundings(
        machine=MACHINE, corpus=corpus, kernel_items={"layout.scan": "row"}, kernels_digest="k", revision="r",
        host="h", inputs=tmp_path / "inputs", metrics=(Metric("instructions", "count", "count", "callgrind", True),),
    )  # fmt: skip


def group(**changes: object) -> Group:
    fields: dict[str, object] = {
        "name": "scan", "title": "Scan", "kernel": "layout.scan", "arms": ARMS,
        "factors": (words("fields", 1, 2, 8, quick=(1, 8)), working_sets()),
    }  # fmt: skip
    return Group(**{**fields, **changes})  # type: ignore[arg-type]


def experiment(*groups: Group, **changes: object) -> Experiment:
    fields: dict[str, object] = {
        "name": "layout",
        "title": "Layout",
        "question": "Does it?",
        "groups": groups or (group(),),
    }
    return Experiment(**{**fields, **changes})  # type: ignore[arg-type]


def plan(tmp_path: Path, *experiments: Experiment, profile: str = "standard", reads: list[Path | None] | None = None):  # type: ignore[no-untyped-def]
    return plan_run(
        list(experiments), profile=profile, seed=1, command="lab run", surroundings=surroundings(tmp_path, reads)
    )


def test_every_combination_of_levels_is_one_case(tmp_path: Path) -> None:
    made = plan(tmp_path, experiment())
    assert len(made.cases) == 6
    assert len({case.id for case in made.cases}) == 6
    case = made.cases[0]
    assert case.id == "layout/scan/fields=1,working_set=L1"
    assert case.arms[1].args == {"fields": "1", "working_set": "16384", "layout": "soa"}
    assert (case.kind, case.working_set_bytes, case.item) == ("cache", 16384, "row")
    assert made.cases[1].kind == "dram"


def test_comparisons_are_counted_before_anything_is_measured(tmp_path: Path) -> None:
    made = plan(tmp_path, experiment(group(null=lambda factors: factors["fields"] == "1")))
    assert made.rule.comparisons == 6 * 2 + 2


def test_quick_profile_lists_the_levels_it_leaves_out(tmp_path: Path) -> None:
    made = plan(tmp_path, experiment(), profile="quick")
    assert len(made.cases) == 4
    assert [out.what for out in made.left_out] == ["layout/scan: fields = 2"]


def test_case_that_is_not_kept_is_listed_with_its_reason(tmp_path: Path) -> None:
    made = plan(tmp_path, experiment(group(keep=lambda factors, _: "too slow" if factors["fields"] == "8" else "")))
    assert {(out.what, out.reason) for out in made.left_out} == {
        ("layout/scan/fields=8,working_set=L1", "too slow"),
        ("layout/scan/fields=8,working_set=DRAM", "too slow"),
    }


def nothing(_corpus: Corpus) -> bytes:
    raise NotInCorpus("no file is long enough")


def test_group_whose_input_the_corpus_cannot_give_is_listed_with_the_reason(tmp_path: Path) -> None:
    """The other groups are measured; without another there is nothing to measure, for that reason."""
    made = plan(tmp_path, experiment(group(input=nothing), group(name="other")))
    assert {case.group for case in made.cases} == {"other"}
    assert [(out.what, out.reason) for out in made.left_out] == [
        ("layout/scan", "no file is long enough; give --corpus a larger tree")
    ]
    with pytest.raises(UsageError, match="nothing left to measure; no file is long enough"):
        plan(tmp_path, experiment(group(input=nothing)))


def test_input_is_a_file_named_by_its_content_and_built_once(tmp_path: Path) -> None:
    reads: list[Path | None] = []
    made = plan(
        tmp_path, experiment(group(input=names_of_files), group(name="again", input=names_of_files)), reads=reads
    )
    digest = hashlib.sha256(b"a.py\nb.py").hexdigest()[:16]
    assert {case.input_digest for case in made.cases} == {digest}
    assert (tmp_path / "inputs" / digest).read_bytes() == b"a.py\nb.py"
    assert reads == [None]
    assert "2 files" in made.inputs[digest]


def test_experiment_with_a_corpus_of_its_own_reads_that(tmp_path: Path) -> None:
    reads: list[Path | None] = []
    plan(tmp_path, experiment(group(input=names_of_files), corpus=tmp_path), reads=reads)
    assert reads == [tmp_path]


def test_level_decides_kind_and_regime(tmp_path: Path) -> None:
    regime = Factor("regime", (Level("warm", {}), Level("cold", {}, regime="cold", kind="dram")))
    made = plan(tmp_path, experiment(group(factors=(regime,), kind="allocating")))
    assert [(case.regime, case.kind) for case in made.cases] == [("warm", "allocating"), ("cold", "dram")]


@pytest.mark.parametrize(
    ("changes", "profile", "message"),
    [
        ({"groups": (group(kernel="no.such"),)}, "quick", "no kernel no.such"),
        ({"claims": (ClaimTest("X9", "time", "soa"),)}, "quick", "X9"),
        ({}, "brisk", "quick, standard, full"),
        ({"groups": (group(keep=lambda _f, _p: "never"),)}, "quick", "nothing left to measure; .*never"),
    ],
)
def test_wrong_declaration_is_a_usage_error(
    tmp_path: Path, changes: dict[str, object], profile: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        plan(tmp_path, experiment(**changes), profile=profile)


def test_only_the_claims_that_are_tested_travel_with_the_plan(tmp_path: Path) -> None:
    claims = [Claim(name, "c", "text", "time", "s", "w", "ratio", None, 0.5) for name in ("L1", "L2")]
    made = plan(tmp_path, experiment(claims=(ClaimTest("L2", "time", "soa"),), promises=lambda: claims))
    assert [claim.id for claim in made.claims] == ["L2"]


def test_metric_stands_in_the_plan_once_and_means_one_thing(tmp_path: Path) -> None:
    """Figures carry the name alone, so two meanings of one name would mix."""
    rate = Metric("rate", "fraction", "rate", "ledger", exact=True)
    made = plan(tmp_path, experiment(metrics=(rate,)), experiment(name="other", metrics=(rate,)))
    assert [metric.name for metric in made.metrics] == ["time", "instructions", "rate"]
    opposite = Metric("rate", "fraction", "rate", "ledger", exact=True, more_is_better=True)
    with pytest.raises(UsageError, match="experiment other: the metric rate has another meaning elsewhere"):
        plan(tmp_path, experiment(metrics=(rate,)), experiment(name="other", metrics=(opposite,)))


def test_cases_that_promises_and_headlines_hang_on_come_first(tmp_path: Path) -> None:
    claim = Claim(
        id="P", component="c", claim="x", metric="time", unit="s", workload="w", quantity="ratio", low=None, high=0.5
    )
    tested = experiment(
        group(headline=lambda factors: factors["fields"] == "8"),
        claims=(ClaimTest("P", "time", "soa", {"fields": "1", "working_set": "L1"}),),
        promises=lambda: (claim,),
    )
    urgent = {case.id.rpartition("/")[2]: case.priority == 0 for case in plan(tmp_path, tested).cases}
    assert urgent == {
        "fields=1,working_set=L1": True, "fields=1,working_set=DRAM": False, "fields=2,working_set=L1": False,
        "fields=2,working_set=DRAM": False, "fields=8,working_set=L1": True, "fields=8,working_set=DRAM": True,
    }  # fmt: skip


def test_promise_of_a_count_makes_no_case_urgent_and_without_questions_all_are(tmp_path: Path) -> None:
    assert {case.priority for case in plan(tmp_path, experiment()).cases} == {0}
    some = experiment(group(headline=lambda factors: factors["fields"] == "8"))
    assert {case.priority for case in plan(tmp_path, some).cases} == {0, 1}


def test_pattern_keeps_the_cases_it_names_and_lists_the_rest(tmp_path: Path) -> None:
    def names(only: str) -> list[str]:
        made = plan_run(
            [experiment()], profile="standard", seed=1, command="c", surroundings=surroundings(tmp_path), only=only
        )
        assert made.rule.comparisons == sum(len(case.arms) - 1 + case.null for case in made.cases)
        assert any("--only" in out.reason for out in made.left_out) == (len(made.cases) < 6)
        return [case.id for case in made.cases]

    assert names("layout/scan/fields=8*") == [
        "layout/scan/fields=8,working_set=L1",
        "layout/scan/fields=8,working_set=DRAM",
    ]
    assert len(names("layout")) == len(names("layout/scan")) == len(names("*")) == 6
    assert names("*working_set=L1") == [f"layout/scan/fields={count},working_set=L1" for count in (1, 2, 8)]
    with pytest.raises(UsageError, match="'nope' matches none of 6 cases; their names are like layout/scan/fields=1"):
        names("nope")


def test_budget_is_the_commands_and_the_clock_gets_its_share(tmp_path: Path) -> None:
    made = plan_run(
        [experiment()], profile="quick", seed=1, command="c", surroundings=surroundings(tmp_path), budget_s=100.0
    )
    assert made.budget_s == 100.0
    assert 50 < made.clock.budget_s < 100
    endless = plan_run(
        [experiment()], profile="quick", seed=1, command="c", surroundings=surroundings(tmp_path), until=0.02
    )
    assert endless.until == 0.02
    assert endless.clock.budget_s > 10_000
