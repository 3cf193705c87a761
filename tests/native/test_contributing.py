"""The checklist in docs/contributing.md is true: its two files, copied out of it, are an experiment that runs."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from lab.experiment.registry import load_experiments
from lab.measure.native import find_native
from lab.measure.process import run_lines

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "native/kernels/src"


def block(language: str) -> str:
    """The block of code of a language in the document."""
    text = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    assert len(found) == 1
    return textwrap.dedent(found[0])


def compiler() -> str:
    return os.environ.get("CC") or shutil.which("cc") or pytest.skip("needs a C compiler")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document's kernel, built with the files that every kernel needs."""
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "strides.c").write_text(block("c"))
    built = folder / "strides.so"
    done = subprocess.run(
        [
            compiler(), "-shared", "-fPIC", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
            "-fvisibility=hidden", f"-I{SOURCES}", f"-I{ROOT / 'native/kernels/include'}",
            str(folder / "strides.c"), str(SOURCES / "define.c"), str(SOURCES / "args.c"), "-o", str(built),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return built


def test_the_kernel_registers_itself(library: Path) -> None:
    """The library of that one file offers its kernel, with its parameters; nothing else names it."""
    answers = []
    outcome = run_lines(
        find_native().driver_command(),
        stdin_text=f"lib\t0\t{library}\nlist\t0\n",
        answers=True,
        idle_timeout_s=20,
        on_line=lambda line: answers.append(msgspec.json.decode(line)),
    )
    assert outcome.trouble is None
    kernels = [answer for answer in answers if "kernel" in answer]
    assert [answer["kernel"] for answer in kernels] == ["strides.walk"]
    assert [param[0] for param in kernels[0]["params"]] == ["direction", "stride"]


def test_the_experiment_is_found_and_fits_the_kernel(library: Path, tmp_path: Path) -> None:
    """The module is found by its place, and its factors and arms are the kernel's parameters and levels."""
    (tmp_path / "pyproject.toml").write_text('[tool.lab]\nexperiments = "experiments"\n')
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments/strides.py").write_text(block("python"))
    (experiment,) = load_experiments(["strides"], tmp_path)
    (group,) = experiment.groups
    assert group.kernel == "strides.walk"
    assert group.arms.parameter == "direction"
    assert set(group.arms.meaning) == {"up", "down"}
    assert [factor.name for factor in group.factors] == ["stride"]


def test_a_file_of_a_built_in_kernel_is_named_nowhere_else() -> None:
    """No list of kernels is kept by hand: each file's stem stands in no other source or build file."""
    files = [*SOURCES.glob("*.[ch]"), *(ROOT / "native").glob("**/CMakeLists.txt")]
    kernels = [path for path in SOURCES.glob("*.c") if "LK_KERNEL(" in path.read_text()]
    assert kernels
    for kernel in kernels:
        others = [path for path in files if path != kernel and f"{kernel.stem}_kernel" in path.read_text()]
        assert others == []


def test_the_header_of_a_component_is_found_by_its_place(tmp_path: Path) -> None:
    """A header with a mark becomes a part of the binding, after the headers that it includes; nothing else names it."""
    folder = tmp_path / "include/pm"
    folder.mkdir(parents=True)
    mark = "/* cdef:begin */\n{}\n/* cdef:end */\n"
    (folder / "apple.h").write_text('#include "zebra.h"\n' + mark.format("PM_API int pm_apple(zebra *);"))
    (folder / "zebra.h").write_text('#include "pm/apple.h"\n' + mark.format("typedef struct zebra zebra; /* mine */"))
    (folder / "inner.h").write_text("int pm_inner(void);\n")
    cdef, prelude = tmp_path / "cdef", tmp_path / "prelude"
    cut = ROOT / "native/binding/cut_cdef.py"
    subprocess.run([sys.executable, cut, cdef, prelude, tmp_path / "include"], check=True)
    assert cdef.read_text().split("\n") == ["typedef struct zebra zebra; ", " int pm_apple(zebra *);", ""]
    assert prelude.read_text() == '#include "pm/zebra.h"\n#include "pm/apple.h"\n'


def test_no_list_names_the_components() -> None:
    """No build file of the layer names a component's header, source or test."""
    components = {path.stem for path in (ROOT / "native/memory/include/pm").glob("*.h")}
    text = "".join(
        (ROOT / "native" / name).read_text()
        for name in ("binding/CMakeLists.txt", "memory/CMakeLists.txt", "memory/tests/CMakeLists.txt")
    )
    named = {name for name in components if re.search(rf"\b(?:test_)?{name}\.[ch]\b", text)}
    assert named == {"stream"}  # has compiler options of its own
