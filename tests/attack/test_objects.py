"""A stateful property test: random programs over all objects of lab.memory never crash, hang or leak between tenants.

The rules run programs one after the other, on several threads, with signals whose handlers run programs, with memory
that is refused, and in children of fork. `make attack` runs many more steps, under AddressSanitizer and UBSan.

A step that takes longer than LAB_ATTACK_HANG_S seconds ends the process with the stack of every thread: a hang is told
from a slow machine. LAB_ATTACK_SECONDS, where it is set, is when no further program begins; progress is a line of
standard error every ten seconds.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lab._ffi import lib
from tests.attack.world import OPERATIONS, World

EXAMPLES = int(os.environ.get("LAB_ATTACK_EXAMPLES", "6"))
STEPS = int(os.environ.get("LAB_ATTACK_STEPS", "15"))
HANG_S = int(os.environ.get("LAB_ATTACK_HANG_S", "120"))
SECONDS = float(os.environ.get("LAB_ATTACK_SECONDS", "inf"))
PROGRESS_S = 10
COUNTS: Counter[str] = Counter()

calls = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 100_000))
programs = st.lists(calls, min_size=1, max_size=12)
Program = list[tuple[str, int]]


def settle() -> None:
    """Wait until every other thread of the process sleeps, where the modules are sanitized.

    Before GCC 14 and clang 17 AddressSanitizer did not take the locks of its allocator around a fork: a child of a
    process whose other threads were just allocating hangs in malloc, whatever the code under test does. A thread that
    sleeps has none of these locks.
    """
    ends = time.monotonic() + HANG_S / 4
    while "LAB_SANITIZED" in os.environ and time.monotonic() < ends:
        states = []
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):  # it has ended
                if int(task.name) != threading.get_native_id():
                    states.append((task / "stat").read_text().rpartition(")")[2].split()[0])
        if set(states) <= {"S"}:
            return
        time.sleep(0.001)


class Over(BaseException):
    """The run has had its time; hypothesis passes on what is not an Exception."""


class Watch:
    """What the run has done so far, and the watchdog of the step that runs."""

    def __init__(self) -> None:
        self.began = self.said = time.monotonic()
        self.programs = 0

    def step(self) -> None:
        """A step begins: start its watchdog, and say now and then how far the run is.

        Raises:
            Over: the time is up.
        """
        faulthandler.dump_traceback_later(HANG_S, exit=True, file=sys.__stderr__)
        now = time.monotonic()
        if now - self.said > PROGRESS_S:
            self.said = now
            done = f"{self.programs} of {EXAMPLES} programs, {sum(COUNTS.values())} calls"
            print(f"attack objects: {done}, {now - self.began:.0f} s", file=sys.__stderr__, flush=True)
        if now - self.began > SECONDS:
            raise Over


WATCH = Watch()


class Objects(RuleBasedStateMachine):
    """Programs over one world."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @invariant()
    def moves(self) -> None:
        """Before the first step and after each: the last one ended in time."""
        WATCH.step()

    def perform(self, program: Program, how: str) -> None:
        """Run a program's calls in turn."""
        for name, number in program:
            self.world.run(name, number)
        COUNTS[how] += len(program)

    @rule(program=programs)
    def alone(self, program: Program) -> None:
        """One thread."""
        self.perform(program, "alone")

    @rule(each=st.lists(programs, min_size=2, max_size=4))
    def together(self, each: list[Program]) -> None:
        """A thread for each program."""
        failures: list[BaseException] = []

        def work(program: Program) -> None:
            try:
                for _ in range(3):
                    self.perform(program, "threads")
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(program,)) for program in each]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    @rule(program=programs, handler=programs)
    def interrupted(self, program: Program, handler: Program) -> None:
        """Signals arrive during calls, and their handler makes calls too."""
        inside = False

        def handle(*_: object) -> None:
            nonlocal inside
            if not inside:  # one at a time: a handler slower than the timer would nest without end
                inside = True
                try:
                    self.perform(handler, "handlers")
                finally:
                    inside = False

        before = signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.002)
        try:
            self.perform(program, "signals")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @rule(program=programs, after=st.integers(1, 40))
    def refused(self, program: Program, after: int) -> None:
        """The n-th allocation of the layer from now on fails."""
        lib.pm_fault_after(after)
        try:
            self.perform(program, "refused")
        finally:
            lib.pm_fault_after(0)

    @rule(program=programs)
    def forked(self, program: Program) -> None:
        """A child of fork uses what it inherited, and ends."""
        settle()
        child = os.fork()
        if child == 0:
            code = 1
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            faulthandler.register(signal.SIGALRM, file=sys.__stderr__, chain=True)
            signal.alarm(max(1, HANG_S // 4))
            try:
                self.perform(program, "forks")
                code = 0
            finally:
                os._exit(code)
        COUNTS["forks"] += len(program)
        ends = time.monotonic() + HANG_S / 2
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() > ends:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                raise AssertionError(f"a child of fork hung in {program}")
            time.sleep(0.002)
        assert status == 0, f"a child of fork ended with status {status}: {program}"

    def teardown(self) -> None:
        """Everything ends."""
        self.world.end()
        WATCH.programs += 1


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_no_program_breaks_the_objects() -> None:
    """No program crashes, hangs, or raises what is not documented."""
    quick = "LAB_ATTACK_EXAMPLES" not in os.environ
    try:
        run_state_machine_as_test(
            Objects,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=quick,
                database=None,
                phases=(Phase.generate,),  # what crashes or hangs ends the process, so nothing can be made smaller
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Over:
        pass
    except Flaky as error:  # what hypothesis makes of a program that ended early
        if not isinstance(error.__context__, Over):
            raise
    finally:
        faulthandler.cancel_dump_traceback_later()
    total = sum(COUNTS.values())
    print(f"\nattack objects: {total} calls ({', '.join(f'{how} {count}' for how, count in sorted(COUNTS.items()))})")
    assert total > WATCH.programs > 0
