"""What clock workers spend their time on."""

import msgspec


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one command of a clock worker took, in seconds.

    Attributes:
        case, arm, mode: whose; mode "" for a command that only set an arm up.
        setup: building the working set.
        check: comparing the arms' answers.
        calibrate: finding how many iterations a sample takes.
        warm, timed: the untimed run before each sample, and the samples.
        pairs: pairs (of an arm alone: samples) taken, the preempted ones among them.
        iterations: of each sample.
    """

    case: str
    arm: str
    mode: str = ""
    setup: float = 0.0
    check: float = 0.0
    calibrate: float = 0.0
    warm: float = 0.0
    timed: float = 0.0
    pairs: int = 0
    iterations: int = 0


class Life(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the wall time of a group's clock workers went, in seconds for all of them together.

    Attributes:
        kind: "pairs" or "alone", "python-" before it for Python workers.
        workers: how many.
        comparisons: how often one of them measured a comparison, or one arm of it alone.
        wall: from the end of the worker before to the end of each.
        libraries, inputs: opening the kernel builds, mapping the input files.
        setup, check, calibrate, warm, timed: see Cost.
        other: starting and ending the process, tearing down, answering, and the runner's own work between two workers.
    """

    experiment: str
    group: str
    kind: str
    workers: int
    comparisons: int
    wall: float
    libraries: float
    inputs: float
    setup: float
    check: float
    calibrate: float
    warm: float
    timed: float
    other: float
