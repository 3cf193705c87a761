"""Finding experiments: the entry-point group `lab.experiments`, and the folder that the nearest pyproject.toml names.

A project adds its own with ::

    [tool.lab]
    experiments = "experiments"        # every module there that defines EXPERIMENT

so that they are found from any folder below it, `notebooks/` included. A module of that folder that is also an
installed entry point is loaded once.
"""

import difflib
import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from lab.core.errors import UsageError
from lab.core.schema import Role
from lab.experiment.declare import Experiment

GROUP = "lab.experiments"


def lab_table(folder: Path) -> dict[str, object] | None:
    """The table [tool.lab] of the pyproject.toml in a folder; None without one.

    Raises:
        UsageError: the file cannot be read, or its `tool.lab` is no table.
    """
    project = folder / "pyproject.toml"
    if not project.is_file():
        return None
    try:
        tools = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{project}: cannot be read ({error}); mend it or run lab elsewhere") from error
    table = tools.get("lab") if isinstance(tools, dict) else tools
    if table is None or isinstance(table, dict):
        return table
    raise UsageError(f"{project}: [tool.lab] is not a table; mend it or run lab elsewhere")


def _project_folder(start: Path) -> Path | None:
    """The experiments folder of the nearest pyproject.toml at or above `start`, if it names one."""
    for folder in (start, *start.parents):
        project = folder / "pyproject.toml"
        if not project.is_file():
            continue
        name = (lab_table(folder) or {}).get("experiments")
        if name is None:
            return None
        if not isinstance(name, str) or not (folder / name).is_dir():
            raise UsageError(f"{project}: [tool.lab] experiments = {name!r} is not a folder beside it")
        return folder / name
    return None


def _local_modules(start: Path) -> Iterator[Path]:
    folder = _project_folder(start)
    yield from _modules_in(folder) if folder else ()


def _modules_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.resolve().glob("*.py")):
        if path.is_file() and not path.name.startswith("_") and b"EXPERIMENT" in path.read_bytes():
            yield path


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
        UsageError: an experiment cannot be loaded.
    """
    loaders = _loaders(start or Path.cwd())
    names = list(loaders)
    experiments = zip(names, load_experiments(names, start), strict=True)
    found = [name for name, experiment in experiments if experiment.role == role]
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
        try:
            experiments.append(loaders[name]())
        except UsageError:
            raise
        except (Exception, SystemExit) as error:
            raise UsageError(f"experiment {name} cannot be loaded: {type(error).__name__}: {error}") from error
    return experiments
