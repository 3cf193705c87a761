"""Progress: on a terminal the answers so far and the time left, elsewhere plain lines now and then."""

import math
import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lab.cli.terminal import Console
from lab.experiment.observer import AnswerSoFar, ClockProgress
from lab.report import numbers

PLAIN_EVERY_S = 10.0
DRAWN_EVERY_S = 0.25
KEPT_LINES = 8  # of the terminal's height, for what is not the table
_COLOURS = {"better": "green", "worse": "red", "same": "blue", "unresolved": "dim"}
_WORDS = {"better": "less time", "worse": "more time", "same": "the same", "unresolved": "not yet"}


class TerminalObserver:
    """An Observer that draws on a rich console. A context manager.

    It draws when it is told something, never from a thread of its own, which would disturb what is timed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._phase = ""
        self._total = 1.0
        self._unit = ""
        self._done = 0.0
        self._left = ""
        self._detail = ""
        self._answers: Sequence[AnswerSoFar] = ()
        self._announced: set[str] = set()
        self._started = 0.0
        self._done_at_start: float | None = None
        self._said = self._drawn = -math.inf

    def __enter__(self) -> "TerminalObserver":
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def phase(self, name: str, total: float, unit: str) -> None:
        """See Observer."""
        self._phase, self._total, self._unit = name, max(total, 1e-9), unit
        self._started, self._done_at_start = time.monotonic(), None
        self._done, self._left, self._detail = 0.0, "", ""
        self._said = self._drawn = -math.inf
        self._draw()
        if self._live is None:
            limit = "" if unit == "s" and total > 36_000 else f": up to {total:.0f} {unit}"
            self._print(f"{name}{limit}")

    def advance(self, done: float, detail: str) -> None:
        """See Observer."""
        now = time.monotonic()
        self._done, self._detail = done, detail
        if self._unit != "s":
            self._left = self._pace(done, now)
        if self._live is not None:
            self._draw()
        elif now - self._said >= PLAIN_EVERY_S:
            self._said = now
            self._print(f"{self._phase}: {detail}{', ' * bool(self._left)}{self._left}")

    def clock(self, progress: ClockProgress) -> None:
        """See Observer."""
        self._answers = progress.answers
        self._left = f"at most {progress.left_s:.0f} s left" if progress.left_s < 36_000 else ""
        if self._live is None:
            self._announce(progress.spent_s)

    def note(self, text: str) -> None:
        """See Observer."""
        self._print(text, "yellow")

    def trouble(self, text: str) -> None:
        """See Observer."""
        self._print(f"failed: {text}", "red")

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    def _announce(self, spent_s: float) -> None:
        """Say once, where there is no table, how many of an experiment's answers there are."""
        for experiment in dict.fromkeys(answer.experiment for answer in self._answers):
            mine = [answer for answer in self._answers if answer.experiment == experiment]
            known = [answer for answer in mine if answer.verdict != "unresolved"]
            if known and len(known) == len(mine) - sum(answer.failed for answer in mine) != 0:
                if experiment not in self._announced:
                    self._print(f"{experiment}: all {len(known)} of its answers are in after {spent_s:.0f} s")
                self._announced.add(experiment)

    def _pace(self, done: float, now: float) -> str:
        """Time left, from the pace so far."""
        if self._done_at_start is None:
            self._done_at_start = done
            return ""
        pace = (done - self._done_at_start) / max(now - self._started, 1e-9)
        return f"about {(self._total - done) / pace:.0f} s left" if pace > 0 else ""

    def _draw(self) -> None:
        now = time.monotonic()
        if self._live is None or now - self._drawn < DRAWN_EVERY_S:
            return
        self._drawn = now
        bar = ProgressBar(total=self._total, completed=min(self._done, self._total), width=24)
        line = Table.grid(padding=(0, 1))
        line.add_row(Text(f"{self._phase:>12}"), bar, Text(self._left), Text(self._detail, style="dim"))
        shown: list[RenderableType] = [line]
        if self._answers:
            shown.insert(0, answers_table(self._answers, self._console.height - KEPT_LINES))
        self._live.update(Group(*shown), refresh=True)


def answers_table(answers: Sequence[AnswerSoFar], most_rows: int) -> Table:
    """The answers so far: those with a verdict first, in their order, as many as there is room for."""
    table = Table(header_style="dim", box=None, pad_edge=False)
    for head in ("experiment", "arm", "against", "where", "takes", "of the time", "processes"):
        table.add_column(head, justify="right" if head in ("of the time", "processes") else "left", no_wrap=True)
    ordered = sorted(answers, key=lambda answer: answer.verdict == "unresolved")
    for answer in ordered[: max(most_rows, 1)]:
        table.add_row(
            answer.experiment,
            answer.arm,
            answer.baseline,
            answer.where,
            Text("failed", style="red")
            if answer.failed
            else Text(_WORDS[answer.verdict], style=_COLOURS[answer.verdict]),
            _figure(answer),
            str(answer.processes),
        )
    if len(ordered) > most_rows:
        table.caption = f"{len(ordered) - max(most_rows, 1)} more"
    return table


def _figure(answer: AnswerSoFar) -> str:
    if math.isnan(answer.ratio):
        return ""
    if not math.isfinite(answer.high):
        return numbers.ratio(answer.ratio)
    return f"{numbers.ratio(answer.ratio)} [{numbers.ratio(answer.low)}, {numbers.ratio(answer.high)}]"
