"""Where the native programs are: the driver, the builds of the kernel library, the allocation counter."""

import functools
import hashlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lab.core.errors import EnvironmentFailure, UsageError
from lab.measure.process import ANSWERS_FD, run_lines

LAYOUTS = 4
INTERPOSER_NAME = "lab-interpose.so"
_REMEDY = "build and install the native part: make setup (or pip install -e .)"
_LIST_TIMEOUT_S = 20.0


class _Kernel(msgspec.Struct):
    kernel: str
    item: str


@dataclass(frozen=True, slots=True)
class Native:
    """The native part of an installation.

    Attributes:
        driver: the program lab-kernel.
        kernels: the builds of the kernel library, by layout number.
        interposer: the allocation counter that is preloaded, None where this platform has none.
        cpus: usable by this process.
        launcher: the program lab-launch, which runs one command and says what it used; None where it is missing.
        include: folder of the headers that a user's own C file includes.
    """

    driver: Path
    kernels: tuple[Path, ...]
    interposer: Path | None
    cpus: int
    launcher: Path | None = None
    include: Path | None = None

    def driver_command(self) -> list[str]:
        """The driver's command line, for `run_lines` with `answers`."""
        return [str(self.driver), "--answers", str(ANSWERS_FD)]

    def digest(self) -> str:
        """Hash of the code under test, all builds together."""
        return _digest_of(*self.kernels)

    def counted_digest(self) -> str:
        """Hash of all that takes part where passes are counted: the first build, the driver, the allocation counter."""
        return _digest_of(self.kernels[0], self.driver, *([self.interposer] if self.interposer else []))

    def kernel_items(self, library: Path | None = None) -> dict[str, str]:
        """Kernel name -> what one item is ("row"), of the lab's own library or of another.

        Raises:
            EnvironmentFailure: the lab's own library cannot be loaded.
            UsageError: the other library cannot be loaded, or exports no kernels.
        """
        found: list[_Kernel] = []
        outcome = run_lines(
            self.driver_command(),
            stdin_text=f"lib\t0\t{library or self.kernels[0]}\nlist\t0\n",
            answers=True,
            idle_timeout_s=_LIST_TIMEOUT_S,
            on_line=lambda line: found.append(msgspec.json.decode(line, type=_Kernel)),
        )
        if outcome.trouble is not None and library is not None:
            raise UsageError(f"{library} is not a kernel library: {outcome.trouble}")
        if outcome.trouble is not None:
            raise EnvironmentFailure(f"the kernel library does not load: {outcome.trouble}; {_REMEDY}")
        return {kernel.kernel: kernel.item for kernel in found}


@functools.lru_cache(maxsize=64)
def _content_hash(path: Path, changed_ns: int, size: int) -> bytes:
    del changed_ns, size  # a file that changed is read again
    return hashlib.sha256(path.read_bytes()).digest()


def _digest_of(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        status = path.stat()
        digest.update(_content_hash(path, status.st_mtime_ns, status.st_size))
    return digest.hexdigest()[:16]


def find_native(folder: Path | None = None) -> Native:
    """The native part that belongs to this installation.

    Args:
        folder: where to look; beside the compiled module if None.

    Raises:
        EnvironmentFailure: a part is missing.
    """
    if folder is None:
        spec = importlib.util.find_spec("lab._native")
        if spec is None or spec.origin is None:
            raise EnvironmentFailure(f"the compiled module lab._native is not installed; {_REMEDY}")
        folder = Path(spec.origin).parent
    suffix = ".exe" if sys.platform == "win32" else ""
    driver = folder / f"lab-kernel{suffix}"
    kernels = tuple(folder / f"lab_kernels_{layout}.so" for layout in range(LAYOUTS))
    for path in (driver, *kernels):
        if not path.is_file():
            raise EnvironmentFailure(f"{path.name} is missing beside the compiled module; {_REMEDY}")
    interposer = folder / INTERPOSER_NAME
    launcher = folder / f"lab-launch{suffix}"
    return Native(
        driver,
        kernels,
        interposer if interposer.is_file() else None,
        usable_cpus(),
        launcher if launcher.is_file() else None,
        folder / "include",
    )


def usable_cpus() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
