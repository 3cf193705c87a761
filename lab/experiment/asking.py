"""One piece of the clock's work, asked of as many processes as it takes: what breaks a process costs its own case."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from lab.core.schema import Artifact, Measurement, Plan
from lab.experiment.clock import Script, Work
from lab.experiment.equipment import Equipment
from lab.experiment.python_kernel import is_python
from lab.measure.process import Outcome, python_command, run_lines

PYTHON_WORKER = "lab.experiment.python_worker"
LOGS = "logs"
MOST_NAME_CHARACTERS = 100


@dataclass(slots=True)
class Found:
    """What the processes said: rows, the logs of those in which something failed, and the scripts they answered."""

    rows: list[Measurement] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)


def ask(work: Work, plan: Plan, equipment: Equipment, artifacts: Path, *, idle_timeout_s: float) -> Found:
    """Have the work done.

    Args:
        work: what is to be measured.
        plan: of the run.
        equipment: builds, inputs, the observer who hears of trouble.
        artifacts: folder of the run's artifacts, for logs.
        idle_timeout_s: longest time without an answer.

    Returns:
        Rows for every target: a process that ends, hangs or answers nonsense fails the case that it was in, and the
        cases after that are asked of a new process.
    """
    found = Found()
    pending = list(work.targets)
    attempt = 0
    while pending:
        name = work.name if attempt == 0 else f"{work.name}+{attempt}"
        asked = replace(work, name=name, targets=tuple(pending))
        script = Script(plan, asked, _builds(asked, plan, equipment), equipment.inputs)
        rows: list[Measurement] = []
        outcome = _run(asked, script, rows, equipment, Path(plan.folder) if plan.folder else None, idle_timeout_s)
        rows += _unanswered(script, outcome)
        failed = {(row.case, row.arm): row.reason for row in rows if row.status == "failed"}
        for case, reason in dict.fromkeys((case, reason) for (case, _), reason in failed.items()):
            equipment.observer.trouble(f"{case}: {reason}")
        if failed and outcome.log.strip():
            found.artifacts += _keep_log(artifacts, name, outcome.log, list(failed))
        dead = {row.case for row in rows if row.status != "ok"}
        pending = [target for target in script.rest() if target.case.id not in dead]
        found.rows += rows
        found.scripts.append(script)
        attempt += 1
    return found


def _builds(work: Work, plan: Plan, equipment: Equipment) -> Sequence[Path]:
    """The builds of the library that holds the kernels of a piece of work."""
    library = work.targets[0].case.library
    return [Path(build) for build in plan.libraries[library].builds] if library else equipment.native.kernels


def _run(  # noqa: PLR0917
    work: Work,
    script: Script,
    rows: list[Measurement],
    equipment: Equipment,
    folder: Path | None,
    idle_timeout_s: float,
) -> Outcome:
    python = is_python(work.targets[0].case.kernel)
    return run_lines(
        python_command(PYTHON_WORKER) if python else equipment.native.driver_command(),
        stdin_text=script.text,
        answers=True,
        environment=script.environment,
        inherit=python,  # a Python kernel finds what its user finds
        folder=folder,
        idle_timeout_s=idle_timeout_s,
        memory_bytes=equipment.memory_bytes,
        on_line=partial(_collect, script, rows),
    )


def _collect(script: Script, rows: list[Measurement], line: str) -> None:
    rows += script.read(line)


def _unanswered(script: Script, outcome: Outcome) -> Iterator[Measurement]:
    """Failures of what the process owes: of the command that it was in, or of the last one if it ended between two.

    A process that ended before its first command fails all that it was asked: so would the next one.
    """
    rest = script.rest()
    culprit = script.interrupted()
    if culprit is None and not rest:
        return
    reason = outcome.trouble or f"the worker ended before it had answered{outcome.last_words}"
    if culprit is None:
        culprit = script.last_answered()
    for target in rest if culprit is None else [culprit]:
        yield script.failure(target, reason)


def _keep_log(artifacts: Path, name: str, log: str, failed: list[tuple[str, str]]) -> Iterator[Artifact]:
    """Write the log of a worker in which something failed, once, and name it for each arm that failed."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:MOST_NAME_CHARACTERS]
    path = artifacts / LOGS / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(log, encoding="utf-8")
    for case, arm in failed:
        yield Artifact(f"{artifacts.name}/{LOGS}/{path.name}", f"What the worker printed: {case}", case, arm, "clock")
