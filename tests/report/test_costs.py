"""What measuring cost, probe by probe, and which figures came from the cache."""

from lab.core.schema import SCHEMA_VERSION, Remembered, RunSummary
from lab.report.costs import cost_lines


def a_summary(**changes: object) -> RunSummary:
    fields = {
        "schema": SCHEMA_VERSION, "id": "x", "sealed": "", "rows": 0, "workers": 0, "clock_s": 30.0,
        "failed_cases": (), "artifacts": (), "left_out": (),
    }  # fmt: skip
    return RunSummary(**{**fields, **changes})  # type: ignore[arg-type]


def test_each_probe_has_its_share_and_the_day_of_what_it_remembered() -> None:
    summary = a_summary(
        probe_s={"callgrind": 9.0, "allocations": 1.0},
        remembered={
            "callgrind": Remembered(72, "2026-11-03", "2026-11-28"),
            "ledger": Remembered(1, "2026-11-28", "2026-11-28"),
        },
    )
    assert dict(cost_lines(summary)) == {
        "clock": "30.0 s, 75% of the measuring",
        "callgrind": "9.0 s, 22% of the measuring; 72 figures from the cache, measured 2026-11-03 to 2026-11-28",
        "allocations": "1.0 s, 2% of the measuring",
        "ledger": "1 figure from the cache, measured 2026-11-28",
    }


def test_a_run_from_before_the_record_says_nothing() -> None:
    assert list(cost_lines(a_summary())) == []
