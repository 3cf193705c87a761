"""Results on a terminal, in a pipe and in a notebook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import msgspec
import pytest
from rich.console import Console

from lab.core.errors import UsageError
from lab.core.results import SelfTest
from lab.report import wording
from lab.report.notebook import figure_of, run_html
from lab.report.text import answers_text, results_text

if TYPE_CHECKING:
    from tests.report.conftest import Sample


def _shown(sample: Sample, *, terminal: bool, everything: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=160, color_system="standard" if terminal else None)
    results_text(sample.results, console, everything=everything)
    return file.getvalue()


def test_a_pipe_gets_one_line_per_row_and_nothing_cut_off(sample: Sample) -> None:
    """Plain lines hold every sentence and reason whole, without control characters."""
    shown = _shown(sample, terminal=False)
    assert "\x1b" not in shown
    lines = shown.splitlines()
    for answer in sample.results.answers:
        assert any(wording.answer(answer) in line for line in lines)
    for missing in sample.results.unavailable:
        assert any(" ".join(missing.reason.split()) in line for line in lines)


def test_a_terminal_gets_tables_in_colour(sample: Sample) -> None:
    """Rich tables, verdicts coloured, markup in names taken as text."""
    shown = _shown(sample, terminal=True, everything=True)
    assert "\x1b[32m" in shown
    assert "┃" in shown
    assert "<script>" in shown


def test_every_comparison_is_listed_on_request(sample: Sample) -> None:
    """`everything` adds a row per comparison with its provenance."""
    short, whole = _shown(sample, terminal=False), _shown(sample, terminal=False, everything=True)
    added = len(whole.splitlines()) - len(short.splitlines())
    experiments = 3
    assert len(sample.results.comparisons) + 3 * experiments == added
    assert sum("simulated by callgrind" in line for line in whole.splitlines()) == sum(
        one.key.provenance == "simulated" for one in sample.results.comparisons
    )


def test_the_answers_come_with_what_the_control_says(sample: Sample) -> None:
    """The short form ends with the false alarms and their upper limit."""
    file = io.StringIO()
    answers_text(sample.results, Console(file=file))
    assert "the same code compared with itself: no false alarm in 60 comparisons" in file.getvalue()
    assert "at most 4.9 %" in file.getvalue()
    nothing = msgspec.structs.replace(sample.results, null_count=0, selftest=SelfTest(0, 0, 1.0, ()))
    answers_text(nothing, Console(file=file))
    assert "Control: no comparison of the same code with itself has enough processes yet" in file.getvalue()
    assert "Self-test: no comparison" in file.getvalue()


def test_a_notebook_shows_answers_and_promises(sample: Sample) -> None:
    """The fragment holds every headline, escaped, and asks nothing of the network."""
    shown = run_html(sample.plan, sample.summary, sample.results)
    for answer in sample.results.answers:
        assert wording.answer(answer) in shown
    assert sample.hostile not in shown
    assert "http" not in shown


def test_a_figure_is_found_by_name_or_the_first_is_taken(sample: Sample) -> None:
    """An unnamed figure is the first of the run; an unknown one is a usage error that lists those there are."""
    assert len(figure_of(sample.plan, sample.results).axes) == 4
    assert len(figure_of(sample.plan, sample.results, "alignment").axes) == 6
    with pytest.raises(UsageError, match="layout/scan/time"):
        figure_of(sample.plan, sample.results, "layout", "nothing")
