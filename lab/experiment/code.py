"""The code that a plan measures: libraries, source files and programs of the user's own, by content."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.core.errors import UsageError
from lab.core.schema import LibraryPlan
from lab.experiment.declare import Experiment, Group
from lab.experiment.python_kernel import is_python
from lab.experiment.subjects import is_command


class Code:
    """What is measured besides the lab's own kernels: libraries and files, by the hash of their content.

    Args:
        kernel_items: of the lab's own kernel library, see planner.Surroundings.
        library_items: the same of another library.
        probes: probe name -> the subjects that it can look at.
    """

    def __init__(
        self,
        kernel_items: Mapping[str, str],
        library_items: Callable[[Path], Mapping[str, str]],
        probes: Mapping[str, frozenset[str]],
    ) -> None:
        self._library_items = library_items
        self._probes = probes
        self._items: dict[str, Mapping[str, str]] = {"": kernel_items}
        self._keys: dict[tuple[Path, ...], str] = {(): ""}
        self.libraries: dict[str, LibraryPlan] = {}
        self.files: dict[str, str] = {}

    def take(self, experiment: Experiment, group: Group) -> None:
        """Note the code of a group.

        Raises:
            UsageError: its kernel does not exist, or a probe is unknown or cannot look at it.
        """
        builds = group.measures.builds
        if builds not in self._keys:
            key = digest_of(builds)
            self._keys[builds] = key
            self._items[key] = self._library_items(builds[0])
            described = getattr(group.measures, "described", "") or str(builds[0])
            self.libraries[key] = LibraryPlan(tuple(map(str, builds)), described)
        self.files.update({str(path): digest_of([path]) for path in group.measures.files()})
        kernel = group.measures.kernel
        kind = "python" if is_python(kernel) else "command" if is_command(kernel) else "native"
        known = self._items[self.library(group)]
        if kind == "native" and kernel not in known:
            where = builds[0].name if builds else "the kernel library"
            names = f"; it has {', '.join(known)}" if builds and known else ""
            raise UsageError(f"experiment {experiment.name}: {where} has no kernel {kernel}{names}")
        self._check_probes(experiment, group, kind)

    def _check_probes(self, experiment: Experiment, group: Group, kind: str) -> None:
        probes = self._probes
        fitting = sorted(name for name, kinds in probes.items() if kind in kinds)
        for name in group.looks:
            if name in probes and kind not in probes[name]:
                raise UsageError(
                    f"experiment {experiment.name}, group {group.name}: the probe {name} cannot look at a {kind}"
                    f" subject; {' and '.join(fitting)} can"
                )

    def library(self, group: Group) -> str:
        """Key of the group's library, "" for the lab's own."""
        return self._keys[group.measures.builds]

    def item(self, group: Group) -> str:
        """What one item of the group's kernel is."""
        fallback = "run" if is_command(group.measures.kernel) else "item"
        return group.item or self._items[self.library(group)].get(group.measures.kernel, fallback)


def digest_of(paths: Sequence[Path]) -> str:
    """Hash of the content of files, all together.

    Raises:
        UsageError: one cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from error
    return digest.hexdigest()[:16]
