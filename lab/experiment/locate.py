"""Where a Python function is, as text that a fresh process can follow: "/path/file.py:function" or "module:function".

A file is loaded with its own folder at the head of `sys.path`, as `python file.py` would do; a file of a package (its
folder has an `__init__.py`) as a module of that package. So two revisions of one project in two folders can be loaded
into one process: what the second needs by a name that the first has taken is loaded once more, from its own folder.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote

from lab.core.errors import UsageError

_loaded: dict[Path, ModuleType] = {}
_REMEDY = "move it to the top of a module, where a fresh process can import it, and pass values through setup="


def where_is(function: Callable[..., object] | str) -> str:
    """The location of a function, or of what is given as text, in absolute terms.

    Raises:
        UsageError: it cannot be found again in a fresh process, or the text is not FILE.py:FUNCTION or MODULE:FUNCTION.
    """
    if isinstance(function, str):
        return _absolute(function)
    name = getattr(function, "__qualname__", "")
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    if "<lambda>" in name:
        raise UsageError(f"{function!r} is a lambda, which a fresh process cannot find by its name; {_REMEDY}")
    if "<locals>" in name:
        raise UsageError(
            f"{name} is defined inside another function, and a fresh process cannot build it again; {_REMEDY}"
        )
    if module is None or getattr(module, name, None) is not function:
        raise UsageError(f"{function!r}: give a function at the top of a module; {_REMEDY}")
    path = getattr(module, "__file__", None)
    if path is None:
        if module.__name__ == "__main__":
            raise UsageError(
                f"{name} was typed into an interpreter or a notebook; save it to a file (in a notebook: %%writefile"
                " functions.py, then import it), or compare two cells with %%lab"
            )
        return f"{module.__name__}:{name}"  # built into the interpreter
    if module.__name__ != "__main__" and _importable(module.__name__, Path(path)):
        return f"{module.__name__}:{name}"
    return f"{Path(path).resolve()}:{name}"


def _importable(name: str, path: Path) -> bool:
    """Whether a new interpreter imports this file under this name, whatever this one has loaded as it."""
    spec, folders = None, None
    for end in range(1, name.count(".") + 2):
        part = ".".join(name.split(".")[:end])
        found = (finder.find_spec(part, folders) for finder in sys.meta_path if hasattr(finder, "find_spec"))
        spec = next((one for one in found if one is not None), None)
        if spec is None:
            return False
        folders = spec.submodule_search_locations
    return spec is not None and spec.origin is not None and Path(spec.origin).resolve() == path.resolve()


def _absolute(text: str) -> str:
    where, colon, name = text.rpartition(":")
    if not colon or not where or not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{text!r}: name a function as FILE.py:FUNCTION or MODULE:FUNCTION")
    if not where.endswith(".py"):
        if "/" in where:
            raise UsageError(f"{text!r}: {where} is neither a .py file nor the name of a module")
        return text
    path = Path(where).resolve()
    if not path.is_file():
        raise UsageError(f"{text!r}: there is no file {path}")
    return f"{path}:{name}"


def quoted(location: str) -> str:
    """A location without tabs and line ends, which the workers' protocol gives a meaning."""
    return quote(location, safe="/:._-+@=,~ ()[]{}!#$&'*;?^`|\\")


def unquoted(location: str) -> str:
    """The inverse of `quoted`."""
    return unquote(location)


def load_function(location: str) -> Callable[..., Any]:
    """The function at a location.

    Raises:
        UsageError: there is no such module or function. What the module itself raises passes through.
    """
    where, _, name = location.rpartition(":")
    try:
        found: Any = _load_file(Path(where).resolve()) if where.endswith(".py") else importlib.import_module(where)
        for part in name.split("."):
            found = getattr(found, part)
    except (ModuleNotFoundError, AttributeError, FileNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name not in (where, where.partition(".")[0]):
            raise  # the module is there; it lacks another
        if _raised_inside(error):
            raise
        what = f"function {name} in {where}" if isinstance(error, AttributeError) else f"module {where}"
        raise UsageError(f"there is no {what}") from error
    if not callable(found):
        raise UsageError(f"{location} is not a function but {type(found).__name__}")
    function: Callable[..., Any] = found
    return function


def _raised_inside(error: BaseException) -> bool:
    """Whether the error came out of the module's own code rather than out of looking for it."""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file != __file__ and "importlib" not in file:
            return True
        trace = trace.tb_next
    return False


def _load_file(path: Path) -> ModuleType:
    if path in _loaded:
        return _loaded[path]
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        parts.insert(0, root.name)
        root = root.parent
    _make_way(root)
    if len(parts) > 1:
        module = importlib.import_module(".".join(parts))
    else:
        name = f"lab_kernel_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise UsageError(f"{path} is not a Python module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    _loaded[path] = module
    return module


def _make_way(root: Path) -> None:
    """Put a folder at the head of sys.path, and forget loaded modules of other files that take names of its own."""
    text = str(root)
    if text in sys.path:
        sys.path.remove(text)
    sys.path.insert(0, text)
    importlib.invalidate_caches()
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ("lab", "__main__") or top.startswith("lab_kernel_"):
            continue
        if not ((root / f"{top}.py").is_file() or (root / top / "__init__.py").is_file()):
            continue
        file = getattr(module, "__file__", None)
        if file is not None and not Path(file).resolve().is_relative_to(root):
            del sys.modules[name]
