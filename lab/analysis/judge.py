"""The stopping rule while a run is measured: the very functions that give the final verdict, asked in between."""

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from lab.analysis.decide import Mode, modes_open
from lab.analysis.pairs import paired_effects
from lab.analysis.separate import separate_effects, solo_medians
from lab.core.schema import Measurement, Plan

_COLUMNS = (
    "case", "arm", "against", "metric", "value", "iterations", "items", "replicate", "mode", "block", "position",
    "preempted", "probe", "status",
)  # fmt: skip


class RunJudge:
    """Says which comparisons of a run have their verdict. Not thread-safe.

    Args:
        plan: of the run; its rule is the only thing that decides.
    """

    def __init__(self, plan: Plan) -> None:
        self._rule = plan.rule
        self._cases = {case.id: case for case in plan.cases}
        self._baselines = {case.id: case.baseline for case in plan.cases}
        self._paired: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._separate: dict[tuple[str, str], list[float]] = {}
        self._solo = pd.DataFrame()

    def observe(self, rows: Sequence[Measurement]) -> None:
        """Take in the rows of one worker of the clock; each worker once.

        Raises:
            CorruptRun: the rows are not what the clock writes; nothing of them was taken in.
        """
        table = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in _COLUMNS}).astype({"value": float})
        paired = _values(paired_effects(table, self._baselines))
        solo = solo_medians(table, self._baselines)
        for key, values in paired.items():
            self._paired[key] += values
        if len(solo):
            self._solo = pd.concat([self._solo, solo], ignore_index=True)
            self._separate = _values(separate_effects(self._solo, self._baselines))

    def settled(self, case: str, arm: str, mode: str) -> bool:
        """Whether a comparison needs no further process in this mode ("paired", "null" or "separate")."""
        wanted: Mode = "separate" if mode == "separate" else "paired"
        values: dict[Mode, Sequence[float]] = {
            "paired": self._paired.get((case, arm), ()),
            "separate": self._separate.get((case, arm), ()),
        }
        return wanted not in modes_open(self._cases[case], arm, values, self._rule)


def _values(effects: pd.DataFrame) -> dict[tuple[str, str], list[float]]:
    good = effects[effects["d"].notna()]
    return {(str(case), str(arm)): rows["d"].tolist() for (case, arm), rows in good.groupby(["case", "arm"])}
