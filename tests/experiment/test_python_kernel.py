"""Python callables are measured by the same protocol, the same runner and the same rule as native kernels."""

from pathlib import Path

import msgspec
import pytest

from lab.core.errors import UsageError
from lab.core.life import Cost
from lab.core.schema import ArmPlan, CasePlan, Clock, Measurement
from lab.experiment.clock import Asked, Script, Work, targets_of
from lab.experiment.equipment import Equipment
from lab.experiment.preload import find_library
from lab.experiment.python_kernel import is_python, load_factory, python_kernel
from lab.experiment.runner import carry_out
from lab.measure.process import python_command, run_lines
from lab.store import RunReader, RunWriter
from tests.experiment.python_kernels import sums
from tests.experiment.test_runner import After, FakeNative, Silent
from tests.store.plans import a_case, a_plan

FILE = Path(__file__).with_name("python_kernels.py")
KERNEL = f"python:{FILE}:sums"


def case(name: str, *moods: str, **changes: object) -> CasePlan:
    arms = tuple(ArmPlan(f"arm{number}", {"mood": mood}) for number, mood in enumerate(moods))
    fields = {"kernel": KERNEL, "arms": arms, "baseline": "arm0", "null": False, **changes}
    return a_case(f"demo/group/size={name}", **fields)


def run(tmp_path: Path, *cases: CasePlan, memory_bytes: int = 0, **timing: float) -> RunReader:
    clock = msgspec.structs.replace(Clock(budget_s=60.0, most_processes=4, pairs=2, sample_s=2e-5), **timing)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "abc").write_bytes(bytes(range(50)))
    with RunWriter.create(tmp_path, a_plan(*cases, clock=clock)) as writer:
        made = Equipment(
            native=FakeNative(),  # type: ignore[arg-type]
            inputs=tmp_path / "inputs",
            judge=After(2),
            probes=(),
            observer=Silent(),
            memory_bytes=memory_bytes,
        )
        carry_out(writer, made)
    return RunReader(writer.folder)


def test_pairs_of_two_processes_are_timed_over_equal_iterations(tmp_path: Path) -> None:
    reader = run(tmp_path, case("1", "plain", "slow", input_digest="abc", null=True))
    table = reader.table()
    assert set(table["status"]) == {"ok"}
    assert table.groupby(["mode", "arm"])["replicate"].nunique().to_dict() == {
        ("null", "arm0"): 2, ("null", "arm0~null"): 2, ("paired", "arm0"): 2, ("paired", "arm1"): 2,
    }  # fmt: skip
    assert table.groupby(["replicate", "block", "mode"])["iterations"].nunique().max() == 1
    assert (table["value"] > 0).all()
    assert set(table[table["mode"] == "paired"].groupby(["replicate", "block"])["position"].sum()) == {1}


def measured(asked: Asked, *, solo: str | None = None) -> tuple[list[Measurement], list[Cost]]:
    """The rows and costs of one Python worker."""
    one = case("1", "plain", "slow", separate=True)
    target = next(target for target in targets_of(one) if target.mode == ("separate" if solo else "paired"))
    work = Work("work", 0, (target,), solo=solo, asked={target.key: asked})
    script, rows = Script(a_plan(one), work, [Path("lib.so")] * 4, Path("inputs")), []
    outcome = run_lines(
        python_command("lab.experiment.python_worker"),
        stdin_text=script.text,
        answers=True,
        idle_timeout_s=60,
        on_line=lambda line: rows.extend(script.read(line)),
    )
    assert outcome.trouble is None
    return rows, script.costs


@pytest.mark.parametrize(("most_s", "fewest"), [(0.0, 2), (1000.0, 16)])
@pytest.mark.parametrize("solo", [None, "arm1"])
def test_fewer_pairs_are_taken_where_they_take_long(most_s: float, fewest: int, solo: str | None) -> None:
    """One of each order at least, half with the baseline first; where samples are preempted, up to twice as many."""
    rows, _ = measured(Asked(8, most_s=most_s), solo=solo)
    blocks = {row.block for row in rows}
    assert fewest <= len(blocks) <= 2 * fewest
    if solo is None:
        good = {row.block for row in rows} - {row.block for row in rows if row.preempted}
        for position in (0, 1):
            first = {row.block for row in rows if row.arm == "arm0" and row.position == position}
            assert len(first & good) == fewest // 2 or len(first) == fewest


def test_known_iterations_are_used_and_every_part_of_the_time_is_told() -> None:
    _, found = measured(Asked(1))
    iterations = found[-1].iterations
    rows, costs = measured(Asked(1, iterations=2 * iterations, check=False))
    assert {row.iterations for row in rows} == {2 * iterations}
    assert [cost.mode for cost in costs] == ["", "", "paired"]
    assert costs[-1].warm > 0 < costs[-1].timed
    assert costs[-1].pairs == len({row.block for row in rows})


@pytest.mark.parametrize(
    ("mood", "status", "reason"),
    [
        ("wrong", "failed", "different answers"),
        ("short", "failed", "length of a pass"),
        ("raises", "failed", "ValueError: made to raise"),
        ("unsupported", "unavailable", "pip install it"),
    ],
)
def test_broken_arm_costs_its_case_and_the_rest_is_measured(
    tmp_path: Path, mood: str, status: str, reason: str
) -> None:
    table = run(tmp_path, case("1", "plain", mood), case("2", "plain", "slow")).table()
    bad = table[table["case"] == "demo/group/size=1"]
    assert set(bad["status"]) == {status}
    assert bad["reason"].str.contains(reason).all()
    assert set(table[table["case"] == "demo/group/size=2"]["status"]) == {"ok"}


def test_contender_that_is_missing_costs_only_itself(tmp_path: Path) -> None:
    table = run(tmp_path, case("1", "plain", "slow", "unsupported")).table()
    assert table[table["status"] == "unavailable"]["arm"].unique().tolist() == ["arm2"]
    assert table[table["status"] == "ok"].groupby("arm")["replicate"].nunique().to_dict() == {"arm0": 2, "arm1": 2}


def test_arms_that_share_no_process_are_measured_alone_in_their_own_environment(tmp_path: Path) -> None:
    library = find_library("libm.so.6")
    arms = (
        ArmPlan("plain", {"mood": "plain"}),
        ArmPlan("other", {"mood": "preloaded"}, environment={"LD_PRELOAD": str(library)}),
        ArmPlan("gone", {"mood": "preloaded"}, missing="libgone.so is not installed"),
    )
    table = run(tmp_path, case("1", arms=arms, baseline="plain", paired=False, separate=True)).table()
    assert set(table["mode"]) == {"separate"}
    assert table[table["status"] == "ok"].groupby("arm")["replicate"].nunique().to_dict() == {"other": 2, "plain": 2}
    gone = table[table["status"] == "unavailable"]
    assert gone[["arm", "reason"]].to_numpy().tolist() == [["gone", "libgone.so is not installed"]]


def test_name_of_a_kernel_leads_back_to_its_function() -> None:
    assert is_python(KERNEL)
    assert load_factory(KERNEL).__name__ == "sums"
    assert load_factory(python_kernel(sums))({"mood": "plain"}, None).run(0, 3) == (3, 3)


@pytest.mark.parametrize("name", ["python:no.such.module:x", f"python:{FILE}:nothing", "python:/no/such/file.py:x"])
def test_name_that_leads_nowhere_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="Python kernel"):
        load_factory(name)


def test_function_inside_a_function_is_no_kernel() -> None:
    def inner(args: object, data: object) -> object:
        return None

    with pytest.raises(UsageError, match="top of a module"):
        python_kernel(inner)  # type: ignore[arg-type]


def test_library_that_is_not_there_is_not_found() -> None:
    assert find_library("libno-such-thing.so.99") is None
