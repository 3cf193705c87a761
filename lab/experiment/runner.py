"""Carrying out a plan: the clock until every comparison is settled, then each probe in passes of its own.

Every finished worker is stored, so that an interrupt at any moment loses at most the work of the processes that were
running; the same plan continued does only what is missing.

The runner knows neither the statistics nor the screen: a `Judge` says when a comparison is settled and an `Observer`
hears of progress; both come from the caller.
"""

from lab.core.schema import RunSummary
from lab.experiment.budget import deadlines
from lab.experiment.equipment import Equipment
from lab.experiment.passes import run_passes
from lab.experiment.state import RunState
from lab.experiment.timing import run_clock
from lab.store.run import RunWriter


def carry_out(writer: RunWriter, equipment: Equipment) -> RunSummary:
    """Do what is missing of the writer's plan, within its budget, and seal the run.

    Raises:
        EnvironmentFailure: this machine's clock cannot measure.
        KeyboardInterrupt: the user stopped it; everything finished so far is stored, and the run can be resumed.
        StoreError: a shard could not be written.
    """
    state = RunState(writer)
    spent_s = sum(shard.wall_s for shard in state.resumed if shard.work.startswith("clock/"))
    end = deadlines(writer.plan, equipment.started, spent_s)
    try:
        run_clock(state, equipment, end.clock)
        run_passes(state, equipment, end.passes)
    finally:
        state.flush()
    left_out = [*writer.plan.left_out, *state.left_out]
    return writer.seal(failed_cases=state.failed, left_out=left_out, lives=state.lives.table())
