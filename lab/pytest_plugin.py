"""The pytest fixture `compare`: tests that a function is not slower than another, with the lab's verdicts.

::

    def test_speed(compare):
        compare(baseline=old, candidate=new, data=SAMPLE).not_slower(by=0.05)

A test fails only where the data exclude what it asks for. Where they allow both, it is skipped with the reason, or
fails with --lab-strict. Loaded with every pytest session in which the lab is installed, this module imports nothing of
it until the fixture is used.
"""

import contextlib
import fcntl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lab.api import ComparedRun
    from lab.api.answer import ArmAnswer

PROPERTY = "lab"  # of a test's report: the answer of a comparison
BUDGET_S = 30.0
ALLOCATIONS = ("python_allocations", "python_allocated_bytes")
_XDIST_NOTE = "measured while other workers of pytest-xdist ran tests, one comparison at a time"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the plugin."""
    group = parser.getgroup("lab", "comparisons by portalis-lab")
    group.addoption(
        "--lab-budget", type=float, default=BUDGET_S, metavar="SECONDS", help="For each comparison (default: 30)."
    )
    group.addoption(
        "--lab-strict",
        action="store_true",
        help="A comparison without a verdict fails its test, not skips it.",
    )


class Compared:
    """A comparison that a test asks questions of. Each question returns the same object, so that they can be chained.

    Attributes:
        run: what was measured; run.answer, run.frame(), run.write_report().
    """

    def __init__(self, run: "ComparedRun", *, strict: bool) -> None:
        self.run = run
        self._strict = strict

    @property
    def _answer(self) -> "ArmAnswer":
        return self.run.answer

    def not_slower(self, by: float = 0.05) -> "Compared":
        """The candidate takes at most 1 + by times the baseline's time.

        Raises:
            AssertionError: it surely takes more.
        """
        limit = 1 + by
        return self._decide(limit, f"at most {100 * by:g} % slower than {self._answer.baseline}")

    def faster(self, by: float = 0.1) -> "Compared":
        """The candidate takes at most 1 - by times the baseline's time.

        Raises:
            AssertionError: it surely takes more.
        """
        return self._decide(1 - by, f"to take at least {100 * by:g} % less time than {self._answer.baseline}")

    def allocates_no_more(self) -> "Compared":
        """The candidate makes no more allocations in a call than the baseline, and allocates no more bytes.

        Raises:
            AssertionError: it does.
        """
        counts = {count.metric: count for count in self._answer.counts}
        found = [counts[name] for name in ALLOCATIONS if name in counts]
        if not found:
            return self._undecided("allocations could not be counted here")
        grown = [count for count in found if count.arm > count.baseline]
        if grown:
            said = "; ".join(f"{count.arm:.0f} {count.label}, not {count.baseline:.0f}" for count in grown)
            pytest.fail(f"{self._answer.arm} allocates more than {self._answer.baseline}: {said}", pytrace=False)
        return self

    def _decide(self, limit: float, wanted: str) -> "Compared":
        answer = self._answer
        if answer.high is not None and answer.high <= limit:
            return self
        if answer.low is not None and answer.low > limit:
            pytest.fail(f"{answer.arm} was expected {wanted}.\n{self.run}", pytrace=False)
        return self._undecided(f"{answer.arm} was expected {wanted}, and the data allow both; give --lab-budget more")

    def _undecided(self, reason: str) -> "Compared":
        if self._strict:
            pytest.fail(f"{reason} (--lab-strict)\n{self.run}", pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Callable[..., Compared]:
    """Gives a function that measures a baseline and a candidate; its other arguments are those of lab.compare."""
    config = request.config

    def measure(baseline: Any, candidate: Any, **options: Any) -> Compared:
        from lab.api import compare as compare_functions
        from lab.core.errors import LabError

        options.setdefault("budget_s", config.getoption("--lab-budget"))
        options.setdefault("reports", _reports(config))
        with _alone(config):
            try:
                run = compare_functions(baseline, candidate, **options)
            except LabError as error:
                pytest.fail(f"{getattr(error, 'traceback', '')}\n{error}".strip(), pytrace=False)
        note = f" ({_XDIST_NOTE})" if _worker(config) else ""
        request.node.user_properties.append((PROPERTY, f"{str(run).splitlines()[0]}{note}"))
        return Compared(run, strict=config.getoption("--lab-strict"))

    return measure


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each comparison; nothing where there was none."""
    lines = [
        f"{report.nodeid}: {text}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, text in getattr(report, "user_properties", ())
        if name == PROPERTY
    ]
    if lines:
        terminalreporter.section("comparisons")
        for line in lines:
            terminalreporter.write_line(line)


def _reports(config: pytest.Config) -> Path | None:
    """Where runs are kept: pytest's cache folder, or the project's reports where that is switched off."""
    cache = getattr(config, "cache", None)
    return cache.mkdir("lab") if cache is not None else None


def _worker(config: pytest.Config) -> dict[str, Any] | None:
    return getattr(config, "workerinput", None)


@contextlib.contextmanager
def _alone(config: pytest.Config) -> Iterator[None]:
    """Wait until no other worker of pytest-xdist measures."""
    worker = _worker(config)
    if worker is None:
        yield
        return
    path = Path(tempfile.gettempdir()) / f"lab-{worker.get('testrunuid', 'xdist')}.lock"
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
