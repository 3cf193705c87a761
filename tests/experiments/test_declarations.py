"""The built-in experiments say only what the kernels, the probes and the promises know."""

import itertools
from importlib.metadata import entry_points

import msgspec
import pytest

from experiments import ablation, alignment, layout, pooling, selftest, translation
from experiments.claims import read_claims
from lab.experiment.declare import PROFILES, Experiment, Group, Level
from lab.experiment.python_kernel import is_python
from lab.measure.machine import Machine, WorkingSet
from lab.measure.native import find_native
from lab.measure.probes import PROBES, probe_metrics
from lab.measure.process import run_lines

EXPERIMENTS = (
    layout.EXPERIMENT, pooling.EXPERIMENT, alignment.EXPERIMENT, selftest.EXPERIMENT, translation.EXPERIMENT,
    ablation.EXPERIMENT,
)  # fmt: skip
# Groups that only some profiles have.
PROFILES_OF = {
    ablation.EVERY.title: ("full",),
    ablation.LIBRARY.title: ("standard", "full"),
    translation.WHOLE.title: ("standard", "full"),
}
GROUPS = [(experiment, group) for experiment in EXPERIMENTS for group in experiment.groups]
MACHINE = Machine(
    facts={"cpu.simd": "sse2 avx2 avx512bw"},
    working_sets=(WorkingSet("L1", 1 << 14), WorkingSet("L2", 1 << 18), WorkingSet("DRAM", 1 << 25)),
    cpus=2,
)
each_group = pytest.mark.parametrize(
    ("experiment", "group"), GROUPS, ids=[f"{experiment.name}/{group.name}" for experiment, group in GROUPS]
)


@pytest.fixture(scope="module")
def kernels() -> dict[str, dict[str, str]]:
    """Kernel -> parameter -> its levels, as the library itself says."""
    native = find_native()
    found: dict[str, dict[str, str]] = {}

    def take(line: str) -> None:
        answer = msgspec.json.decode(line)
        found[answer["kernel"]] = {param[0]: param[2] for param in answer["params"]}

    outcome = run_lines(
        native.driver_command(),
        stdin_text=f"lib\t0\t{native.kernels[0]}\nlist\t0\n",
        answers=True,
        idle_timeout_s=20,
        on_line=take,
    )
    assert outcome.trouble is None
    return found


def levels_of(group: Group, machine: Machine = MACHINE) -> list[tuple[Level, ...]]:
    return [factor.levels(machine) if callable(factor.levels) else factor.levels for factor in group.factors]


def combinations(group: Group, profile: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    """(factor labels, kernel arguments) of every case that a profile keeps."""
    kept = []
    for levels in itertools.product(*levels_of(group)):
        factors = {factor.name: level.label for factor, level in zip(group.factors, levels, strict=True)}
        listed = all(
            profile != "quick" or factor.quick is None or factors[factor.name] in factor.quick
            for factor in group.factors
        )
        if listed and not group.keep(factors, profile):
            args = dict(group.args)
            for level in levels:
                args.update(level.args)
            kept.append((factors, args))
    return kept


def comparisons(experiment: Experiment, profile: str) -> int:
    return sum(
        len(group.arms.treatments) + group.null(factors)
        for group in experiment.groups
        for factors, _ in combinations(group, profile)
    )


def test_every_experiment_is_an_entry_point_under_its_own_name() -> None:
    points = {point.name: point.value for point in entry_points(group="lab.experiments")}
    for experiment in EXPERIMENTS:
        assert points[experiment.name] == f"experiments.{experiment.name}:EXPERIMENT"


def test_groups_and_factors_have_names_of_their_own() -> None:
    for experiment in EXPERIMENTS:
        names = [group.name for group in experiment.groups]
        assert sorted(set(names)) == sorted(names)
    for _, group in GROUPS:
        names = [factor.name for factor in group.factors]
        assert sorted(set(names)) == sorted(names)
        assert group.axis in names
        assert group.series in ("", *names)


@each_group
def test_the_baseline_comes_first_among_the_arms(experiment: Experiment, group: Group) -> None:
    assert next(iter(group.arms.meaning)) == group.arms.baseline
    assert group.arms.treatments
    compound = {arm for arm, on in group.arms.settings.items() if 1 < len(on) < len(ablation.SWITCHES)}
    assert all(meaning.endswith(".") for arm, meaning in group.arms.meaning.items() if arm not in compound)


MIXER_PARAMS = {"copy": "same,again,third,fourth", "plant": "", "length": ""}  # of the self-test's Python kernel


@each_group
@pytest.mark.parametrize("profile", PROFILES)
def test_each_case_gives_the_kernel_exactly_its_arguments(
    experiment: Experiment, group: Group, profile: str, kernels: dict[str, dict[str, str]]
) -> None:
    params = MIXER_PARAMS if is_python(group.kernel) else kernels[group.kernel]
    cases = combinations(group, profile)
    assert bool(cases) is (profile in PROFILES_OF.get(group.title, PROFILES))
    for _, args in cases:
        for arm in group.arms.meaning:
            given = {**args, group.arms.parameter: group.arms.values.get(arm, arm)}
            assert sorted(given) == sorted(params)
            for name, value in given.items():
                if name == "switches":
                    assert set(value.split("+")) <= {"none", "all", *ablation.SWITCHES}
                else:
                    assert value in params[name].split(",") if params[name] else value.isdecimal()


@each_group
def test_passes_name_probes_and_look_at_some_case(experiment: Experiment, group: Group) -> None:
    names = {probe.name for probe in PROBES}
    assert set(group.passes) <= names
    for name, wanted in group.passes.items():
        profiles = ("standard",) if name == "allocations" else ("quick", "standard")
        profiles = PROFILES_OF.get(group.title, profiles)
        for profile in profiles:
            assert any(wanted(factors) for factors, _ in combinations(group, profile)), (name, profile)


@pytest.mark.parametrize("experiment", EXPERIMENTS[:3], ids=lambda experiment: experiment.name)
@pytest.mark.parametrize("profile", PROFILES)
def test_one_case_per_experiment_is_traced(experiment: Experiment, profile: str) -> None:
    traced = [
        factors
        for group in experiment.groups
        for factors, _ in combinations(group, profile)
        if group.passes.get("memray", lambda _: False)(factors)
    ]
    assert len(traced) == 1


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_every_claim_stands_in_the_table_and_finds_a_case_in_every_profile(experiment: Experiment) -> None:
    promised = {claim.id for claim in experiment.promises()}
    for test in experiment.claims:
        assert test.claim in promised
        for profile in PROFILES:
            assert any(
                test.arm in (*group.arms.treatments, *itertools.chain(*group.arms.settings.values()))
                and test.where.items() <= factors.items()
                for group in experiment.groups
                for factors, _ in combinations(group, profile)
            ), (test, profile)


def test_claims_keep_the_numbers_of_the_table() -> None:
    claims = {claim.id: claim for claim in read_claims()}
    assert len(claims) == len(read_claims())
    assert (claims["P1"].quantity, claims["P1"].low, claims["P1"].high) == ("ratio", None, 0.1)
    assert (claims["P4"].metric, claims["P4"].low, claims["P4"].plan_before) == ("pool_hit_rate", 0.9, None)


@each_group
def test_the_texts_are_for_people(experiment: Experiment, group: Group) -> None:
    assert experiment.question.endswith("?")
    for text in (experiment.limits, group.note):
        assert text.endswith(".")
        assert "  " not in text


def test_the_self_test_has_at_least_two_hundred_comparisons_of_identical_code() -> None:
    identical = [group for group in selftest.EXPERIMENT.groups if not group.name.startswith("planted")]
    count = sum(len(group.arms.treatments) * len(combinations(group, "quick")) for group in identical)
    assert count >= 200
    assert {group.arms.parameter for group in identical} == {"copy"}


def test_plants_come_with_their_instructions_counted() -> None:
    planted = [group for group in selftest.EXPERIMENT.groups if group.name.startswith("planted")]
    assert {group.kernel for group in planted} >= {"selftest.cache", "selftest.heap", "selftest.dram"}
    for group in planted:
        assert group.arms.parameter == "plant"
        assert set(group.arms.treatments) == {"10", "20", "50", "100"}
        assert "callgrind" in group.passes or is_python(group.kernel)


def test_the_quick_profile_stays_small() -> None:
    assert [comparisons(experiment, "quick") <= 110 for experiment in EXPERIMENTS[:3]] == [True] * 3


def test_a_machine_without_wide_vectors_keeps_the_narrow_ones() -> None:
    plain = Machine(facts={"cpu.simd": "asimd"}, working_sets=MACHINE.working_sets, cpus=2)
    levels = levels_of(alignment.STREAM, plain)[1]
    assert [level.label for level in levels] == ["16"]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=[experiment.name for experiment in EXPERIMENTS])
def test_agreements_are_about_metrics_that_the_case_is_asked_for(experiment: Experiment) -> None:
    known = {metric.name: metric.probe for metric in (*probe_metrics(), *experiment.metrics)}
    for agreement in experiment.agreements:
        readings = agreement.readings
        named = {name for one in readings for name in (*one.metrics, *one.apart)} | {agreement.slack} - {""}
        assert named <= set(known)
        asked = {
            frozenset(probe for probe, wanted in group.passes.items() if wanted(factors))
            for group in experiment.groups
            for factors, _ in combinations(group, "quick")
            if agreement.where.items() <= factors.items()
        }
        assert len(asked) == 1, "one case"
        assert {known[name] for name in named} - {"ledger"} <= asked.pop()
