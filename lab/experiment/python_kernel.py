"""Kernels written in Python: what `python_worker` measures by the driver's own protocol.

A kernel is a factory, a plain function of a module::

    def contains(args: Mapping[str, str], data: memoryview | None) -> PythonKernel: ...

It builds the state of one arm and returns an object that runs it. The contract is that of native kernels
(native/kernels/include/lk/kernel.h): same answers of all arms for the same iterations, memory made in the factory.
"""

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from lab.core.errors import UsageError
from lab.experiment.locate import load_function, where_is
from lab.measure.process import TOKEN

PREFIX = "python:"


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

    It names the module where a new interpreter imports the same file by that name, and the file itself otherwise: an
    experiment may hold its own kernel, wherever its file is.

    Raises:
        UsageError: it is not a function at the top of a module.
    """
    where = where_is(factory)
    if set(where) & {"\t", "\n", "\r"}:
        raise UsageError(f"{where!r}: the path of a Python kernel holds a tab or a line end; rename the folder")
    return f"{PREFIX}{where}"


def is_python(kernel: str) -> bool:
    """Whether a kernel's name refers to a Python factory."""
    return kernel.startswith(PREFIX)


def in_worker() -> bool:
    """Whether this process is a worker of the lab: a module that measures when it is imported must not do so there."""
    return TOKEN in os.environ


def load_factory(kernel: str) -> Factory:
    """The factory behind a name.

    Raises:
        UsageError: there is no such module or function.
    """
    try:
        return load_function(kernel.removeprefix(PREFIX))
    except UsageError as error:
        raise UsageError(f"Python kernel {kernel}: {error}") from error.__cause__
