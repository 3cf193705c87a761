"""Kernels written in Python: what `python_worker` measures by the driver's own protocol.

A kernel is a factory, a plain function of a module::

    def contains(args: Mapping[str, str], data: memoryview | None) -> PythonKernel: ...

It builds the state of one arm and returns an object that runs it. The contract is that of native kernels
(native/kernels/include/lk/kernel.h): same answers of all arms for the same iterations, memory made in the factory.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from lab.core.errors import UsageError
from lab.experiment.locate import load_function, where_is

PREFIX = "python:"
WORKER_VARIABLE = "LAB_WORKER"


class Unsupported(Exception):
    """Raised by a factory for an arm that cannot run here; the message says why and what would help."""


class PythonKernel(Protocol):
    """One arm, ready to run.

    Attributes:
        pass_iterations: iterations that touch the whole working set once, at least 1.
    """

    pass_iterations: int

    def run(self, first: int, count: int) -> tuple[int, int]:
        """Do the iterations first .. first + count - 1 and return (checksum, items processed)."""


Factory = Callable[[Mapping[str, str], memoryview | None], PythonKernel]


def python_kernel(factory: Factory) -> str:
    """The name under which a plan keeps a factory.

    Raises:
        UsageError: it is not a function at the top of a module.
    """
    return f"{PREFIX}{where_is(factory)}"


def is_python(kernel: str) -> bool:
    """Whether a kernel's name stands for a Python factory."""
    return kernel.startswith(PREFIX)


def python_environment() -> dict[str, str]:
    """Variables that let a Python worker see what this process sees: its `sys.path`, its locale, no buffering.

    The rest of the environment is inherited.
    """
    locale = {name: os.environ.get(name, "") for name in ("LC_ALL",)}
    return {**locale, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), WORKER_VARIABLE: "1"}


def in_worker() -> bool:
    """Whether this process is a worker of the lab: a module that measures when it is imported must not do so there."""
    return WORKER_VARIABLE in os.environ


def load_factory(kernel: str) -> Factory:
    """The factory behind a name.

    Raises:
        UsageError: there is no such module or function.
    """
    try:
        return load_function(kernel.removeprefix(PREFIX))
    except UsageError as error:
        raise UsageError(f"Python kernel {kernel}: {error}") from error.__cause__
