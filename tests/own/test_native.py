"""A user's own C: a file with marked functions, functions of shared libraries, and what goes wrong with either."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.core.errors import EnvironmentFailure, UsageError
from lab.experiment.compiled import CSource, DoesNotCompile, Exported, Workshop, glue
from lab.measure.native import find_native
from tests.own.conftest import Lab

BUDGET = ("--budget", "90")
TWICE = """
#include <lk/compare.h>
typedef struct input { size_t count; uint32_t values[4096]; } input;
static const char *fill(input *self, const lk_data *data) {
    self->count = data->count ? data->count : 4096;
    for (size_t i = 0; i < 4096; i++) {
        self->values[i] = (uint32_t)(i * 2654435761u);
    }
    return self->count > 4096 ? "more than 4096 bytes of data" : NULL;
}
LK_CASE(input, fill, NULL)
static uint64_t once(const input *self) {
    uint64_t sum = 0;
    for (size_t i = 0; i < self->count; i++) {
        sum = (sum ^ self->values[i]) * 1099511628211u;
    }
    return sum;
}
static uint64_t thrice(const input *self) {
    uint64_t sum = 0;
    for (int turn = 0; turn < 3; turn++) {
        sum = once(self);
        __asm__ volatile("" ::: "memory");
    }
    return sum;
}
static uint64_t wrong(const input *self) { return once(self) + 1; }
static uint64_t crashes(const input *self) { return *(volatile uint64_t *)(self->count - self->count); }
static uint64_t hangs(const input *self) { volatile size_t more = self->count; while (more) { } return 0; }
static uint64_t aborts(const input *self) { (void)self; abort(); }
static uint64_t writes(const input *self) { ((volatile input *)self)[1 << 20].count = 1; return once(self); }
"""


@pytest.fixture
def variants(folder: Path) -> Path:
    """Writes the arms that are given into a C file."""
    return folder / "variants.c"


def mark(path: Path, *arms: str) -> None:
    path.write_text(TWICE + "".join(f"LK_ARM({arm})\n" for arm in arms))


def test_functions_of_a_c_file_are_compared_with_counts(lab: Lab, variants: Path) -> None:
    mark(variants, "once", "thrice")
    done = lab("compare", "variants.c", *BUDGET, "--json")
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["comparisons"]
    assert (one["baseline"], one["arm"], one["verdict"], one["item"]) == ("once", "thrice", "worse", "call")
    assert one["ratio"] > 2
    counts = {count["metric"]: count for count in one["counts"]}
    assert counts["allocations"]["arm"] == 0
    if shutil.which("valgrind"):
        assert counts["instructions"]["arm"] > 2.5 * counts["instructions"]["baseline"]


@pytest.mark.parametrize("data", [b"", b"x" * 100])
def test_data_of_a_c_file_is_mapped_for_its_setup(lab: Lab, folder: Path, variants: Path, data: bytes) -> None:
    mark(variants, "once", "thrice")
    (folder / "data").write_bytes(data)
    done = lab("compare", "variants.c", "--data", "data", *BUDGET, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["comparisons"][0]["verdict"] == "worse"


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ("crashes", "signal 11"),
        ("aborts", "signal 6"),
        ("hangs", "no sign of life for 3 s"),
        ("writes", "signal 11"),
        ("wrong", "different answers"),
    ],
)
def test_broken_function_is_named_before_anything_is_measured(
    lab: Lab, folder: Path, variants: Path, arm: str, words: str
) -> None:
    mark(variants, "once", arm)
    done = lab("compare", "variants.c", "--timeout", "3")
    assert (done.returncode, done.stdout) == (3, "")
    assert arm in done.stderr.splitlines()[-1]
    assert words in done.stderr.splitlines()[-1]
    assert not list((folder / "reports").glob("runs/*"))


def test_broken_function_costs_only_itself(lab: Lab, variants: Path) -> None:
    mark(variants, "once", "crashes", "thrice")
    done = lab("compare", "variants.c", *BUDGET, "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert [(one["arm"], one["verdict"]) for one in found["comparisons"]] == [("thrice", "worse")]
    assert "signal 11" in found["failures"]["crashes"]


def test_setup_that_fails_says_why(lab: Lab, folder: Path, variants: Path) -> None:
    mark(variants, "once", "thrice")
    (folder / "data").write_bytes(b"x" * 5000)
    done = lab("compare", "variants.c", "--data", "data")
    assert done.returncode == 3
    assert "more than 4096 bytes of data" in done.stderr


def test_compile_error_is_shown_as_the_compiler_wrote_it(lab: Lab, variants: Path) -> None:
    variants.write_text(
        "#include <lk/compare.h>\nstatic uint64_t f(const lk_data *data) { return nonsense; }\nLK_ARM(f)\n"
    )
    done = lab("compare", "variants.c")
    assert done.returncode == 2
    assert "variants.c:2:" in done.stderr
    assert "nonsense" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("lab: variants.c does not compile")


def test_flags_reach_the_compiler(lab: Lab, variants: Path) -> None:
    variants.write_text(
        "#include <lk/compare.h>\n#ifndef WANTED\n#error WANTED is not set\n#endif\n"
        "static uint64_t f(const lk_data *data) { return data->count; }\nLK_ARM(f)\n"
    )
    assert "WANTED is not set" in lab("compare", "variants.c").stderr
    done = lab("compare", "variants.c", "--cflags", "-DWANTED")
    assert "mark two functions or more with LK_ARM" in done.stderr
    assert done.returncode == 2


def test_template_compiles_and_has_two_arms(lab: Lab, folder: Path, tmp_path: Path) -> None:
    printed = lab("compare", "--print-template", "c").stdout
    (folder / "variants.c").write_text(printed)
    compiled = Workshop(native=find_native(), keep=tmp_path / "builds").build(folder / "variants.c")
    assert compiled.arms == ("bit_by_bit", "set_bits_only")
    assert len(set(compiled.subject.builds)) == 4
    assert len({build.read_bytes() for build in compiled.subject.builds}) == 4


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_header_compiles_without_a_warning(folder: Path, variants: Path, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    mark(variants, "once", "thrice")
    include = find_native().include
    command = [compiler, "-std=gnu11", "-O3", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-fPIC", "-shared"]
    subprocess.run([*command, f"-I{include}", str(variants), "-o", str(folder / "out.so"), "-lm"], check=True)


def build_libraries(folder: Path) -> None:
    (folder / "sum.h").write_text(
        "#include <stddef.h>\n#include <stdint.h>\nuint64_t total(const uint32_t *values, size_t count);\n"
    )
    for name, turns in (("liba", 1), ("libb", 3)):
        (folder / f"{name}.c").write_text(
            '#include "sum.h"\nuint64_t total(const uint32_t *values, size_t count) {\n    uint64_t sum = 0;\n'
            f"    for (int turn = 0; turn < {turns}; turn++) {{\n        sum = 0;\n"
            "        for (size_t i = 0; i < count; i++) {\n            sum = (sum ^ values[i]) * 31;\n        }\n"
            '        __asm__ volatile("" ::: "memory");\n    }\n    return sum;\n}\n'
        )
        command = ["cc", "-O2", "-fPIC", "-shared", f"{name}.c", "-o", f"{name}.so"]
        subprocess.run(command, cwd=folder, check=True)


def test_two_builds_of_a_library_are_compared(lab: Lab, folder: Path) -> None:
    build_libraries(folder)
    (folder / "data").write_bytes(bytes(range(256)) * 64)
    done = lab(
        "compare", "liba.so:total", "libb.so:total", "--header", "sum.h", "--data", "data",
        "--call", "total(data, bytes / sizeof(uint32_t))", *BUDGET, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["comparisons"]
    assert (one["baseline"], one["arm"], one["verdict"]) == ("liba.so:total", "libb.so:total", "worse")


def test_library_without_the_function_or_header_is_told(lab: Lab, folder: Path) -> None:
    build_libraries(folder)
    done = lab("compare", "liba.so:total", "libb.so:total")
    assert (done.returncode, "--header" in done.stderr) == (2, True)
    done = lab("compare", "liba.so:total", "libb.so:nothing", "--header", "sum.h", "--call", "total(data, 0)")
    assert done.returncode == 3
    assert "undefined symbol: nothing" in done.stderr
    done = lab("compare", "liba.so:total", "libc.so:total", "--header", "sum.h")
    assert (done.returncode, "there is no file libc.so" in done.stderr) == (2, True)


def test_glue_names_what_it_opens_by_content(folder: Path) -> None:
    """Otherwise figures of another revision of the library would be taken from the cache."""
    library = folder / "lib.so"
    texts = []
    for content in (b"one", b"two"):
        library.write_bytes(content)
        texts.append(glue([Exported(library, "f"), Exported(library, "g")], ["f", "g"], folder / "f.h", ""))
    assert texts[0] != texts[1]


def test_compiler_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    workshop = Workshop(native=find_native(), keep=tmp_path)
    monkeypatch.setenv("CC", "no-such-compiler -O0")
    with pytest.raises(EnvironmentFailure, match="no-such-compiler"):
        workshop.compiler()
    monkeypatch.setenv("CC", "cc -pipe")
    assert workshop.compiler() == ["cc", "-pipe"]


def test_c_source_of_a_declaration_is_built_when_it_changes(
    variants: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    mark(variants, "once", "thrice")
    subject = CSource(variants)
    first = subject.builds
    assert subject.builds == first
    mark(variants, "once", "thrice", "wrong")
    assert set(subject.builds).isdisjoint(first)
    variants.write_text("#include <lk/compare.h>\nnonsense\n")
    with pytest.raises(DoesNotCompile, match="does not compile") as error:
        _ = subject.builds
    assert "nonsense" in error.value.output
    variants.unlink()
    with pytest.raises(UsageError, match="there is no file"):
        _ = subject.builds
