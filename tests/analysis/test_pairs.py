"""One number per process from adjacent pairs."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.pairs import EFFECT_COLUMNS, paired_effects
from lab.core.errors import CorruptRun
from lab.core.schema import NULL_SUFFIX, Measurement
from tests.analysis.tables import a_table, case_with, count_row, pair_rows

CASE = case_with("fast")
BASELINES = {CASE.id: CASE.baseline}

pair = st.tuples(
    st.floats(1e-6, 1e-3), st.floats(1e-6, 1e-3), st.integers(0, 1), st.sampled_from(["", "", "", "A", "B", "AB"])
)


def definition(pairs: list[tuple[float, float, int, str]]) -> tuple[float, float] | None:
    """d_p and o_p as the design writes them."""
    orders = [[math.log(b / a) for a, b, order, cut in pairs if order == wanted and not cut] for wanted in (0, 1)]
    if not all(orders):
        return None
    ab, ba = map(statistics.median, orders)
    return (ab + ba) / 2, (ba - ab) / 2


@given(st.lists(st.lists(pair, min_size=1, max_size=12), min_size=1, max_size=4), st.randoms())
def test_effects_are_those_of_the_definition_in_whatever_order_rows_come(processes: list, shuffle: object) -> None:
    rows = [row for number, pairs in enumerate(processes) for row in pair_rows(CASE, "fast", number, pairs)]
    shuffle.shuffle(rows)  # type: ignore[attr-defined]
    effects = paired_effects(a_table(rows), BASELINES).set_index("replicate")
    for number, pairs in enumerate(processes):
        found = effects.loc[number]
        assert found["dropped"] == sum(bool(cut) for *_, cut in pairs)
        assert found["pairs"] == sum(not cut for *_, cut in pairs)
        expected = definition(pairs)
        if expected is None:
            assert math.isnan(found["d"])
        else:
            assert (found["d"], found["order_effect"]) == pytest.approx(expected, abs=1e-12)


@given(st.lists(pair, min_size=4, max_size=12))
def test_swapping_the_arms_inverts_the_ratio(pairs: list) -> None:
    swapped = [(b, a, 1 - order, cut.translate({65: 66, 66: 65})) for a, b, order, cut in pairs]
    one = paired_effects(a_table(pair_rows(CASE, "fast", 0, pairs)), BASELINES).iloc[0]
    other = paired_effects(a_table(pair_rows(CASE, "fast", 0, swapped)), BASELINES).iloc[0]
    assert one["d"] == pytest.approx(-other["d"], abs=1e-12, nan_ok=True)
    assert one["order_effect"] == pytest.approx(other["order_effect"], abs=1e-12, nan_ok=True)
    assert one["dropped_arm"] == other["dropped_baseline"]


def test_order_effect_cancels_from_the_ratio() -> None:
    pairs = [(1e-4, 1.02e-4, 0, ""), (1.02e-4, 1e-4, 1, "")]
    found = paired_effects(a_table(pair_rows(CASE, "fast", 0, pairs)), BASELINES).iloc[0]
    assert found["d"] == pytest.approx(0.0, abs=1e-12)
    assert found["order_effect"] == pytest.approx(-math.log(1.02))


def test_process_with_one_order_left_yields_nothing_but_its_drops() -> None:
    pairs = [(1e-4, 2e-4, 0, ""), (1e-4, 2e-4, 1, "A"), (1e-4, 2e-4, 1, "B")]
    found = paired_effects(a_table(pair_rows(CASE, "fast", 3, pairs)), BASELINES).iloc[0]
    assert math.isnan(found["d"])
    assert (found["pairs"], found["dropped"], found["dropped_baseline"], found["dropped_arm"]) == (1, 2, 1, 1)


def test_values_are_medians_per_item_of_the_pairs_that_count() -> None:
    pairs = [(1e-4, 2e-4, 0, ""), (3e-4, 6e-4, 1, ""), (9.0, 9.0, 1, "A")]
    found = paired_effects(a_table(pair_rows(CASE, "fast", 0, pairs, items=100)), BASELINES).iloc[0]
    assert found["baseline_value"] == pytest.approx(2e-6)
    assert found["arm_value"] == pytest.approx(4e-6)


def test_control_and_each_treatment_stand_apart() -> None:
    case = case_with("fast", "faster", null=True)
    arms = {"fast": 0.5, "faster": 0.25, "plain" + NULL_SUFFIX: 1.0}
    rows = [
        row
        for arm, ratio in arms.items()
        for row in pair_rows(case, arm, 0, [(1.0, ratio, 0, ""), (1.0, ratio, 1, "")])
    ]
    effects = paired_effects(a_table(rows), BASELINES)
    assert np.exp(effects.set_index("arm")["d"]).to_dict() == pytest.approx(arms)


def test_rows_of_other_probes_failed_rows_and_half_pairs_take_no_part() -> None:
    good = pair_rows(CASE, "fast", 0, [(1.0, 2.0, 0, ""), (1.0, 2.0, 1, "")])
    half = pair_rows(CASE, "fast", 0, [(1.0, 50.0, 0, "")] * 3)[-1]
    failed = count_row(CASE, "fast", "time", None, probe="clock", status="failed", mode="paired", reason="crashed")
    unknown = pair_rows(case_with("fast", id="elsewhere"), "fast", 0, [(1.0, 9.0, 0, ""), (1.0, 9.0, 1, "")])
    rows = [*good, half, failed, *unknown, count_row(CASE, "fast", "time", 7.0)]
    effects = paired_effects(a_table(rows), BASELINES)
    assert effects["d"].tolist() == pytest.approx([math.log(2)])


def test_table_without_pairs_yields_no_effects() -> None:
    assert list(paired_effects(a_table([]), BASELINES).columns) == list(EFFECT_COLUMNS)


def _changed(row: Measurement, **changes: object) -> Measurement:
    return Measurement(**{**{name: getattr(row, name) for name in row.__struct_fields__}, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"iterations": 11}, "unequal iterations"), ({"arm": "plain", "against": "fast"}, "numbered uniquely")],
)
def test_pair_that_the_clock_cannot_have_written_is_refused(changes: dict, message: str) -> None:
    rows = pair_rows(CASE, "fast", 0, [(1.0, 2.0, 0, ""), (1.0, 2.0, 1, "")])
    with pytest.raises(CorruptRun, match=message):
        paired_effects(a_table([*rows[:-1], _changed(rows[-1], **changes)]), BASELINES)
