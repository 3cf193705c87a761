"""Python kernels tried before anything is measured: each arm runs once in its own process, then answers are compared.

What an arm raises comes back with its traceback; an arm that kills its process or never returns costs only itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import psutil

from lab.measure.process import python_command, run_lines

TIMEOUT_S = 60.0
LAST_WORDS = 5  # lines of standard error that are shown of a process that died


class TrialOrder(msgspec.Struct, frozen=True):
    """What the worker is to do: build each arm and run it once; where there are several, compare with the first."""

    kernel: str
    arms: dict[str, dict[str, str]]
    input_path: str | None


class Trial(msgspec.Struct, frozen=True):
    """What became of an arm; one line of the worker's.

    Attributes:
        arm: its name.
        seconds: of a run, the second where the first was short.
        reason: why it cannot be measured, "" if it can.
        traceback: as Python shows it, "" where there is none.
        differs: it runs, but gives another answer than the baseline; the reason says how.
    """

    arm: str
    seconds: float = 0.0
    reason: str = ""
    traceback: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the arms are tried on.

    Attributes:
        kernel: as in CasePlan.kernel: "python:...".
        data: the input file.
        folder: working directory; this process's own if None.
        timeout_s: after which an arm counts as one that never returns.
    """

    kernel: str
    data: Path | None = None
    folder: Path | None = None
    timeout_s: float = TIMEOUT_S


def try_arms(arms: Mapping[str, Mapping[str, str]], ground: Ground) -> dict[str, Trial]:
    """Run every arm once, and compare the answers of those that work with the baseline's.

    Args:
        arms: arm -> its arguments; the first is the baseline.
        ground: see Ground.

    Raises:
        EnvironmentFailure: no worker could be started.
    """
    found = {name: _run({name: args}, ground)[name] for name, args in arms.items()}
    good = {name: args for name, args in arms.items() if not found[name].reason}
    baseline = next(iter(arms))
    for name in [name for name in good if name != baseline] if baseline in good else []:
        found[name] = _merge(found[name], _run({baseline: good[baseline], name: good[name]}, ground)[name])
    return found


def _merge(alone: Trial, together: Trial) -> Trial:
    return msgspec.structs.replace(together, seconds=alone.seconds)


def _run(arms: Mapping[str, Mapping[str, str]], ground: Ground) -> dict[str, Trial]:
    """One worker process; an arm that it does not answer for is the one that ended it."""
    order = TrialOrder(
        ground.kernel,
        {name: dict(args) for name, args in arms.items()},
        str(ground.data) if ground.data else None,
    )
    trials: list[Trial] = []
    outcome = run_lines(
        python_command("lab.experiment.trial_worker"),
        stdin_text=msgspec.json.encode(order).decode(),
        answers=True,
        inherit=True,
        folder=ground.folder,
        idle_timeout_s=ground.timeout_s,
        memory_bytes=psutil.virtual_memory().total * 3 // 4,  # as of the workers that measure
        on_line=partial(_take, trials),
    )
    found = {trial.arm: trial for trial in trials}
    for name in arms:
        if name not in found:
            words = "\n".join(outcome.log.strip().splitlines()[-LAST_WORDS:])
            found[name] = Trial(name, reason=outcome.trouble or "its process ended early", traceback=words)
    return found


def _take(trials: list[Trial], line: str) -> None:
    trials.append(msgspec.json.decode(line, type=Trial))
