"""`%load_ext lab`: two ways of doing the same compared in a notebook.

::

    %lab [options] f(x) :: g(x)      two expressions, each evaluated once a call

    %%lab [options]                  two cells in one, separated by a line that holds nothing but ::
    statements
    ::
    statements

Options: --budget SECONDS; --no-check. Names that the cells use are taken over from the notebook: modules by importing
them, values by pickling them. Workers are processes of their own, so a function of the notebook is taken over by its
source. Both ways share the values: what one changes in place, the other finds changed.
"""

import ast
import builtins
import inspect
import pickle
import shlex
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from lab.core.errors import LabError, UsageError

if TYPE_CHECKING:
    from lab.api import ComparedRun

SEPARATOR = "::"
NAMES = ("first", "second")


def load_ipython_extension(shell: Any) -> None:
    """Register %lab and %%lab."""
    shell.register_magic_function(make_magic(shell), "line_cell", "lab")


def make_magic(shell: Any) -> Any:
    """The magic function for a shell."""

    def lab(line: str, cell: str | None = None) -> "ComparedRun | None":
        """Compare two expressions or two cells."""
        try:
            budget, check, rest = _options(line)
            parts = _parts(rest, cell)
            return compare_sources(parts, shell.user_ns, budget_s=budget, check=check)
        except LabError as error:
            print(f"{getattr(error, 'traceback', '')}\nlab: {error}".strip())
            return None

    return lab


def _options(line: str) -> tuple[float | None, bool, str]:
    """Budget, whether to check, and what is left of the line."""
    budget, check = None, True
    rest = line.strip()
    while rest.startswith("--"):
        word, _, rest = rest.partition(" ")
        if word == "--no-check":
            check = False
        elif word == "--budget":
            value, _, rest = rest.strip().partition(" ")
            try:
                budget = float(value)
            except ValueError as error:
                raise UsageError(f"--budget {value}: give a number of seconds") from error
        else:
            raise UsageError(f"no option {shlex.quote(word)}; there are --budget SECONDS and --no-check")
        rest = rest.strip()
    return budget, check, rest


def _parts(line: str, cell: str | None) -> list[str]:
    """The two pieces of source."""
    if cell is None:
        parts = [part.strip() for part in line.split(f" {SEPARATOR} ")]
        how = f"%lab f(x) {SEPARATOR} g(x)"
    else:
        parts, how = [""], f"%%lab, one way, a line with {SEPARATOR} alone, the other way"
        for row in cell.splitlines(keepends=True):
            if row.strip() == SEPARATOR:
                parts.append("")
            else:
                parts[-1] += row
    if len(parts) < 2 or not all(part.strip() for part in parts):
        raise UsageError(f"give two ways of doing the same: {how}")
    return parts


def compare_sources(
    parts: list[str], names: Mapping[str, Any], *, budget_s: float | None = None, check: bool = True
) -> "ComparedRun":
    """Compare pieces of source that use names of a notebook.

    The answer of a piece is the value of its last line, where that is an expression.

    Raises:
        UsageError: a piece is no Python, or uses a value that cannot be taken over.
        ArmsFailed: a piece fails, or the answers differ.
    """
    from lab.api import compare
    from lab.api.compare import BUDGET_S

    trees = [_parsed(part) for part in parts]
    labels = list(NAMES) if len(parts) == len(NAMES) else [f"part {number + 1}" for number in range(len(parts))]
    taken = _taken(trees, names)
    with tempfile.TemporaryDirectory(prefix="lab-cells-") as folder:
        path = Path(folder) / "cells.py"
        path.write_text(_module(trees, taken), encoding="utf-8")
        return compare(
            {label: f"{path}:part_{number}" for number, label in enumerate(labels)},
            data=taken.values, setup=f"{path}:take", check=check, budget_s=budget_s or BUDGET_S,
        )  # fmt: skip


class _Taken:
    """What is taken over from the notebook."""

    def __init__(self) -> None:
        self.imports: list[str] = []
        self.sources: dict[str, str] = {}
        self.values: dict[str, bytes] = {}


def _parsed(part: str) -> ast.Module:
    try:
        tree = ast.parse(textwrap.dedent(part))
    except SyntaxError as error:
        raise UsageError(f"line {error.lineno} is no Python: {error.msg}") from error
    if not tree.body:
        raise UsageError(f"there is nothing to measure in {part.strip()!r}")
    return tree


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _taken(trees: list[ast.Module], names: Mapping[str, Any]) -> _Taken:
    taken = _Taken()
    pending = sorted(set().union(*map(_used, trees)))
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name in seen or name not in names or (hasattr(builtins, name) and names[name] is getattr(builtins, name)):
            continue
        seen.add(name)
        value = names[name]
        module = getattr(value, "__module__", None)
        if isinstance(value, ModuleType):
            taken.imports.append(f"import {value.__name__} as {name}")
        elif isinstance(value, FunctionType | type) and module != "__main__":
            taken.imports.append(f"from {module} import {value.__qualname__} as {name}")
        elif isinstance(value, FunctionType | type):
            taken.sources[name] = _source(name, value)
            pending += sorted(_used(ast.parse(taken.sources[name])))
        else:
            try:
                taken.values[name] = pickle.dumps(value)
            except Exception as error:
                raise UsageError(
                    f"{name} is a {type(value).__name__}, which cannot be sent to another process ({error}); build it"
                    " inside the cell, or from a file"
                ) from error
    return taken


def _source(name: str, value: Any) -> str:
    if getattr(value, "__closure__", None) or "<lambda>" in value.__qualname__:
        raise UsageError(f"{name} is a lambda or a closure, which has no source of its own; define it with def")
    try:
        return textwrap.dedent(inspect.getsource(value))
    except (OSError, TypeError) as error:
        raise UsageError(f"the source of {name} is not known ({error}); define it in a cell or import it") from error


def _module(trees: list[ast.Module], taken: _Taken) -> str:
    lines = ["import pickle as _pickle", *taken.imports, *taken.sources.values(), ""]
    lines += [
        "def take(values):",
        "    globals().update({name: _pickle.loads(value) for name, value in values.items()})",
        "",
    ]
    for number, tree in enumerate(trees):
        stored = sorted(
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in taken.values
        )
        body = tree.body[:-1]
        last = tree.body[-1]
        body.append(ast.Return(last.value) if isinstance(last, ast.Expr) else last)
        text = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
        lines.append(f"def part_{number}(_values):")
        lines += [f"    global {name}" for name in dict.fromkeys(stored)]
        lines += [textwrap.indent(text, "    "), ""]
    return "\n".join(lines)
