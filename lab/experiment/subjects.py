"""What an experiment measures: a native kernel, a Python kernel, Python functions, or whole commands.

A declaration names its subject as an object::

    Group(subject=NativeKernel("sum", library="build/libsums.so"), ...)
    Group(subject=PythonKernel(factory), ...)
    Group(subject=functions := Functions({"old": old, "new": new}, setup=make), arms=functions.arms(), ...)
    Group(subject=Command(["./convert", "--mode={mode}"]), ...)

A plan keeps it as text (`CasePlan.kernel`), and the content of every library, source file and program by its hash.
"""

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lab.core.errors import UsageError
from lab.experiment.locate import quoted, where_is
from lab.experiment.python_kernel import PREFIX, Factory, python_kernel

if TYPE_CHECKING:
    from lab.experiment.declare import Arms

COMMAND_PREFIX = "command:"
FUNCTIONS_KERNEL = f"{PREFIX}lab.experiment.callables:callable_arm"
PYTHON_MEMORY = "python_memory"
DataAs = Literal["text", "bytes", "json", "path", "pickle"]
DATA_AS: tuple[DataAs, ...] = ("text", "bytes", "json", "path", "pickle")
Location = str  # "/path/to/file.py:function" or "package.module:function"


class Base:
    """What every subject says of itself; each overrides what differs."""

    __slots__ = ()

    @property
    def kernel(self) -> str:
        """As in CasePlan.kernel."""
        raise NotImplementedError

    @property
    def passes(self) -> tuple[str, ...]:
        """Names of the probes that look at it where the group names none."""
        return ()

    @property
    def builds(self) -> tuple[Path, ...]:
        """Absolute paths of the builds of a library of the user's own."""
        return ()

    @property
    def arguments(self) -> Mapping[str, str]:
        """Arguments of every arm, besides the group's own."""
        return {}

    def files(self) -> tuple[Path, ...]:
        """Source files and programs that decide what is measured, besides the library."""
        return ()


@dataclass(frozen=True, slots=True)
class NativeKernel(Base):
    """A kernel that a shared library exports through lk/kernel.h.

    Attributes:
        name: as the library calls it.
        library: the shared library, or several builds of one source with different padding, from which each process
            draws; None for the library that comes with the lab.
        described: where the library comes from, for the report; its path if empty.
        sources: other files that decide what is measured (libraries that this one opens).
    """

    name: str
    library: Path | str | Sequence[Path] | None = None
    described: str = ""
    sources: tuple[Path, ...] = ()

    @property
    def kernel(self) -> str:
        """As in CasePlan.kernel."""
        return self.name

    @property
    def builds(self) -> tuple[Path, ...]:
        """Absolute paths of the library's builds; none for the lab's own.

        Raises:
            UsageError: a build does not exist.
        """
        if self.library is None:
            return ()
        given = [self.library] if isinstance(self.library, str | Path) else self.library
        paths = tuple(Path(path).resolve() for path in given)
        for path in paths:
            if not path.is_file():
                raise UsageError(f"kernel {self.name}: there is no library {path}; build it first")
        return paths

    def files(self) -> tuple[Path, ...]:
        """The sources."""
        return tuple(path.resolve() for path in self.sources)


@dataclass(frozen=True, slots=True)
class PythonKernel(Base):
    """A kernel written in Python: a factory at the top of a module (see lab.experiment.python_kernel).

    Raises:
        UsageError: a worker could not find the factory again.
    """

    factory: Factory

    def __post_init__(self) -> None:
        python_kernel(self.factory)

    @property
    def kernel(self) -> str:
        """As in CasePlan.kernel."""
        return python_kernel(self.factory)

    @property
    def passes(self) -> tuple[str, ...]:
        """Names of the probes that look at it where the group names none."""
        return (PYTHON_MEMORY,)

    def files(self) -> tuple[Path, ...]:
        """The module's file."""
        return (_file_of(self.factory),)


@dataclass(frozen=True, slots=True)
class Functions(Base):
    """Plain Python functions, one an arm; one call is one item.

    Attributes:
        functions: arm -> a function at the top of a module or where to find it ("old.py:parse"); the first is the
            baseline.
        setup: makes the argument of a call, once per process and untimed: its parameters are named after the group's
            arguments and factors, or `data`; without it, a call gets the group's data, or nothing where there is none.
        data_as: what becomes of the group's data: its text, its bytes, the value of its JSON or of its pickle,
            or its path.
        check: the arms must give the same answer.

    Raises:
        UsageError: a worker could not find a function again.
    """

    functions: Mapping[str, Callable[..., object] | Location]
    setup: Callable[..., object] | Location | None = None
    data_as: DataAs = "text"
    check: bool = True
    locations: Mapping[str, Location] = field(init=False, default_factory=dict)
    setup_location: Location = field(init=False, default="")

    def __post_init__(self) -> None:
        if not self.functions:
            raise UsageError("Functions: give at least one function")
        if self.data_as not in DATA_AS:
            raise UsageError(f"data_as={self.data_as!r}; give one of {', '.join(DATA_AS)}")
        if self.setup is not None:
            object.__setattr__(self, "setup_location", where_is(self.setup))
        object.__setattr__(self, "locations", {arm: where_is(one) for arm, one in self.functions.items()})

    def arms(self, missing: Mapping[str, str] | None = None) -> "Arms":
        """The group's arms: the functions in the order given.

        Args:
            missing: arm -> why it cannot be measured.
        """
        from lab.experiment.declare import Arms

        names = list(self.locations)
        values = {arm: quoted(place) for arm, place in self.locations.items()}
        return Arms("function", names[0], dict.fromkeys(names, ""), values, missing=missing or {})

    @property
    def arguments(self) -> Mapping[str, str]:
        """What lab.experiment.callables.callable_arm takes besides the function."""
        args = {"data_as": self.data_as, "check": "yes" if self.check else "no"}
        return {**args, "setup": quoted(self.setup_location)} if self.setup_location else args

    @property
    def kernel(self) -> str:
        """As in CasePlan.kernel."""
        return FUNCTIONS_KERNEL

    @property
    def passes(self) -> tuple[str, ...]:
        """Names of the probes that look at it where the group names none."""
        return (PYTHON_MEMORY,)

    def files(self) -> tuple[Path, ...]:
        """Files of the functions and of the setup."""
        places = filter(None, [*self.locations.values(), self.setup_location])
        return tuple(dict.fromkeys(path for place in places if (path := _file_at(place)) is not None))


@dataclass(frozen=True, slots=True)
class Command(Base):
    """A whole command: each sample is a process of its own, from its start to its end.

    Attributes:
        argv: program and arguments; `{name}` stands for the argument or arm of that name, and a word that is nothing
            but `{name}` may stand for several words (see `words_of`).
        prepare: a shell command that runs before each sample, untimed; "" for none.
        warmup: untimed runs of each arm at the beginning of each process of the lab.
        ignore_failure: an exit code other than 0 is no failure.
        check: the arms must write the same to standard output.
        sources: files that decide what is measured, besides the program itself.
    """

    argv: Sequence[str]
    prepare: str = ""
    warmup: int = 0
    ignore_failure: bool = False
    check: bool = True
    sources: tuple[Path, ...] = ()

    @property
    def kernel(self) -> str:
        """As in CasePlan.kernel."""
        fields = {
            "argv": list(self.argv),
            "prepare": self.prepare,
            "warmup": self.warmup,
            "ignore_failure": self.ignore_failure,
            "check": self.check,
        }
        return COMMAND_PREFIX + json.dumps(fields)

    @property
    def passes(self) -> tuple[str, ...]:
        """Names of the probes that look at it where the group names none."""
        return ("command",)

    def files(self) -> tuple[Path, ...]:
        """The program, where it is no placeholder and can be found, and the sources."""
        own = programs([self.argv[0]]) if self.argv and "{" not in self.argv[0] else ()
        return (*own, *self.sources)


Subject = Base


def is_command(kernel: str) -> bool:
    """Whether a kernel's name stands for a whole command."""
    return kernel.startswith(COMMAND_PREFIX)


def words_of(argv: Sequence[str]) -> str:
    """The value of an argument that stands for several words of a command."""
    return json.dumps(list(argv))


def programs(names: Sequence[str]) -> tuple[Path, ...]:
    """Those of the programs that can be found, as absolute paths."""
    found = (shutil.which(name) for name in names)
    return tuple(Path(path).resolve() for path in found if path)


def _file_of(function: Callable[..., object]) -> Path:
    module = sys.modules[function.__module__]
    return Path(str(module.__file__)).resolve()


def _file_at(place: Location) -> Path | None:
    import importlib.util

    where = place.rpartition(":")[0]
    if where.endswith(".py"):
        return Path(where)
    try:
        spec = importlib.util.find_spec(where)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).resolve() if spec and spec.origin and Path(spec.origin).is_file() else None
