"""The native part is found beside the compiled module, and what is missing is named with the remedy."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lab.core.errors import EnvironmentFailure
from lab.measure.native import LAYOUTS, Native, find_native


def test_every_part_is_installed() -> None:
    """The driver and the builds of the kernel library lie beside the compiled module."""
    native = find_native()
    assert len(native.kernels) == LAYOUTS
    assert native.cpus >= 1
    assert native.kernel_items()["layout.scan"] == "row"


def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    """An incomplete installation says which file is missing and what to do."""
    with pytest.raises(EnvironmentFailure, match=r"lab-kernel.* is missing .* make setup"):
        find_native(tmp_path)


def test_a_missing_kernel_build_is_named(tmp_path: Path) -> None:
    """One build of four missing is an incomplete installation."""
    for name in ("lab-kernel", "lab_kernels_0.so", "lab_kernels_1.so", "lab_kernels_2.so"):
        (tmp_path / name).touch()
    with pytest.raises(EnvironmentFailure, match=r"lab_kernels_3\.so is missing"):
        find_native(tmp_path)


def test_without_the_compiled_module_the_remedy_is_to_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that was never built says so."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EnvironmentFailure, match=r"lab\._native is not installed.*make setup"):
        find_native()


def test_the_code_lies_elsewhere_in_every_build() -> None:
    """The padding comes before the kernels: each build places the same code in other cache sets and branch slots."""
    places = [place_of(kernels, "lk_kernels_v1") for kernels in find_native().kernels]
    within_page = {place % 4096 for place in places}
    assert len(within_page) == LAYOUTS
    assert [place - places[0] for place in places] == sorted(place - places[0] for place in places)
    assert all((place - places[0]) % 64 == 0 for place in places)


PLACE = """
import ctypes, sys


class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("file", "base", "symbol", "at")]


info = Info()
address = ctypes.cast(getattr(ctypes.CDLL(sys.argv[1]), sys.argv[2]), ctypes.c_void_p)
assert ctypes.CDLL(None).dladdr(address, ctypes.byref(info))
print(info.at - info.base)
"""


def place_of(library: Path, symbol: str) -> int:
    """The offset of an exported function from where its library is loaded, in a process that loads nothing else."""
    command = [sys.executable, "-c", PLACE, str(library), symbol]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_the_digest_follows_the_code(native: Native, tmp_path: Path) -> None:
    """The same builds have the same digest, another build another."""
    other = tmp_path / "other.so"
    other.write_bytes(native.kernels[0].read_bytes() + b"\0")
    assert native.digest() == replace(native, cpus=9).digest()
    assert native.digest() != replace(native, kernels=(other,)).digest()


def test_a_library_that_does_not_load_is_an_environment_failure(native: Native, tmp_path: Path) -> None:
    """The loader's words and the remedy reach the user."""
    bad = tmp_path / "bad.so"
    bad.write_text("not a library")
    with pytest.raises(EnvironmentFailure, match=r"does not load: .*bad\.so.*make setup"):
        replace(native, kernels=(bad,)).kernel_items()
