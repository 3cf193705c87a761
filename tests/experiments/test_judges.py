"""The judges that others use, asked about the self-test's kernel."""

from pathlib import Path

import pytest

from experiments.judges import JUDGES, compare_judges, mean_of_five, pyperf_compare, pytest_benchmark, work_of
from experiments.selftest_python import UNITS, mixer


def test_planted_work_changes_no_answer() -> None:
    plain = mixer({"plant": "0", "length": "4"}, None)
    planted = mixer({"plant": "500", "length": "4"}, None)
    assert plain.run(3, 5) == planted.run(3, 5)
    assert plain.run(0, 2)[1] == 2 * UNITS


def test_the_work_is_a_function_without_arguments() -> None:
    assert work_of(0)() == work_of(20)()


@pytest.mark.parametrize("judge", [pytest_benchmark, pyperf_compare])
def test_a_judge_finds_what_is_twice_as_slow(judge: object, tmp_path: Path) -> None:
    assert judge(1000, tmp_path)  # type: ignore[operator]


def test_every_judge_is_asked_as_often_about_every_plant() -> None:
    asked: list[int] = []

    def always(plant: int, folder: Path) -> bool:
        assert folder.is_dir()
        asked.append(plant)
        return True

    rows = compare_judges({"always": always}, [0, 20], 3)
    assert asked == [0, 20] * 3
    assert [(row["plant"], row["called"], row["asked"]) for row in rows] == [(0.0, 3, 3), (0.02, 3, 3)]


def test_the_naive_judge_is_among_them() -> None:
    assert mean_of_five in JUDGES.values()
