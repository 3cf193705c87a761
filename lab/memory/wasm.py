"""Instances of wasmtime in pooled linear memories.

An engine that `wasmtime_engine` makes takes the memory of every instance from a `LinearMemoryPool`, and gives it back,
cleared, when the store of the instance is closed. wasmtime calls C functions of the layer for that: no Python runs in
between, and no exception can cross. Lifetimes: the pool cannot be closed while the engine, or a module, a store or a
trap of it, is alive (BufferError); a pool that is forgotten ends with the last of them.
"""

import ctypes
from typing import TYPE_CHECKING, Any, Final

from lab._ffi import ffi, lib
from lab.memory.errors import UnsupportedError, check
from lab.memory.linear import LinearMemoryPool

if TYPE_CHECKING:
    import wasmtime

STACK_BYTES: Final = 262144
STACK_MIN_BYTES: Final = 16384
STACK_MAX_BYTES: Final = 2097152  # wasmtime refuses more than the stack of its asynchronous calls
WasmMemoryPool = LinearMemoryPool  # the name by which users of WebAssembly look for it
_REMEDY: Final = "install it with `pip install 'portalis-lab[wasm]'`"


def _bindings() -> tuple[Any, Any]:
    """The package, and its bindings of the C API, which it keeps private.

    Raises:
        UnsupportedError: It is not installed, or does not have what is needed.
    """
    try:
        import wasmtime
        from wasmtime import _ffi as bindings
    except ImportError as error:
        raise UnsupportedError(f"wasmtime cannot be loaded ({error}): {_REMEDY}") from error
    needed = ("wasmtime_memory_creator", "wasmtime_new_memory_callback_t", "wasmtime_config_host_memory_creator_set")
    missing = [name for name in needed if not hasattr(bindings, name)]
    if missing or not hasattr(bindings, "dll"):
        version = getattr(wasmtime, "__version__", "installed")
        raise UnsupportedError(f"wasmtime {version} does not offer {', '.join(missing) or 'its library'}: {_REMEDY}")
    return wasmtime, bindings


def _address(function: str) -> int:
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, function)))


def wasmtime_engine(
    pool: LinearMemoryPool, *, stack_bytes: int = STACK_BYTES, config: "wasmtime.Config | None" = None
) -> "wasmtime.Engine":
    """An engine whose instances live in the pool's memories. Safe to share between threads, as any engine.

    Args:
        pool: Where the memories come from. What its slots reserve beyond the largest memory saves bounds checks.
        stack_bytes: Stack that a call into a module may use: small modules need little, deep recursion much.
        config: Settings to go on from; those of memory are overwritten, and the object is used up.

    Raises:
        UnsupportedError: wasmtime is not installed, or is a version without host memory.
        ValueError: The stack is out of its range.
        ClosedError: The pool is closed.
        MemoryError: The system refuses memory.
    """
    package, bindings = _bindings()
    if not STACK_MIN_BYTES <= stack_bytes <= STACK_MAX_BYTES:
        raise ValueError(f"stack_bytes must be from {STACK_MIN_BYTES} to {STACK_MAX_BYTES}, got {stack_bytes}")
    stats = pool.stats()
    settings = package.Config() if config is None else config
    settings.max_wasm_stack = stack_bytes
    settings.memory_init_cow = False  # with it the process aborts: bytecodealliance/wasmtime issue 10740
    settings.memory_may_move = False
    settings.memory_reservation = stats.slot_bytes
    settings.memory_reservation_for_growth = 0
    settings.memory_guard_size = stats.guard_bytes
    error_new = ctypes.cast(bindings.dll.wasmtime_error_new, ctypes.c_void_p).value
    out = ffi.new("pm_wasmtime_host **")
    with pool._turn:
        status = lib.pm_wasmtime_host_new(pool._open(), ffi.cast("void *(*)(const char *)", error_new), out)
    check(status, "a host of wasmtime's memories")
    creator = bindings.wasmtime_memory_creator(
        int(ffi.cast("uintptr_t", out[0])),
        bindings.wasmtime_new_memory_callback_t(_address("pm_wasmtime_new_memory")),
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_address("pm_wasmtime_host_free")),
    )
    bindings.wasmtime_config_host_memory_creator_set(settings.ptr(), ctypes.byref(creator))  # the host is its own now
    engine: wasmtime.Engine = package.Engine(settings)
    return engine
