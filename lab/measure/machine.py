"""The machine as the lab sees it: what the kernel says, and what a sweep of working sets measures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkingSet:
    """A size that lives in one level of the memory hierarchy: label "L1", "L2", "L3" or "DRAM"."""

    label: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts and measured sizes.

    Attributes:
        facts: flat text facts for the run's record, "cpu.model" -> "AMD EPYC".
        working_sets: one size per level, smallest first; the last lies well past the effective last level.
        cpus: usable by this process.
    """

    facts: dict[str, str]
    working_sets: tuple[WorkingSet, ...]
    cpus: int
