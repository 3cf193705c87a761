"""Instructions of whole commands: from the processor's counters by `perf stat`, where this machine has them."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.experiment.commands import NAME, CommandFailed, Launch, argv_of, spec_of
from lab.measure.probe import Job, absent, row

INSTRUCTIONS = Metric("process_instructions", "count", "instructions of the process", NAME)
REPLICATES = 3
TRIAL_TIMEOUT_S = 20.0


class CommandInstructionsProbe:
    """See the module.

    Args:
        launcher: the program lab-launch; None where it is missing.
    """

    name = NAME
    metrics: tuple[Metric, ...] = (INSTRUCTIONS,)
    provenance: Provenance = "pmu"
    deterministic = False

    def __init__(self, launcher: Path | None) -> None:
        self._launcher = launcher
        self._stopped = False

    def unavailable(self) -> str | None:
        """Why instructions cannot be counted here."""
        if self._launcher is None:
            return "lab-launch is missing beside the compiled module; build the native part: make setup"
        if shutil.which("perf") is None:
            return "instructions of a command take perf, which is not installed"
        try:
            done = subprocess.run(
                ["perf", "stat", "-x,", "-e", "instructions:u", "true"],
                capture_output=True, text=True, timeout=TRIAL_TIMEOUT_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"perf does not run here: {error}"
        if _instructions(done.stderr) is None:
            return "this machine has no counter of instructions that this user may read (perf stat shows none)"
        return None

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """One arm at a time."""
        return [[job] for job in jobs]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """A few runs of each command under perf."""
        del artifacts
        for job in batch:
            spec = spec_of(job.case.kernel)
            assert self._launcher is not None
            launch = Launch(launcher=self._launcher, folder=job.folder, data=job.input_path)
            for replicate in range(REPLICATES):
                if self._stopped:
                    return
                with tempfile.NamedTemporaryFile(mode="r", prefix="lab-perf-") as counted:
                    wrapper = ["perf", "stat", "-x,", "-e", "instructions:u", "-o", counted.name, "--"]
                    try:
                        launch.run(job.arm.name, [*wrapper, *argv_of(spec, job.arm.args)], spec, subprocess.DEVNULL)
                    except CommandFailed as error:
                        yield absent(job, INSTRUCTIONS, self.provenance, str(error), "failed")
                        break
                    value = _instructions(counted.read())
                if value is None:
                    yield absent(job, INSTRUCTIONS, self.provenance, "perf counted nothing", "unavailable")
                    break
                yield row(job, INSTRUCTIONS, value, self.provenance, iterations=1, replicate=replicate)

    def stop(self) -> None:
        """Begin no further run."""
        self._stopped = True


def _instructions(text: str) -> int | None:
    """The count in perf stat's lines of comma-separated fields, None where it counted none."""
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[2].startswith("instructions") and fields[0].isdigit():
            return int(fields[0])
    return None
