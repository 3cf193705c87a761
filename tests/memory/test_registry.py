"""The binding: cffi checks a declaration when it is first touched, so every one is touched here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lab.memory
from lab._ffi import ffi, lib

NATIVE = Path(__file__).parents[2] / "native"


def declared_functions():
    """Names of the functions between the cdef marks of the memory layer's headers."""
    text = "".join(
        region
        for header in sorted((NATIVE / "memory/include/pm").glob("*.h"))
        for region in re.findall(r"/\* cdef:begin \*/(.*?)/\* cdef:end \*/", header.read_text(), re.DOTALL)
    )
    return sorted(set(re.findall(r"\b(pm_\w+)\(", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))))


def test_every_name_of_the_library_resolves():
    """Each function and constant of the binding can be reached."""
    assert [name for name in dir(lib) if not hasattr(lib, name)] == []


def test_every_type_of_the_library_agrees_with_the_compiler():
    """Each struct, union and enum has the size and fields that the C compiler gave it."""
    typedefs, structs, unions = ffi.list_types()
    names = [*typedefs, *(f"struct {name}" for name in structs), *(f"union {name}" for name in unions)]
    complete = [kind for kind in map(ffi.typeof, names) if kind.kind in ("struct", "enum") and is_complete(kind)]
    assert len(complete) >= 15
    assert all(ffi.sizeof(kind) > 0 for kind in complete)


def is_complete(kind):
    """Whether a type is more than a name, which handles are."""
    try:
        ffi.sizeof(kind)
    except ffi.error:
        return False
    return True


@pytest.mark.parametrize("name", declared_functions())
def test_a_function_of_the_headers_is_bound(name):
    """No function that a header shows to Python is missing from the binding."""
    assert callable(getattr(lib, name))


def test_the_public_names_are_these():
    """The package shows exactly what it says, sorted."""
    assert sorted(lab.memory.__all__, key=lambda name: (name.islower(), name)) == lab.memory.__all__
    assert [name for name in lab.memory.__all__ if not hasattr(lab.memory, name)] == []


def test_the_package_needs_numpy_and_cffi_alone():
    """Importing the memory layer loads no other third-party package."""
    code = (
        "import sys; before = set(sys.modules); import lab.memory\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) <= {"lab", "numpy", "cffi", "_cffi_backend"}
