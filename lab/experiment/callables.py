"""Plain functions as Python kernels: `callable_arm` is the factory behind lab.experiment.subjects.Functions.

One iteration and one item is one call, `function(argument)`, or `function()` where there is neither data nor a setup.
"""

import inspect
import itertools
import json
import os
import pickle
from collections.abc import Callable, Mapping
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from lab.core.errors import UsageError
from lab.experiment.locate import load_function, quoted, unquoted
from lab.experiment.same_answer import describe, same_answer

DATA_PATH = "data_path"  # the argument that holds the path of the data, for data_as="path"
_LAZY = (GeneratorType, CoroutineType, AsyncGeneratorType)
_RESERVED = ("function", "setup", "data_as", "check", DATA_PATH)


class AnswersDiffer(Exception):
    """The arms give different answers, or one arm does from call to call."""


class CallableArm:
    """A function with its argument, ready to be called. See lab.experiment.python_kernel.PythonKernel."""

    pass_iterations = 1

    def __init__(self, name: str, function: Callable[..., Any], arguments: tuple[Any, ...], *, check: bool) -> None:
        self.name = name
        self.checked = check
        self._function = function
        self._arguments = arguments

    def call(self) -> object:
        """Call the function once and return its answer.

        Raises:
            UsageError: it returns a generator or a coroutine, whose work would not be timed.
        """
        found = self._function(*self._arguments)
        if isinstance(found, _LAZY):
            raise UsageError(
                f"{self.name} returns a {type(found).__name__}, whose work happens only when it is used; give a"
                " function that uses it: list(...), sum(...) or asyncio.run(...)"
            )
        return found

    def run(self, first: int, count: int) -> tuple[int, int]:
        """Call the function `count` times; the checksum says nothing, `differs` compares the answers."""
        del first
        function = self._function
        if self._arguments:
            (argument,) = self._arguments
            for _ in itertools.repeat(None, count):
                function(argument)
        else:
            for _ in itertools.repeat(None, count):
                function()
        return 0, count

    def compare(self, other: "CallableArm") -> None:
        """Call both and compare their answers, unless the answers are not to be checked.

        Raises:
            AnswersDiffer: they differ, or this one differs from call to call.
        """
        mine, theirs = self.call(), other.call()
        if not (self.checked and other.checked) or same_answer(mine, theirs):
            return
        again = self.call()
        if not same_answer(mine, again):
            raise AnswersDiffer(
                f"{self.name} gives another answer when it is called again ({describe(mine, again)}): it changes its"
                " argument, or depends on time or chance; make a copy inside, or give --no-check"
            )
        raise AnswersDiffer(f"{self.name} and {other.name} give different answers: {describe(mine, theirs)}")


def callable_arm(args: Mapping[str, str], data: memoryview | None) -> CallableArm:
    """The factory: loads the function and the setup and makes the argument.

    Args:
        args: `function`, `setup`, `data_as`, `check`, `data_path` (see subjects.Functions), and the group's own.
        data: the group's data; None where it has none.

    Raises:
        UsageError: a function is missing or does not take what it is given.
    """
    name = short_name(args["function"])
    function = load_function(unquoted(args["function"]))
    arguments = _data(args, data)
    if "setup" in args:
        arguments = (_set_up(load_function(unquoted(args["setup"])), args, arguments),)
    _check_call(name, function, arguments)
    return CallableArm(name, function, arguments, check=args.get("check", "yes") == "yes")


def short_name(location: str) -> str:
    """A location as people name it: the file without its folders."""
    where, _, name = unquoted(location).rpartition(":")
    return f"{where.rpartition('/')[2]}:{name}"


def _data(args: Mapping[str, str], data: memoryview | None) -> tuple[Any, ...]:
    """The data as the only argument, or no argument."""
    if DATA_PATH not in args and data is None:
        return ()
    content = data if data is not None else memoryview(b"")
    match args.get("data_as", "text"):
        case "path":
            return (unquoted(args[DATA_PATH]),)
        case "bytes":
            return (bytes(content),)
        case "json":
            return (json.loads(bytes(content)),)
        case "pickle":
            return (pickle.loads(content),)
        case _:
            try:
                return (str(content, "utf-8"),)
            except UnicodeDecodeError as error:
                raise UsageError(f"the data is not UTF-8 text ({error}); give --data-as bytes") from error


def _set_up(setup: Callable[..., Any], args: Mapping[str, str], data: tuple[Any, ...]) -> object:
    own = {name: value for name, value in args.items() if name not in _RESERVED}
    try:
        parameters = inspect.signature(setup).parameters
    except (TypeError, ValueError):  # built in, and it does not say
        return setup(*data)
    named = {name: own[name] for name in parameters if name in own}
    free = [name for name in parameters if name not in own]
    if free and data and ("data" in free or parameters[free[0]].default is inspect.Parameter.empty):
        name = "data" if "data" in free else free[0]
        if parameters[name].kind is not inspect.Parameter.POSITIONAL_ONLY:
            return setup(**named, **{name: data[0]})
        return setup(*data, **named)
    return setup(**named)


def _check_call(name: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        given = "one argument" if arguments else "no argument"
        raise UsageError(
            f"{name}{signature} cannot be called with {given}: {error}; --data FILE and --setup FUNCTION make the"
            " argument of a call"
        ) from error


def folder_of_data(path: str) -> str:
    """The absolute path of a data file, as `data_path` holds it."""
    return quoted(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link that the user means
