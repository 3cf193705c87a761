"""The clock's script: what is drawn, what is asked, how answers become rows."""

from pathlib import Path

import msgspec
import pytest

from lab.core.schema import NULL_SUFFIX, ArmPlan
from lab.experiment.clock import Asked, Script, Target, Work, targets_of
from tests.store.plans import a_case, a_plan

LIBRARIES = [Path(f"lib{number}.so") for number in range(4)]


def script(
    *cases: object, replicate: int = 0, solo: str | None = None, name: str = "clock/demo/group/pairs/0"
) -> Script:
    plan = a_plan(*cases)
    targets = [target for case in plan.cases for target in targets_of(case)]
    if solo:
        targets = [Target(case, solo, "separate") for case in plan.cases]
    return Script(plan, Work(name, replicate, tuple(targets), solo), LIBRARIES, Path("inputs"))


def lines(made: Script, verb: str) -> list[list[str]]:
    return [line.split("\t") for line in made.text.splitlines() if line.split("\t")[0] == verb]


def test_targets_are_every_treatment_the_control_and_the_separate_mode() -> None:
    case = a_case(separate=True)
    assert [(target.arm, target.mode) for target in targets_of(case)] == [
        ("fast", "paired"), ("plain" + NULL_SUFFIX, "null"), ("fast", "separate"),
    ]  # fmt: skip


def test_same_work_draws_the_same_and_other_work_draws_otherwise() -> None:
    one, again, other = script(), script(), script(name="clock/demo/group/pairs/1")
    assert (one.text, one.environment) == (again.text, again.environment)
    assert one.text != other.text


def test_control_compares_two_different_builds_every_time() -> None:
    for number in range(40):
        for fields in lines(script(name=f"work/{number}"), "pair"):
            if fields[3].endswith(NULL_SUFFIX):
                assert fields[4] != fields[5]


def test_target_is_measured_as_it_is_asked_for_and_otherwise_as_the_profile_says() -> None:
    plan = a_plan(a_case())
    treatment, control = (target for case in plan.cases for target in targets_of(case))
    asked = {treatment.key: Asked(pairs=3, iterations=17, check=False, most_s=0.25)}
    work = Work("clock/demo/group/pairs/1", 1, (treatment, control), asked=asked)
    made = {fields[3]: fields for fields in lines(Script(plan, work, LIBRARIES, Path("inputs")), "pair")}
    told = made[f"{treatment.case.id}#fast"]
    assert (told[7], told[11], told[12], told[13]) == ("3", "250000000", "17", "pairs")
    other = made[f"{treatment.case.id}#plain~null"]
    assert (other[7], other[11], other[12], other[13]) == (
        str(plan.clock.pairs), str(round(plan.clock.measure_s * 1e9)), "0", "pass",
    )  # fmt: skip


def test_costs_of_commands_and_of_the_worker_are_kept_and_are_no_rows() -> None:
    made = script(a_case(null=False))
    ready, pair = lines(made, "ready")[0][1], lines(made, "pair")[0][1]
    made.read(f'{{"id":"{ready}","status":"ok","spent_ns":[1000000000,0,0,0,0]}}')
    rows = made.read(
        f'{{"id":"{pair}","status":"ok","iterations":5,"items":50,"spent_ns":[0,1,2,3,4],"baseline_ns":[10,10],'
        '"treatment_ns":[5,6],"flags":"14"}'
    )
    assert made.read('{"life_ns":[1000000000,2000000000,3000000000,9000000000]}') == []
    assert made.life == (1.0, 2.0, 3.0)
    setup, timing = made.costs
    assert (setup.mode, setup.setup, setup.pairs) == ("", 1.0, 0)
    assert (timing.mode, timing.pairs, timing.iterations) == ("paired", 2, 5)
    assert (timing.check, timing.calibrate, timing.warm, timing.timed) == tuple(
        pytest.approx(ns * 1e-9) for ns in (1, 2, 3, 4)
    )
    assert len(rows) == 4


def test_every_arm_is_set_up_once_before_the_first_pair_and_in_any_order() -> None:
    orders = set()
    for number in range(40):
        made = script(name=f"work/{number}")
        ready = [fields[2].partition("#")[2] for fields in lines(made, "ready")]
        assert sorted(ready) == ["fast", "plain", "plain~null"]
        verbs = [line.split("\t")[0] for line in made.text.splitlines()]
        assert verbs.index("pair") > max(at for at, verb in enumerate(verbs) if verb == "ready")
        orders.add(tuple(ready))
    assert len(orders) == 6


def test_arms_that_allocate_are_set_up_afresh_for_each_pair() -> None:
    made = script(a_case(kind="allocating"))
    verbs = [line.split("\t")[0] for line in made.text.splitlines() if line.split("\t")[0] in ("ready", "pair", "drop")]
    assert verbs == ["ready", "ready", "pair", "drop"] * 2


def test_arm_has_one_build_in_all_pairs_of_a_process() -> None:
    for number in range(20):
        made = script(name=f"work/{number}")
        builds = {fields[2]: fields[3] for fields in lines(made, "ready")}
        for fields in lines(made, "pair"):
            assert (builds[fields[2]], builds[fields[3]]) == (fields[4], fields[5])


def test_control_runs_the_arguments_of_the_baseline() -> None:
    args = {fields[1].partition("#")[2]: fields[4:] for fields in lines(script(), "subject")}
    assert args["plain" + NULL_SUFFIX] == args["plain"] == ["arm=plain"]


def test_cases_are_dropped_one_after_another() -> None:
    made = script(a_case("demo/group/size=1"), a_case("demo/group/size=2"))
    verbs = [line.split("\t")[0] for line in made.text.splitlines() if line.split("\t")[0] in ("pair", "drop")]
    assert verbs == ["pair", "pair", "drop", "pair", "pair", "drop"]


def test_each_pair_becomes_two_rows_that_name_each_other() -> None:
    made = script(a_case(null=False))
    name = lines(made, "pair")[0][1]
    made.read(f'{{"begin":"{name}"}}')
    answer = {
        "id": name, "status": "ok", "iterations": 5, "items": 50,
        "baseline_ns": [1000, 2000], "treatment_ns": [500, 600], "flags": "14",
    }  # fmt: skip
    rows = made.read(msgspec.json.encode(answer).decode())
    assert [(row.arm, row.against, row.value, row.position, row.preempted, row.block) for row in rows] == [
        ("plain", "fast", pytest.approx(1e-6), 0, False, 0),
        ("fast", "plain", pytest.approx(5e-7), 1, False, 0),
        ("plain", "fast", pytest.approx(2e-6), 1, False, 1),
        ("fast", "plain", pytest.approx(6e-7), 0, True, 1),
    ]
    assert {(row.iterations, row.items, row.mode) for row in rows} == {(5, 50, "paired")}


def test_arm_alone_becomes_a_row_per_sample_without_an_opponent() -> None:
    made = script(a_case(separate=True), solo="fast")
    name = lines(made, "alone")[0][1]
    rows = made.read(f'{{"id":"{name}","status":"ok","iterations":5,"items":50,"ns":[10,20],"flags":"01"}}')
    assert [(row.arm, row.against, row.mode, row.preempted) for row in rows] == [
        ("fast", "", "separate", False), ("fast", "", "separate", True),
    ]  # fmt: skip


def test_script_knows_what_was_interrupted_and_what_was_not_begun() -> None:
    made = script(a_case("demo/group/size=1", null=False), a_case("demo/group/size=2", null=False))
    assert made.interrupted() is None
    made.read('{"begin":"0"}')
    interrupted, rest = made.interrupted(), made.rest()
    assert interrupted is not None
    assert {interrupted.case.id, *(target.case.id for target in rest)} == {"demo/group/size=1", "demo/group/size=2"}


def test_what_the_machine_cannot_run_is_unavailable_and_what_breaks_has_failed() -> None:
    case = a_case(arms=(ArmPlan("plain", {}), ArmPlan("fast", {})), null=False)
    name = lines(script(case), "pair")[0][1]
    unsupported = script(case).read(f'{{"id":"{name}","status":"unsupported","reason":"no AVX-512"}}')
    failed = script(case).read(f'{{"id":"{name}","status":"failed","reason":"different answers"}}')
    assert [(row.status, row.reason, row.value) for row in unsupported + failed] == [
        ("unavailable", "no AVX-512", None), ("failed", "different answers", None),
    ]  # fmt: skip
