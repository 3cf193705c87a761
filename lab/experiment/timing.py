"""The clock: rounds of fresh processes, as the scheduler plans them, until nothing is left that time would settle."""

import math
import time
from collections import defaultdict

from lab.core.errors import EnvironmentFailure
from lab.core.schema import CasePlan, LeftOut
from lab.experiment.asking import ask
from lab.experiment.clock import Target, Work, missing_rows
from lab.experiment.commands import run_commands
from lab.experiment.equipment import Equipment
from lab.experiment.observer import AnswerSoFar, ClockProgress
from lab.experiment.sanity import clock_trouble, slept_s
from lab.experiment.schedule import Scheduler
from lab.experiment.state import RunState
from lab.experiment.subjects import is_command
from lab.store.run import Shard

MISSING_WORK = "clock/missing"
IDLE_TIMEOUT_S = 60.0  # without a line from a worker
FIRST_REPORT_LEFT_S = 120.0  # of the clock, so that a report in between is a small part of it
LEAST_BUDGET_TO_PUBLISH_S = 100.0  # of a run that reports what the clock found before the passes begin
PUBLISH_SHARE = 0.03  # of the time, for reports in between
REPORT_EVERY_S = 1.0
NAMED = 4  # comparisons that are named one by one where they were left out


def run_clock(state: RunState, equipment: Equipment, deadline: float = math.inf) -> None:
    """Time what is missing of the plan.

    Args:
        state: of the run; finished workers are stored there one by one.
        equipment: what to measure with.
        deadline: time.monotonic() after which no further worker starts, whatever is left of the clock's own budget.

    Raises:
        EnvironmentFailure: this machine's clock cannot measure.
        KeyboardInterrupt: the user stopped it; every finished worker is stored.
        StoreError: a shard could not be written.
    """
    _Timing(state, equipment, deadline).run()


class _Timing:
    def __init__(self, state: RunState, equipment: Equipment, deadline: float) -> None:
        self._state = state
        self._equipment = equipment
        self._deadline = deadline
        self._scheduler = Scheduler(state, equipment.judge)
        for shard in state.resumed:
            if shard.work.startswith("clock/"):
                self._scheduler.learn(shard)
        self._began = time.monotonic() - self._scheduler.spent_s
        self._published = self._publishing_s = 0.0
        self._reported = -math.inf
        self._priced = bool(state.resumed)
        self._last_end = time.monotonic()  # a worker is charged with what the runner does between the last one and it
        self._slept_s = slept_s()

    def _store(self, shard: Shard) -> None:
        self._state.store(shard)
        self._scheduler.learn(shard)

    def run(self) -> None:
        """Rounds until nothing is left that could be settled in time."""
        plan, scheduler = self._state.plan, self._scheduler
        self._equipment.observer.phase("clock", plan.clock.budget_s, "s")
        missing = tuple(row for case in plan.cases for row in missing_rows(case))
        if missing and MISSING_WORK not in self._state.done:
            self._store(Shard(work=MISSING_WORK, wall_s=0.0, measurements=missing))
        if not plan.clock.most_processes:
            return  # the gate's plan reads no clock
        if not self._over() and scheduler.open_targets():
            self._check_clock()
        while not self._over() and (units := scheduler.next_round(max(self._left_s(), 0.0))):
            for unit in units:
                if self._over():
                    break
                for work in unit:
                    if is_command(work.targets[0].case.kernel):
                        self._run_commands(work)
                    else:
                        self._clock_worker(work)
                self._say_price()
                self._report()
        self._leave_out()
        if self._publishes_before_the_passes():
            self._publish()

    def _publishes_before_the_passes(self) -> bool:
        """Whether what the clock found is worth a report of its own: the passes that follow take their time."""
        plan = self._state.plan
        return plan.budget_s >= LEAST_BUDGET_TO_PUBLISH_S and any(case.passes for case in plan.cases)

    def _publish(self) -> None:
        start = time.monotonic()
        self._state.flush()
        self._equipment.publish()
        self._published = time.monotonic() - self._began
        self._publishing_s = time.monotonic() - start

    def _say_price(self) -> None:
        """Say once, after the first process of each group, what all of it will take on this machine."""
        if self._priced or not self._scheduler.begun():
            return
        self._priced = True
        seconds, left = self._scheduler.seconds_for_all(), self._left_s()
        if seconds > left:
            self._equipment.observer.note(
                f"each group was measured once: every verdict in sight would take about {seconds:.0f} s of clock,"
                f" {max(left, 0):.0f} s are left; answers come first, what does not fit is named in the report"
            )

    def _over(self) -> bool:
        """Whether no time is left, or the change that the run was to decide is decided.

        Not before each group was measured once: that takes seconds, and a run that holds nothing is no use to anybody.
        """
        if not self._scheduler.begun():
            return False
        return self._left_s() <= 0 or (self._state.plan.until > 0 and self._scheduler.answered())

    def _spent_s(self) -> float:
        return time.monotonic() - self._began

    def _left_s(self) -> float:
        return min(self._state.plan.clock.budget_s - self._spent_s(), self._deadline - time.monotonic())

    def _check_clock(self) -> None:
        trouble = clock_trouble(self._state.plan.clock.sample_s)
        if trouble is not None:
            raise EnvironmentFailure(trouble)
        if self._equipment.native.cpus == 1:
            self._equipment.observer.note(
                "one processor: whatever else runs here interrupts the samples; those are dropped and taken again, so"
                " verdicts need more time"
            )

    # --- what is said while it runs ----------------------------------------------------------------------------

    def _report(self) -> None:
        """Say how far the run is, now and then: looking at everything takes longer than a short worker."""
        scheduler, spent = self._scheduler, self._spent_s()
        if spent - self._reported < REPORT_EVERY_S:
            return
        self._reported = spent
        answers = [self._answer(target) for target in scheduler.targets if _is_answer(target)]
        failed = sum(map(scheduler.failed, scheduler.targets))
        settled = sum(not scheduler.failed(target) and scheduler.settled(target) for target in scheduler.targets)
        still_open = len(scheduler.targets) - failed - settled
        progress = ClockProgress(spent, max(self._left_s(), 0.0), settled, failed, still_open, answers)
        self._equipment.observer.clock(progress)
        self._equipment.observer.advance(spent, f"{settled} settled, {failed} failed, {still_open} open")
        slept = slept_s()
        if slept > self._slept_s + 1:
            self._equipment.observer.note(f"the machine was suspended for {slept - self._slept_s:.0f} s")
            self._slept_s = slept
        if any(answer.verdict != "unresolved" for answer in answers) and self._may_publish(spent):
            self._publish()

    def _may_publish(self, spent: float) -> bool:
        """Whether a report now keeps to its share of the time.

        The first, whose cost is unknown, waits for the answers, and in a short run for the end of the clock.
        """
        if not self._publishing_s:
            return self._left_s() >= FIRST_REPORT_LEFT_S and self._scheduler.answered()
        return self._publishing_s <= PUBLISH_SHARE * (spent - self._published)

    def _answer(self, target: Target) -> AnswerSoFar:
        standing, case = self._scheduler.standing(target), target.case
        return AnswerSoFar(
            experiment=case.experiment,
            arm=target.arm,
            baseline=case.baseline,
            where=", ".join([case.group, *case.factors.values()]),
            verdict=standing.verdict,
            ratio=standing.ratio,
            low=standing.low,
            high=standing.high,
            processes=standing.count,
            failed=self._scheduler.failed(target),
        )

    def _leave_out(self) -> None:
        """Name what is still open, with the time that it would take."""
        by_group: dict[str, list[tuple[float, Target]]] = defaultdict(list)
        for target in self._scheduler.open_targets():
            seconds = self._scheduler.seconds_to_settle(target)
            by_group[f"{target.case.experiment}/{target.case.group}"].append((seconds, target))
        for group, members in by_group.items():
            members.sort(key=lambda one: one[0])
            names = [f"{target.arm} ({_levels(target.case)})" for _, target in members[:NAMED]]
            if len(members) > NAMED:
                names.append(f"{len(members) - NAMED} more")
            finite = [seconds for seconds, _ in members if math.isfinite(seconds)]
            endless = len(members) - len(finite)
            many = len(members) > 1
            what = f"{group}: {len(members)} comparison{'s' * many} not settled: {'; '.join(names)}"
            more = "continue without --until" if self._state.plan.until else "give --budget more seconds"
            reason = f"about {sum(finite):.0f} s more would settle {'them' if many else 'it'}; {more}"
            if not finite:
                reason = f"no verdict is in sight for {'them' if many else 'it'}, however long they are measured"
            elif endless:
                reason += f"; for {endless} of them no verdict is in sight"
            self._state.left_out.append(LeftOut(what, reason))

    # --- the workers -------------------------------------------------------------------------------------------

    def _clock_worker(self, work: Work) -> None:
        """Have one piece of work done and store it; what breaks a process costs its own case."""
        start = self._last_end
        artifacts = self._state.writer.artifacts
        found = ask(work, self._state.plan, self._equipment, artifacts, idle_timeout_s=IDLE_TIMEOUT_S)
        lives = [script.life for script in found.scripts]
        self._last_end = time.monotonic()
        self._store(
            Shard(
                work=work.name,
                wall_s=self._last_end - start,
                measurements=tuple(found.rows),
                artifacts=tuple(found.artifacts),
                costs=tuple(cost for script in found.scripts for cost in script.costs),
                libraries_s=sum(libraries for libraries, _, _ in lives),
                inputs_s=sum(inputs for _, inputs, _ in lives),
                drops_s=sum(drops for _, _, drops in lives),
            )
        )

    def _run_commands(self, work: Work) -> None:
        """Do the work whose subjects are whole commands; the lab itself runs them, one after another."""
        start = time.monotonic()
        native = self._equipment.native
        rows, costs = run_commands(self._state.plan, work, self._equipment.inputs, native.launcher)
        for case, reason in {row.case: row.reason for row in rows if row.status == "failed"}.items():
            self._equipment.observer.trouble(f"{case}: {reason}")
        wall_s = time.monotonic() - start
        self._store(Shard(work=work.name, wall_s=wall_s, measurements=tuple(rows), costs=tuple(costs)))


def _is_answer(target: Target) -> bool:
    return target.case.priority == 0 and target.mode != "null"


def _levels(case: CasePlan) -> str:
    return ", ".join(f"{name} {level}" for name, level in case.factors.items())
