"""The price is said before it is paid: a guess at first, then what runs on this machine cost."""

from pathlib import Path

import msgspec
import pytest

from lab.core.life import Life
from lab.experiment.price import FILE, price_of, remember_costs
from tests.store.plans import a_case, a_plan

LIFE = Life("demo", "group", "pairs", 10, 20, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 20.0, 20.0, 0.0)


def test_guess_says_that_it_is_one(tmp_path: Path) -> None:
    price = price_of(a_plan(a_case(), budget_s=60.0), 10.0, tmp_path)
    assert (price.comparisons, price.processes, price.known) == (2, 10, False)
    assert "a guess" in price.sentences()[0]


def test_former_run_on_this_machine_gives_the_price(tmp_path: Path) -> None:
    plan = a_plan(a_case(), budget_s=100.0)
    remember_costs(plan, [LIFE], tmp_path)
    price = price_of(plan, 9.2, tmp_path)
    assert price.known
    assert price.seconds == pytest.approx(2 * 10 * 2.0)  # two comparisons, ten processes, two seconds each
    assert "2 comparisons, about 10 processes each: about 40 s of clock" in price.sentences()[0]
    assert "enough for all of them" in price.sentences()[1]


def test_budget_that_is_too_small_says_what_it_gives_and_which_would_do(tmp_path: Path) -> None:
    clock = msgspec.structs.replace(a_plan().clock, budget_s=10.0)
    plan = a_plan(a_case("demo/group/size=1", priority=0), a_case("demo/group/size=2"), budget_s=16.0, clock=clock)
    remember_costs(plan, [LIFE], tmp_path)
    text = price_of(plan, 10.0, tmp_path).sentences()[1]
    assert "a part of the answers and about 12% of the whole" in text
    assert "--budget 130 would do for all of it" in text


def test_costs_of_another_machine_and_damaged_files_are_not_used(tmp_path: Path) -> None:
    plan = a_plan(a_case())
    remember_costs(plan, [LIFE], tmp_path)
    assert not price_of(msgspec.structs.replace(plan, host="elsewhere"), 10.0, tmp_path).known
    (tmp_path / FILE).write_text("{")
    assert not price_of(plan, 10.0, tmp_path).known


def test_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    remember_costs(a_plan(a_case()), [LIFE], tmp_path / "file")
