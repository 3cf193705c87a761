"""Which vector instructions the scans and streaming kernels use.

The widest path of the machine is taken by itself. Another can be chosen for comparisons; every path gives the same
answers. The choice holds for the whole process; any thread may make it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from lab._ffi import ffi, lib
from lab.memory.errors import check


def paths() -> tuple[str, ...]:
    """The paths of this machine, the narrowest first: of "scalar", "sse2", "avx2", "avx512", "neon"."""
    return tuple(_name(path) for path in range(lib.PM_CPU_PATHS) if lib.pm_cpu_has(path))


def path() -> str:
    """The path in use."""
    return _name(lib.pm_cpu_selected())


def select(name: str) -> None:
    """Use a path from now on.

    Raises:
        ValueError: There is no such path.
        UnsupportedError: This machine does not have it.
    """
    names = [_name(path) for path in range(lib.PM_CPU_PATHS)]
    if name not in names:
        raise ValueError(f"no path {name!r}: take one of {', '.join(paths())}")
    check(lib.pm_cpu_select(names.index(name)), f"path {name!r}; this machine has {', '.join(paths())}")


@contextmanager
def using(name: str) -> Iterator[None]:
    """Use a path inside a `with` block, then the one before; raises as `select` does."""
    before = path()
    select(name)
    try:
        yield
    finally:
        select(before)


def cache_bytes() -> int:
    """Bytes of the largest data cache that the processor reports; outputs of this size and more go past the caches."""
    return int(lib.pm_cpu_cache_bytes())


def _name(path: int) -> str:
    return str(ffi.string(lib.pm_cpu_path_name(path)).decode())
