"""Kernels written in Python: what `python_worker` measures by the driver's own protocol.

A kernel is a factory, a plain function of a module::

    def contains(args: Mapping[str, str], data: memoryview | None) -> PythonKernel: ...

It builds the state of one arm and returns an object that runs it. The contract is that of native kernels
(native/kernels/include/lk/kernel.h): same answers of all arms for the same iterations, memory made in the factory.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from lab.core.errors import UsageError

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
    """The name under which a group declares a factory as its kernel.

    Raises:
        UsageError: it is not a function at the top of a module.
    """
    module = sys.modules.get(factory.__module__)
    name = getattr(factory, "__qualname__", "")
    if module is None or module.__file__ is None or getattr(module, name, None) is not factory:
        raise UsageError(f"{factory!r}: a Python kernel is a function at the top of a module")
    importable = importlib.util.find_spec(factory.__module__.partition(".")[0]) is not None
    where = factory.__module__ if importable else str(Path(module.__file__).resolve())
    return f"{PREFIX}{where}:{name}"


def is_python(kernel: str) -> bool:
    """Whether a kernel's name stands for a Python factory."""
    return kernel.startswith(PREFIX)


def load_factory(kernel: str) -> Factory:
    """The factory behind a name.

    Raises:
        UsageError: there is no such module or function.
    """
    where, _, function = kernel.removeprefix(PREFIX).rpartition(":")
    try:
        if where.endswith(".py"):
            spec = importlib.util.spec_from_file_location(f"lab_kernel_{Path(where).stem}", where)
            if spec is None or spec.loader is None:
                raise ImportError(f"{where} is not a Python module")
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(where)
        factory: Factory = getattr(module, function)
    except (ImportError, AttributeError, OSError) as error:
        raise UsageError(f"Python kernel {kernel}: {error}") from error
    return factory
