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

    It names the module where a new interpreter imports the same file by that name, and the file itself otherwise: an
    experiment may hold its own kernel, wherever its file is.

    Raises:
        UsageError: it is not a function at the top of a module.
    """
    module = sys.modules.get(factory.__module__)
    name = getattr(factory, "__qualname__", "")
    if module is None or getattr(module, "__file__", None) is None or getattr(module, name, None) is not factory:
        raise UsageError(f"{factory!r}: a Python kernel is a function at the top of a module")
    file = Path(str(module.__file__)).resolve()
    where = factory.__module__ if _importable(factory.__module__) == file else str(file)
    if set(where) & {"\t", "\n", "\r"}:
        raise UsageError(f"{where!r}: the path of a Python kernel holds a tab or a line end; rename the folder")
    return f"{PREFIX}{where}:{name}"


def _importable(name: str) -> Path | None:
    """The file that a new interpreter imports under a module's name, whatever this one has loaded as it."""
    spec, path = None, None
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        found = (
            finder.find_spec(".".join(parts[:end]), path) for finder in sys.meta_path if hasattr(finder, "find_spec")
        )
        spec = next((one for one in found if one is not None), None)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return Path(spec.origin).resolve() if spec is not None and spec.origin else None


def is_python(kernel: str) -> bool:
    """Whether a kernel's name refers to a Python factory."""
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
