"""Instances of wasmtime in pooled memories: zeros at the start, growth in place, lifetimes, and wasmtime missing."""

import gc
import importlib.util
import sys
import threading
import types

import pytest

from lab.memory import LinearMemoryPool, UnsupportedError, wasmtime_engine

PAGE = 65536
MODULE = """
(module
  (memory (export "memory") 2)
  (data (i32.const 8) "hi")
  (func (export "size") (result i32) memory.size)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
  (func (export "store") (param i32 i32) local.get 0 local.get 1 i32.store8)
  (func $deep (export "deep") (param i32) (result i32)
    local.get 0 i32.eqz
    if (result i32) i32.const 0 else local.get 0 i32.const 1 i32.sub call $deep i32.const 1 i32.add end))
"""

needs_wasmtime = pytest.mark.skipif(
    importlib.util.find_spec("wasmtime") is None, reason="wasmtime, which an extra installs, is not here"
)


class Machine:
    """A pool, an engine over it and a compiled module."""

    def __init__(self, **options):
        self.wasmtime = __import__("wasmtime")
        stack = options.pop("stack_bytes", None)
        self.pool = LinearMemoryPool(**{"slot_count": 4, "maximum_bytes": 8 * PAGE, **options})
        self.engine = wasmtime_engine(self.pool, **({} if stack is None else {"stack_bytes": stack}))
        self.module = self.wasmtime.Module(self.engine, MODULE)

    def instance(self):
        """A store and the exports of a new instance in it."""
        store = self.wasmtime.Store(self.engine)
        exports = self.wasmtime.Instance(store, self.module, []).exports(store)
        return store, exports

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.module.close()
        self.engine.close()
        gc.collect()  # a trap keeps the module whose frames it names, and tracebacks keep traps
        self.pool.close()


@needs_wasmtime
@pytest.mark.parametrize("reserved_bytes", [None, 4 << 30])
def test_every_instance_finds_zeros_and_its_data(reserved_bytes):
    """Whatever the last instance wrote, the next one sees its data segment and zeros, with or without bounds checks."""
    with Machine(reserved_bytes=reserved_bytes) as machine:
        for round_ in range(20):
            store, exports = machine.instance()
            memory = exports["memory"]
            assert bytes(memory.read(store, 0, 2 * PAGE)) == bytes(8) + b"hi" + bytes(2 * PAGE - 10)
            memory.write(store, b"\xa5" * (2 * PAGE), 0)
            assert exports["grow"](store, round_ % 6) == 2
            exports["store"](store, (2 + round_ % 6) * PAGE - 1, 7)
            with pytest.raises(machine.wasmtime.Trap):
                exports["load"](store, (2 + round_ % 6) * PAGE)
            store.close()
        stats = machine.pool.stats()
        assert (stats.acquire_count, stats.release_count, stats.peak_count) == (20, 20, 1)


@needs_wasmtime
def test_memory_grows_in_place_up_to_the_maximum_of_the_pool():
    """memory.grow moves nothing, gives zeros, and fails beyond the pool's maximum as the standard says."""
    with Machine() as machine:
        store, exports = machine.instance()
        memory = exports["memory"]
        address = machine_address(memory, store)
        assert exports["grow"](store, 6) == 2
        assert machine_address(memory, store) == address
        assert (exports["size"](store), exports["load"](store, 8 * PAGE - 1)) == (8, 0)
        assert exports["grow"](store, 1) == -1
        assert exports["size"](store) == 8
        store.close()


def machine_address(memory, store):
    """Where a memory of wasmtime begins."""
    ctypes = __import__("ctypes")
    return ctypes.cast(memory.data_ptr(store), ctypes.c_void_p).value


@needs_wasmtime
def test_a_pool_that_is_full_refuses_the_instance():
    """One instance too many is an error of wasmtime's that names the remedy; afterwards all goes on."""
    with Machine(slot_count=2) as machine:
        stores = [machine.instance()[0] for _ in range(2)]
        with pytest.raises(machine.wasmtime.WasmtimeError, match="all memories of the pool are in use"):
            machine.instance()
        stores.pop().close()
        stores.append(machine.instance()[0])
        for store in stores:
            store.close()


@needs_wasmtime
def test_a_module_larger_than_the_pool_is_refused():
    """A module that begins with more than the maximum gets an error, not memory."""
    with Machine(maximum_bytes=PAGE) as machine, pytest.raises(machine.wasmtime.WasmtimeError, match="maximum"):
        machine.instance()


@needs_wasmtime
def test_the_pool_outlives_its_engines():
    """A pool does not close under an engine, a module or a store; forgotten, it ends after them."""
    machine = Machine()
    store, exports = machine.instance()
    for thing in (machine.engine, machine.module):
        with pytest.raises(BufferError, match="engines"):
            machine.pool.close()
        thing.close()
    with pytest.raises(BufferError, match="stores"):
        machine.pool.close()
    del machine.pool
    exports["store"](store, 100, 1)
    assert exports["load"](store, 100) == 1
    store.close()


@needs_wasmtime
def test_the_stack_is_fitted_to_the_module():
    """Recursion that a large stack bears traps on a small one."""
    with Machine(stack_bytes=1 << 20) as large, Machine(stack_bytes=16384) as small:
        for machine, fits in ((large, True), (small, False)):
            store, exports = machine.instance()
            if fits:
                assert exports["deep"](store, 5000) == 5000
            else:
                with pytest.raises(machine.wasmtime.Trap, match="stack"):
                    exports["deep"](store, 5000)
            store.close()
        for stack in (0, 16383, 1 << 22):
            with pytest.raises(ValueError, match="stack_bytes"):
                wasmtime_engine(large.pool, stack_bytes=stack)


@needs_wasmtime
def test_threads_instantiate_from_one_pool():
    """Instances made by several threads at once never see each other's bytes."""
    wrong = []
    with Machine() as machine:

        def work(value):
            for _ in range(25):
                store, exports = machine.instance()
                if exports["load"](store, 70000):
                    wrong.append(value)
                exports["store"](store, 70000, value)
                store.close()

        threads = [threading.Thread(target=work, args=(value,)) for value in (1, 2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (wrong, machine.pool.stats().in_use_count) == ([], 0)


def test_without_wasmtime_the_remedy_is_named(monkeypatch):
    """Where wasmtime is missing the error says how to install it."""
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    with LinearMemoryPool(1, PAGE) as pool, pytest.raises(UnsupportedError, match=r"portalis-lab\[wasm\]"):
        wasmtime_engine(pool)


def test_a_wasmtime_without_host_memory_is_refused(monkeypatch):
    """A version that does not offer what is needed is named, with what it lacks."""
    package = types.ModuleType("wasmtime")
    package.__version__ = "0.1"
    package._ffi = types.ModuleType("wasmtime._ffi")
    monkeypatch.setitem(sys.modules, "wasmtime", package)
    monkeypatch.setitem(sys.modules, "wasmtime._ffi", package._ffi)
    with LinearMemoryPool(1, PAGE) as pool, pytest.raises(UnsupportedError, match=r"wasmtime 0\.1 .*memory_creator"):
        wasmtime_engine(pool)
