"""The experiment peers: every contender gives the layer's answer, and the export turns the ratios round."""

import importlib
import sys
from dataclasses import dataclass

import msgspec
import pytest

from experiments import inputs, peers, peers_arrays, peers_parse, peers_text
from lab.core.results import Comparison, Results
from lab.core.schema import ArmPlan, CasePlan
from lab.experiment.declare import Group
from lab.experiment.preload import why_missing
from lab.experiment.python_kernel import Unsupported, is_python, load_factory
from lab.measure.machine import Machine, WorkingSet
from lab.measure.native import find_native
from lab.measure.process import run_lines
from lab.report.peers_export import peers_block, to_peers
from lab.translation import Session
from tests.analysis.tables import a_comparison
from tests.experiments.corpora import CORPUS
from tests.translation.conftest import SPEAKS

MACHINE = Machine(facts={"cache.L3": "33554432,16,64"}, working_sets=(WorkingSet("DRAM", 1 << 25),), cpus=2)
WORKS = {
    "arena", "arena_inline", "pool", "pool_two_threads", "pool_cross_thread", "intern_arrow", "intern_list",
    "intern_two_threads", "contains_sparse", "contains_dense", "contains_list", "copy", "triad", "chained_lookups",
    "linear_memory", "lex", "parse", "parse_small", "parse_whole", "dump",
}  # fmt: skip
PYTHON = [group for group in peers.EXPERIMENT.groups if is_python(group.kernel) and group.input]
TEXT_ARMS = [
    pytest.param(group, level, arm, id=f"{level.label}-{arm}")
    for group in PYTHON
    if SPEAKS or group not in peers.PARSE
    for level in group.factors[0].levels
    for arm in group.arms.meaning
]


def levels(group: Group, name: str) -> list[str]:
    factor = next(factor for factor in group.factors if factor.name == name)
    return [level.label for level in (factor.levels(MACHINE) if callable(factor.levels) else factor.levels)]


def kernel_of(group: Group, level, arm: str, most: str = peers_text.ALL):
    args = {**group.args, **level.args, peers.CONTENDER: group.arms.values.get(arm, arm), "tokens": most, "rows": most}
    return load_factory(group.kernel)(args, memoryview(group.input(CORPUS)))


def test_every_work_of_the_layer_has_a_contender() -> None:
    assert {label for group in peers.EXPERIMENT.groups for label in levels(group, "work")} == WORKS
    assert all(group.arms.baseline == peers.OURS and group.arms.treatments for group in peers.EXPERIMENT.groups)


def test_allocators_that_are_preloaded_are_measured_alone() -> None:
    for group in peers.EXPERIMENT.groups:
        assert group.separate({}) is bool(group.arms.preload)
        assert group.paired({}) is not bool(group.arms.preload)


@pytest.mark.parametrize(("group", "level", "arm"), TEXT_ARMS)
def test_every_contender_answers_as_the_layer_does(group: Group, level, arm: str) -> None:
    ours, theirs = kernel_of(group, level, peers.OURS), kernel_of(group, level, arm)
    assert ours.pass_iterations == theirs.pass_iterations
    for first, count in ((0, 1), (3, 2)):
        assert theirs.run(first, count) == ours.run(first, count)


def test_front_end_that_does_not_speak_this_python_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row with the reason, not a crash; the other parsers run."""
    if SPEAKS:
        monkeypatch.setattr(peers_parse, "Session", lambda: Session(grammar=99))
    group = peers.PARSE[1]
    with pytest.raises(Unsupported, match=r"does not know the grammar of Python"):
        kernel_of(group, group.factors[0].levels[0], peers.OURS)
    assert kernel_of(group, group.factors[0].levels[0], "ast").run(0, 1)[0] > 0


def test_texts_are_cut_to_what_is_asked_for() -> None:
    group = PYTHON[0]
    assert kernel_of(group, group.factors[0].levels[0], peers.OURS, "7").run(0, 2) == (14, 14)


def test_an_arm_with_other_ids_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(peers_text._LIST, "dict", lambda texts: lambda: list(range(len(texts))))
    args = {"form": "list", "contender": "dict", "tokens": peers_text.ALL}
    with pytest.raises(peers_text.WrongIds, match="dict gives other ids"):
        peers_text.intern(args, memoryview(inputs.tokens(CORPUS)))


def test_an_arm_that_finds_other_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = (list, lambda rows, texts, needle: (texts, lambda chunk: [False] * len(chunk), sum))
    monkeypatch.setitem(peers_text._SEARCHERS, "list_comprehension", wrong[1])
    args = {"form": "list", "contender": "list_comprehension", "rows": peers_text.ALL, "needle": "compute"}
    with pytest.raises(peers_text.WrongIds, match="other rows"):
        peers_text.contains(args, memoryview(inputs.lines(CORPUS)))


def test_a_library_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(Unsupported, match=r"polars is not installed.*portalis-lab\[peers\]"):
        peers_text.need("polars")
    assert peers_text.need("json") is importlib.import_module("json")


@pytest.mark.parametrize("op", ["copy", "triad"])
def test_numpy_and_the_layer_write_the_same_arrays(op: str) -> None:
    ours, theirs = (
        peers_arrays.streams({"op": op, "array": "65536", "contender": one}, None) for one in (peers.OURS, "numpy")
    )
    assert ours.run(0, 2) == theirs.run(0, 2)
    assert (ours.to == theirs.to).all()


def test_native_groups_give_their_kernels_exactly_their_arguments() -> None:
    native = find_native()
    params: dict[str, dict[str, str]] = {}

    def take(line: str) -> None:
        answer = msgspec.json.decode(line)
        params[answer["kernel"]] = {param[0]: param[2] for param in answer["params"]}

    plan = f"lib\t0\t{native.kernels[0]}\nlist\t0\n"
    done = run_lines(native.driver_command(), stdin_text=plan, answers=True, idle_timeout_s=20, on_line=take)
    assert done.trouble is None
    for group in peers.EXPERIMENT.groups:
        if is_python(group.kernel):
            continue
        for level in group.factors[0].levels:
            args = {**group.args, **level.args, peers.CONTENDER: ""}
            args |= {"array": "0"} if "array" in [factor.name for factor in group.factors] else {}
            assert sorted(args) == sorted(params[group.kernel])
            for arm in group.arms.meaning:
                assert group.arms.values.get(arm, arm) in params[group.kernel][peers.CONTENDER].split(",")
            for name, value in level.args.items():
                assert value in params[group.kernel][name].split(",")


def test_arrays_are_larger_than_the_last_cache() -> None:
    (level,) = peers.arrays(MACHINE)
    assert int(level.args["array"]) == 48 << 20
    (level,) = peers.arrays(Machine(facts={"cache.L3": "268435456,16,64"}, working_sets=(), cpus=2))
    assert int(level.args["array"]) == 384 << 20


def test_lines_are_utf8_of_the_lengths_named() -> None:
    column = peers_text.read_texts(memoryview(inputs.lines(CORPUS)), peers_text.ALL)
    lines = [line for file in CORPUS.files for line in file.data.splitlines() if 20 <= len(line) <= 200]
    assert lines
    assert list(column) == lines


def test_a_missing_library_names_its_package() -> None:
    assert why_missing("libjemalloc.so.2") == "libjemalloc.so.2 is not installed (Debian: apt-get install libjemalloc2)"
    assert why_missing("libother.so") == "libother.so is not installed"


def comparison(**changes) -> Comparison:
    plain = {
        "experiment": "peers", "group": "pool", "case": "peers/pool/work=pool", "factors": {"work": "pool"},
        "arm": "malloc", "baseline": "ours", "metric": "time", "unit": "s", "ratio": 4.0, "low": 2.0, "high": 5.0,
        "detectable": 0.1, "verdict": "worse", "provenance": "clock", "kind": "allocating", "baseline_value": 3e-9,
        "arm_value": 12e-9, "item": "object", "processes": 14, "order_effect": 0.0, "dropped": 0, "control": False,
        "mode": "paired",
    }  # fmt: skip
    return a_comparison(**{**plain, **changes})


def results_of(*comparisons: Comparison) -> Results:
    return Results("run", comparisons, (), (), (), 0, 0, 1.0)


@dataclass
class Planned:
    cases: tuple[CasePlan, ...]


def plan_of(*arms: ArmPlan) -> Planned:
    case = CasePlan(
        id="peers/pool/work=pool", experiment="peers", group="pool", factors={"work": "pool"}, kernel="k",
        item="object", input_digest="", kind="allocating", regime="warm", baseline="ours", arms=arms, null=False,
        paired=True,
        separate=False, passes=(),
    )  # fmt: skip
    return Planned((case,))


def test_the_export_gives_our_time_against_theirs() -> None:
    (row,) = to_peers(plan_of(ArmPlan("ours", {}), ArmPlan("malloc", {})), results_of(comparison()))
    assert (row["work"], row["contender"], row["unit"], row["item"]) == ("pool", "malloc", "s", "object")
    assert (row["ratio"], row["low"], row["high"]) == (0.25, 0.2, 0.5)
    assert (row["ours"], row["theirs"], row["verdict"]) == (3e-9, 12e-9, "better")


def test_a_contender_that_is_not_installed_is_a_row_with_the_reason() -> None:
    nothing = dict.fromkeys(("ratio", "low", "high", "detectable", "baseline_value", "arm_value"))
    one = comparison(arm="gone", verdict="unresolved", processes=0, status="unavailable", **nothing)
    plan = plan_of(ArmPlan("ours", {}), ArmPlan("gone", {}, missing="libgone.so is not installed"))
    rows = to_peers(plan, results_of(one))
    assert [rows[0][key] for key in ("ratio", "low", "high", "ours", "theirs")] == [None] * 5
    assert rows[0]["reason"] == "libgone.so is not installed"
    assert peers_block(rows).rows[0][-1] == "libgone.so is not installed"


def test_other_experiments_have_no_peers() -> None:
    assert to_peers(plan_of(ArmPlan("ours", {})), results_of(comparison(factors={"size": "plan"}))) == []
