"""Puts the sanitized builds of lab's compiled modules in place of the installed ones (see `make test-python-asan`).

Python runs this file at each start while its folder is on PYTHONPATH, so that child processes get the same modules.
LAB_SANITIZED names the folder of the build.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path
from types import ModuleType


class SanitizedFinder:
    """Finds `lab._<name>` in the build where that has it."""

    def __init__(self, build: Path) -> None:
        self._files = {
            f"lab.{path.name.removesuffix(suffix)}": path
            for suffix in EXTENSION_SUFFIXES[:1]
            for path in build.glob(f"*/_*{suffix}")
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module of the build; None for every other name."""
        file = self._files.get(fullname)
        return importlib.util.spec_from_file_location(fullname, file) if file else None


if os.environ.get("LAB_SANITIZED"):
    sys.meta_path.insert(0, SanitizedFinder(Path(os.environ["LAB_SANITIZED"])))
