"""Progress on a terminal as a line that moves with the time left, elsewhere as plain lines now and then."""

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lab.cli.terminal import Console

PLAIN_EVERY_S = 10.0


class TerminalObserver:
    """An Observer that draws on a rich console. A context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._phase = ""
        self._total = 1.0
        self._unit = ""
        self._started = 0.0
        self._done_at_start: float | None = None
        self._said = 0.0

    def __enter__(self) -> "TerminalObserver":
        if self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description:>12}"),
                BarColumn(bar_width=24),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}"),
                TextColumn("[dim]{task.fields[detail]}"),
                console=self._console,
                transient=True,
            )
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def phase(self, name: str, total: float, unit: str) -> None:
        """See Observer."""
        self._phase, self._total, self._unit = name, max(total, 1e-9), unit
        self._started, self._done_at_start = time.monotonic(), None
        self._said = 0.0
        if self._progress is not None:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task(name, total=total, left="", detail="")
        else:
            self._console.print(f"{name}: up to {total:.0f} {unit}", highlight=False, soft_wrap=True)

    def advance(self, done: float, detail: str) -> None:
        """See Observer."""
        now = time.monotonic()
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, left=self._left(done, now), detail=detail)
        elif now - self._said >= PLAIN_EVERY_S:
            self._said = now
            self._console.print(
                f"{self._phase}: {detail}{self._left(done, now, ', ')}", highlight=False, soft_wrap=True
            )

    def trouble(self, text: str) -> None:
        """See Observer."""
        self._console.print(f"failed: {text}", style="red", highlight=False, markup=False, soft_wrap=True)

    def _left(self, done: float, now: float, before: str = "") -> str:
        """Time left: exact for a budget of seconds, from the pace so far for batches."""
        if self._unit == "s":
            return f"{before}at most {max(self._total - done, 0):.0f} s left"
        if self._done_at_start is None:
            self._done_at_start = done
            return ""
        pace = (done - self._done_at_start) / max(now - self._started, 1e-9)
        return f"{before}about {(self._total - done) / pace:.0f} s left" if pace > 0 else ""
