"""The probes of subjects that are no native kernels; lab.measure.probes is the registry for those that are."""

from lab.core.schema import Metric
from lab.experiment.command_counts import CommandInstructionsProbe
from lab.experiment.commands import BESIDE_TIME
from lab.experiment.python_memory import PythonMemoryProbe
from lab.measure.native import Native
from lab.measure.probe import Probe


def make_subject_probes(native: Native) -> list[Probe]:
    """One of each, ready for a run."""
    return [PythonMemoryProbe(), CommandInstructionsProbe(native.launcher)]


def subject_metrics() -> tuple[Metric, ...]:
    """Every metric of theirs, and what the clock of commands notes beside the time."""
    return (*PythonMemoryProbe.metrics, *BESIDE_TIME, *CommandInstructionsProbe.metrics)


def subject_probes() -> dict[str, frozenset[str]]:
    """Probe -> the kinds of subjects that it can look at."""
    return {
        PythonMemoryProbe.name: frozenset({"python"}),
        CommandInstructionsProbe.name: frozenset({"command"}),
    }
