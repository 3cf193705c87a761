"""What is shown while a run is measured: a table of answers on a terminal, plain lines elsewhere."""

import io
import math

import pytest
from rich.console import Console

from lab.cli.progress import TerminalObserver, answers_table
from lab.core.schema import Verdict
from lab.experiment.observer import AnswerSoFar, ClockProgress
from lab.report import numbers


def answer(arm: str, verdict: Verdict = "unresolved", ratio: float = math.nan, **changes: object) -> AnswerSoFar:
    fields: dict[str, object] = {
        "experiment": "layout", "arm": arm, "baseline": "aos", "where": "scan, DRAM", "verdict": verdict,
        "ratio": ratio, "low": 0.0 if math.isnan(ratio) else 0.4, "high": math.inf if math.isnan(ratio) else 0.6,
        "processes": 11, "failed": False,
    }  # fmt: skip
    return AnswerSoFar(**{**fields, **changes})  # type: ignore[arg-type]


def progress(*answers: AnswerSoFar) -> ClockProgress:
    return ClockProgress(12.0, 34.0, 3, 1, 5, answers)


def drawn(*, terminal: bool, width: int = 120) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=width, height=30), file


def test_terminal_shows_the_answers_and_a_true_time_left() -> None:
    console, file = drawn(terminal=True)
    with TerminalObserver(console) as observer:
        observer.phase("clock", 100.0, "s")
        observer._drawn = -math.inf
        observer.clock(progress(answer("soa", "better", 0.5), answer("aosoa")))
        observer.advance(12.0, "3 settled, 1 failed, 5 open")
    text = file.getvalue()
    for part in (
        "soa",
        "less time",
        f"{numbers.ratio(0.5)} [{numbers.ratio(0.4)}, {numbers.ratio(0.6)}]",
        "not yet",
        "at most 34 s left",
        "3 settled, 1 failed, 5 open",
    ):
        assert part in text


def test_elsewhere_plain_lines_say_when_an_experiment_has_its_answers_once() -> None:
    console, file = drawn(terminal=False)
    with TerminalObserver(console) as observer:
        observer.phase("clock", 100.0, "s")
        observer.clock(progress(answer("soa", "better", 0.5), answer("aosoa")))
        observer.clock(progress(answer("soa", "better", 0.5), answer("aosoa", "same", 1.0)))
        observer.clock(progress(answer("soa", "better", 0.5), answer("aosoa", "same", 1.0)))
        observer.advance(12.0, "3 settled, 1 failed, 5 open")
    assert file.getvalue().splitlines() == [
        "clock: up to 100 s",
        "layout: all 2 of its answers are in after 12 s",
        "clock: 3 settled, 1 failed, 5 open, at most 34 s left",
    ]


def test_failed_answer_is_failed_and_not_awaited() -> None:
    console, file = drawn(terminal=False)
    with TerminalObserver(console) as observer:
        observer.clock(progress(answer("soa", "better", 0.5), answer("aosoa", failed=True)))
    assert "all 1 of its answers are in" in file.getvalue()
    console, file = drawn(terminal=True)
    console.print(answers_table([answer("aosoa", failed=True)], 5))
    assert "failed" in file.getvalue()


@pytest.mark.parametrize("rows", [-3, 1, 2])
def test_small_terminal_shows_the_settled_ones_first_and_counts_the_rest(rows: int) -> None:
    console, file = drawn(terminal=True)
    console.print(answers_table([answer("a"), answer("b", "worse", 1.5), answer("c")], rows))
    shown = file.getvalue()
    assert "more time" in shown
    assert f"{3 - max(rows, 1)} more" in shown


def test_notes_and_troubles_are_said_at_once() -> None:
    console, file = drawn(terminal=False)
    with TerminalObserver(console) as observer:
        observer.note("one processor")
        observer.trouble("case: killed")
    assert file.getvalue().splitlines() == ["one processor", "failed: case: killed"]
