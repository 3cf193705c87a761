"""Finding experiments: the entry-point group `lab.experiments`, and the folder that the nearest pyproject.toml names.

A project adds its own with ::

    [tool.lab]
    experiments = "experiments"        # every module there that defines EXPERIMENT

so that they are found from any folder below it, `notebooks/` included. A module of that folder that is also an
installed entry point is loaded once.
"""

import contextlib
import difflib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from lab.core.errors import UsageError
from lab.core.reading import Unreadable, read_file, read_toml
from lab.core.schema import Role
from lab.experiment.declare import Experiment

GROUP = "lab.experiments"
_REMEDY = "fix it, or run lab from another directory"


def lab_table(folder: Path) -> dict[str, object] | None:
    """The table [tool.lab] of the pyproject.toml in a folder; None without one.

    Raises:
        UsageError: the file cannot be read, or its `tool.lab` is no table.
    """
    project = folder / "pyproject.toml"
    if not project.exists():
        return None
    try:
        tools = read_toml(project).get("tool", {})
    except Unreadable as error:
        raise UsageError(f"{project}: {error}; {_REMEDY}") from error
    table = tools.get("lab") if isinstance(tools, dict) else tools
    if table is None or isinstance(table, dict):
        return table
    raise UsageError(f"{project}: [tool.lab] is not a table; {_REMEDY}")


def _project_folder(start: Path) -> Path | None:
    """The experiments folder of the nearest pyproject.toml at or above `start`, if it names one."""
    for folder in (start, *start.parents):
        project = folder / "pyproject.toml"
        if not project.exists():
            continue
        name = (lab_table(folder) or {}).get("experiments")
        if name is None:
            return None
        if not isinstance(name, str) or "\0" in name or not (folder / name).is_dir():
            raise UsageError(f"{project}: [tool.lab] experiments = {name!r} is not a folder beside it")
        return folder / name
    return None


def _local_modules(start: Path) -> Iterator[Path]:
    folder = _project_folder(start)
    yield from _modules_in(folder) if folder else ()


def _modules_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.resolve().glob("*.py")):
        if path.is_file() and not path.name.startswith("_") and _names_experiment(path):
            yield path


def _names_experiment(path: Path) -> bool:
    """Whether a module may define EXPERIMENT; one that cannot be read may, and says why when it is loaded."""
    try:
        return b"EXPERIMENT" in read_file(path)
    except Unreadable:
        return True


def _load_file(path: Path) -> Experiment:
    name = f"lab_local_experiments_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    experiment = _checked(getattr(module, "EXPERIMENT", None), str(path))
    if experiment.name != path.stem:
        raise UsageError(f"{path}: the experiment is named {experiment.name!r}; give file and experiment one name")
    return experiment


def _load_point(point: EntryPoint) -> Experiment:
    return _checked(point.load(), point.value)


def _checked(found: object, origin: str) -> Experiment:
    if not isinstance(found, Experiment):
        raise UsageError(f"{origin}: EXPERIMENT is not a lab.experiment.declare.Experiment")
    return found


def _loaders(start: Path) -> dict[str, partial[Experiment]]:
    """Name -> loader, installed entry points first; a folder's own file of another origin replaces one of its name."""
    found: dict[str, partial[Experiment]] = {}
    modules: dict[str, str] = {}
    for point in entry_points(group=GROUP):
        found[point.name] = partial(_load_point, point)
        modules[point.name] = point.value.partition(":")[0]
    for path in _local_modules(start):
        module = modules.get(path.stem)
        spec = importlib.util.find_spec(module) if module else None
        if spec is None or spec.origin is None or Path(spec.origin).resolve() != path.resolve():
            found[path.stem] = partial(_load_file, path)
    return found


def experiment_names(start: Path | None = None) -> list[str]:
    """Names of all experiments that can be found from a folder (the current one if None), sorted."""
    return sorted(_loaders(start or Path.cwd()))


def names_by_role(role: Role, start: Path | None = None) -> list[str]:
    """Names of the experiments with a role: those of the folder's own project, or the installed ones if it has none.

    Installed ones come in the order in which their package lists them.

    Raises:
        UsageError: there are none, and an experiment cannot be loaded.
    """
    loaders = _loaders(start or Path.cwd())
    found: list[str] = []
    broken: list[UsageError] = []
    for name, loader in loaders.items():
        try:
            if _load(name, loader).role == role:
                found.append(name)
        except UsageError as error:
            broken.append(error)
    if broken and not found:
        raise broken[0]
    own = [name for name in found if loaders[name].func is _load_file]
    return own or found


def names_in_folder(folder: Path) -> list[str]:
    """Names of the experiments whose files are in a folder, sorted.

    Raises:
        UsageError: there is no such folder, or it holds no experiment.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    names = [path.stem for path in _modules_in(folder)]
    if not names:
        raise UsageError(f"no .py file in {folder} defines EXPERIMENT; lab new NAME --python writes one")
    return names


def load_experiments(names: list[str], start: Path | None = None, folder: Path | None = None) -> list[Experiment]:
    """Load experiments by name, in the order asked for.

    Args:
        names: of the experiments.
        start: the folder from which they are found; the current one if None.
        folder: look in this folder alone.

    Raises:
        UsageError: a name is unknown (the nearest are offered) or a declaration is broken.
    """
    if folder is None:
        loaders = _loaders(start or Path.cwd())
    else:
        loaders = {path.stem: partial(_load_file, path) for path in _modules_in(folder)}
    experiments = []
    for name in dict.fromkeys(names):
        if name not in loaders:
            near = difflib.get_close_matches(name, loaders, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(loaders))}"
            raise UsageError(f"no experiment {name!r}; {hint}")
        experiments.append(_load(name, loaders[name]))
    return experiments


def survey(start: Path | None = None) -> tuple[list[Experiment], dict[str, str]]:
    """Every experiment that can be loaded, and why each other one cannot, by name.

    Raises:
        UsageError: the nearest pyproject.toml is broken.
    """
    found: list[Experiment] = []
    broken: dict[str, str] = {}
    for name, loader in sorted(_loaders(start or Path.cwd()).items()):
        try:
            found.append(_load(name, loader))
        except UsageError as error:
            broken[name] = str(error)
    return found, broken


def _load(name: str, loader: partial[Experiment]) -> Experiment:
    """Load one; what its module prints goes to standard error, for the output is the command's.

    Raises:
        UsageError: it is broken, with the place.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return loader()
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"experiment {name} cannot be loaded: {type(error).__name__}: {error}{_place(error)}"
        ) from error


def _place(error: BaseException) -> str:
    """The last line of an experiment's own code that an error passed, to be put behind its message."""
    if isinstance(error, SyntaxError):
        return ""  # says so itself
    lab = Path(__file__).parents[1]
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and not Path(frame.filename).is_relative_to(lab)
    ]
    return f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
