"""The runner: a broken case costs itself, an interrupted run continues, a spent budget is said."""

import math
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lab.core.errors import EnvironmentFailure
from lab.core.schema import ArmPlan, Artifact, Clock, Measurement, Metric, Plan, Verdict
from lab.core.standing import Standing
from lab.experiment import timing
from lab.experiment.equipment import Equipment
from lab.experiment.observer import Silent
from lab.experiment.passes import run_passes
from lab.experiment.remember import PassCache, remembering
from lab.experiment.runner import carry_out
from lab.experiment.state import RunState
from lab.experiment.timing import run_clock
from lab.measure.probe import Job, absent, row
from lab.store import RunReader, RunWriter
from tests.store.plans import a_case, a_plan

FAKE = Path(__file__).parent / "fake_driver.py"
COUNT = Metric("things", "count", "things", "counter", exact=True)


@dataclass
class FakeNative:
    kernels: tuple[Path, ...] = tuple(Path(f"lib{number}.so") for number in range(4))
    cpus: int = 2

    def driver_command(self) -> list[str]:
        return [sys.executable, str(FAKE)]


class After:
    """A judge that is content after so many processes of a comparison."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.seen: dict[tuple[str, str, str], set[int]] = {}

    def observe(self, rows: Sequence[Measurement]) -> None:
        for one in rows:
            self.seen.setdefault((one.case, one.arm, one.mode), set()).add(one.replicate)

    def settled(self, case: str, arm: str, mode: str) -> bool:
        return len(self.seen.get((case, arm, mode), ())) >= self.processes

    def standing(self, case: str, arm: str, mode: str) -> Standing:
        count = len(self.seen.get((case, arm, mode), ()))
        needed = max(self.processes - count, 0)
        verdict: Verdict = "unresolved" if needed else "better"
        return Standing(verdict, count, needed, 0.05, 0.02, 0.5 if count else math.nan, 0.0, math.inf)


@dataclass
class Counter:
    """A probe that counts what it was asked for."""

    name: str = "counter"
    metrics: tuple[Metric, ...] = (COUNT,)
    provenance: str = "traced"
    deterministic: bool = True
    reason: str | None = None
    asked: list[str] = field(default_factory=list)

    def unavailable(self) -> str | None:
        return self.reason

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        return [[job] for job in jobs]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        for job in batch:
            self.asked.append(f"{job.case.id}#{job.arm.name}")
            (artifacts / "trace.txt").write_text("trace")
            yield row(job, COUNT, 3, "traced")
            yield Artifact("artifacts/trace.txt", "trace", job.case.id, job.arm.name, self.name)

    def stop(self) -> None:
        pass


class Listening(Silent):
    """Keeps what it hears of trouble."""

    def __init__(self) -> None:
        self.troubles: list[str] = []

    def trouble(self, text: str) -> None:
        self.troubles.append(text)


def equipment(judge: After, observer: Silent | None = None, probes: Sequence[Counter] = ()) -> Equipment:
    return Equipment(
        native=FakeNative(),
        inputs=Path("inputs"),
        judge=judge,
        probes=probes,
        observer=observer or Silent(),  # type: ignore[arg-type]
    )


def moody(name: str, mood: str, **changes: object) -> object:
    arms = tuple(ArmPlan(arm, {"arm": arm, "mood": mood}) for arm in ("plain", "fast"))
    return a_case(f"demo/group/size={name}", arms=arms, **changes)


def run(tmp_path: Path, plan: Plan, made: Equipment) -> RunReader:
    with RunWriter.create(tmp_path, plan) as writer:
        carry_out(writer, made)
    return RunReader(writer.folder)


def test_every_comparison_is_measured_until_the_judge_is_content(tmp_path: Path) -> None:
    reader = run(tmp_path, a_plan(moody("1", "steady", separate=True)), equipment(After(3)))
    table = reader.table()
    counts = table.groupby(["mode", "arm"])["replicate"].nunique().to_dict()
    assert counts == {
        ("null", "plain"): 3, ("null", "plain~null"): 3, ("paired", "plain"): 3, ("paired", "fast"): 3,
        ("separate", "plain"): 3, ("separate", "fast"): 3,
    }  # fmt: skip
    assert reader.summary.failed_cases == ()


def test_most_processes_are_the_limit(tmp_path: Path) -> None:
    reader = run(tmp_path, a_plan(moody("1", "steady")), equipment(After(99)))
    assert reader.table()["replicate"].max() == reader.plan.clock.most_processes - 1


def test_spent_budget_is_listed_as_left_out(tmp_path: Path) -> None:
    clock = Clock(budget_s=1e-9, most_processes=8, pairs=2, sample_s=1e-4)
    reader = run(tmp_path, a_plan(moody("1", "steady"), clock=clock), equipment(After(99)))
    (out,) = reader.summary.left_out
    assert out.what == "demo/group: 2 comparisons not settled: fast (size 1); plain~null (size 1)"
    assert re.fullmatch(r"about \d+ s more would settle them; give --budget more seconds", out.reason)


@pytest.mark.parametrize(
    ("mood", "reason"),
    [("crash", "signal 11"), ("wrong", "made to be wrong"), ("hang", "no sign of life")],
)
def test_broken_case_costs_itself_and_the_rest_is_measured(
    tmp_path: Path, mood: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "IDLE_TIMEOUT_S", 2.0)
    listening = Listening()
    plan = a_plan(moody("1", "steady"), moody("2", mood), moody("3", "steady"))
    reader = run(tmp_path, plan, equipment(After(2), listening))
    table = reader.table()
    good = table[table["status"] == "ok"]
    assert good.groupby("case")["replicate"].nunique().to_dict() == {"demo/group/size=1": 2, "demo/group/size=3": 2}
    failed = table[table["status"] == "failed"]
    assert set(failed["case"]) == {"demo/group/size=2"}
    assert failed["reason"].str.contains(reason).all()
    assert reader.summary.failed_cases == ("demo/group/size=2",)
    assert any(reason in text for text in listening.troubles)


def test_unsupported_case_is_unavailable_and_not_failed(tmp_path: Path) -> None:
    reader = run(tmp_path, a_plan(moody("1", "unsupported"), moody("2", "steady")), equipment(After(2)))
    table = reader.table()
    assert set(table[table["case"] == "demo/group/size=1"]["status"]) == {"unavailable"}
    assert reader.summary.failed_cases == ()


def test_driver_that_does_not_start_fails_every_case_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeNative, "driver_command", lambda _self: [sys.executable, "-c", "raise SystemExit(2)"])
    reader = run(tmp_path, a_plan(moody("1", "steady"), moody("2", "steady")), equipment(After(2)))
    assert reader.summary.failed_cases == ("demo/group/size=1", "demo/group/size=2")


def test_interrupted_run_continues_with_what_is_missing(tmp_path: Path) -> None:
    class Stops(Silent):
        def advance(self, done: float, detail: str) -> None:
            raise KeyboardInterrupt

    plan = a_plan(moody("1", "steady"))
    writer = RunWriter.create(tmp_path, plan)
    with writer, pytest.raises(KeyboardInterrupt):
        carry_out(writer, equipment(After(3), Stops()))
    with RunWriter.resume(writer.folder) as again:
        assert [shard.work for shard in again.shards()] == ["clock/demo/group/pairs/0"]
        carry_out(again, equipment(After(3)))
    table = RunReader(writer.folder).table()
    assert table.groupby(["mode", "arm"])["replicate"].nunique().tolist() == [3, 3, 3, 3]
    assert not table.duplicated(["case", "mode", "arm", "replicate", "block"]).any()


def test_probe_looks_at_every_arm_of_the_cases_that_ask_for_it(tmp_path: Path) -> None:
    counter = Counter()
    plan = a_plan(moody("1", "steady", passes=("counter",)), moody("2", "steady"))
    reader = run(tmp_path, plan, equipment(After(1), probes=[counter]))
    assert sorted(counter.asked) == ["demo/group/size=1#fast", "demo/group/size=1#plain"]
    table = reader.table()
    assert table[table["probe"] == "counter"]["value"].tolist() == [3.0, 3.0]
    assert [artifact.path for artifact in reader.summary.artifacts] == ["artifacts/trace.txt"] * 2


def test_probe_that_cannot_work_leaves_a_reason_for_every_figure(tmp_path: Path) -> None:
    counter = Counter(reason="no such thing here; install it")
    reader = run(tmp_path, a_plan(moody("1", "steady", passes=("counter",))), equipment(After(1), probes=[counter]))
    rows = reader.table().query("probe == 'counter'")
    assert [tuple(values) for values in rows[["arm", "metric", "status", "reason"]].itertuples(index=False)] == [
        ("plain", "things", "unavailable", "no such thing here; install it"),
        ("fast", "things", "unavailable", "no such thing here; install it"),
    ]
    assert rows["value"].isna().all()


def test_resumed_run_does_not_repeat_a_probe(tmp_path: Path) -> None:
    plan = a_plan(moody("1", "steady", passes=("counter",)))
    first, second = Counter(), Counter()
    writer = RunWriter.create(tmp_path, plan)
    with writer:
        made = equipment(After(1), probes=[first])
        state = RunState(writer)
        run_clock(state, made)
        run_passes(state, made)
        state.flush()
    with RunWriter.resume(writer.folder) as again:
        carry_out(again, equipment(After(1), probes=[second]))
    assert (len(first.asked), second.asked) == (2, [])


def test_batches_that_do_not_begin_before_the_deadline_are_left_out(tmp_path: Path) -> None:
    counter = Counter()
    with RunWriter.create(tmp_path, a_plan(moody("1", "steady", passes=("counter",)))) as writer:
        state = RunState(writer)
        run_passes(state, equipment(After(1), probes=[counter]), deadline=0.0)
    assert counter.asked == []
    assert [out.what for out in state.left_out] == ["counter: 2 of 2 batches"]


@dataclass
class Slow(Counter):
    """A probe that works until it is stopped."""

    stopped: threading.Event = field(default_factory=threading.Event)
    raises: bool = True

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        del artifacts
        self.asked += [job.arm.name for job in batch]
        assert self.stopped.wait(60)
        if self.raises:
            raise EnvironmentFailure("the workers were stopped")
        for job in batch:
            yield absent(job, COUNT, "traced", "killed by signal 9", "failed")

    def stop(self) -> None:
        self.stopped.set()


@pytest.mark.parametrize("raises", [True, False])
def test_a_batch_that_runs_at_the_deadline_is_stopped_and_left_out(tmp_path: Path, raises: bool) -> None:
    """Whether the probe finds that it was stopped or that its workers were killed, no case has failed."""
    slow = Slow(raises=raises)
    with RunWriter.create(tmp_path, a_plan(moody("1", "steady", passes=("counter",)))) as writer:
        state = RunState(writer)
        run_passes(state, equipment(After(1), probes=[slow]), deadline=time.monotonic() + 0.2)
    assert sorted(slow.asked) == ["fast", "plain"]
    assert [out.what for out in state.left_out] == ["counter: 2 of 2 batches"]
    assert (state.done, state.failed) == (set(), set())


class Known(Counter):
    """A probe whose figures are worth remembering."""

    def identity(self, job: Job) -> Sequence[str]:
        return [job.arm.name]


def test_remembered_figures_are_taken_after_the_deadline_too(tmp_path: Path) -> None:
    first, second = Known(), Known()
    plan = a_plan(moody("1", "steady", passes=("counter",)))
    for name, probe, deadline in (("one", first, float("inf")), ("two", second, 0.0)):
        with RunWriter.create(tmp_path / name, plan) as writer:
            (writer.artifacts).mkdir(parents=True, exist_ok=True)
            state = RunState(writer)
            known = remembering([probe], PassCache(tmp_path / "passes"))  # type: ignore[list-item]
            run_passes(state, equipment(After(1), probes=known), deadline=deadline)  # type: ignore[arg-type]
    assert (len(first.asked), second.asked, state.left_out) == (2, [], [])
    assert all(row.measured for shard in writer.shards() for row in shard.measurements)


class Reports:
    """Counts the shards that lie on disk when a report is asked for."""

    def __init__(self, writer: RunWriter) -> None:
        self.writer = writer
        self.found: list[int] = []

    def __call__(self) -> None:
        self.found.append(len(self.writer.shards()))


@pytest.mark.parametrize(
    ("budget_s", "passes", "reports"), [(1000.0, ("counter",), 1), (1000.0, (), 0), (50.0, ("counter",), 0)]
)
def test_long_run_reports_what_the_clock_found_before_the_passes_begin(
    tmp_path: Path, budget_s: float, passes: tuple[str, ...], reports: int
) -> None:
    plan = a_plan(moody("1", "steady", passes=passes), budget_s=budget_s)
    with RunWriter.create(tmp_path, plan) as writer:
        written = Reports(writer)
        carry_out(writer, replace(equipment(After(3), probes=[Counter()]), publish=written))
    assert written.found == [3] * reports


def test_report_is_written_as_soon_as_the_answers_are_in_where_much_is_left_to_do(tmp_path: Path) -> None:
    class Hard(After):
        def settled(self, case: str, arm: str, mode: str) -> bool:
            return case.endswith("1") and super().settled(case, arm, mode)

    clock = Clock(budget_s=600.0, most_processes=12, pairs=2, sample_s=1e-4)
    cases = (moody("1", "steady", priority=0, null=False), moody("2", "steady", null=False))
    plan = a_plan(*cases, clock=clock)  # type: ignore[arg-type]
    with RunWriter.create(tmp_path, plan) as writer:
        written = Reports(writer)
        monkeyed = replace(equipment(Hard(2)), publish=written)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timing, "REPORT_EVERY_S", 0.0)
            carry_out(writer, monkeyed)
    assert written.found
    assert written.found[0] < 12


@pytest.mark.parametrize(("budget_s", "said"), [(600.0, False), (0.01, True)])
def test_what_everything_would_take_is_said_once_where_the_budget_does_not_hold_it(
    tmp_path: Path, budget_s: float, said: bool
) -> None:
    class Notes(Silent):
        def __init__(self) -> None:
            self.texts: list[str] = []

        def note(self, text: str) -> None:
            self.texts.append(text)

    notes = Notes()
    clock = Clock(budget_s=budget_s, most_processes=50, pairs=2, sample_s=1e-4)
    run(tmp_path, a_plan(moody("1", "steady"), clock=clock), equipment(After(9), notes))
    assert [re.sub(r"[0-9]+", "N", text) for text in notes.texts if "each group" in text] == [
        "each group was measured once: every verdict in sight would take about N s of clock, N s are left; answers come"
        " first, what does not fit is named in the report"
    ] * said
