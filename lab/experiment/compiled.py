"""A user's own C, built into kernel libraries: a file that includes lk/compare.h, or glue around shared libraries.

Each source is built four times with different padding in front of the code, so that the place of the code in memory
is drawn at random per process instead of being decided once by the linker.
"""

import functools
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lab.core.errors import EnvironmentFailure, LabError, UsageError
from lab.experiment.subjects import Base, NativeKernel
from lab.measure.native import Native, find_native
from lab.measure.process import run_lines

KERNEL = "compare"  # the name of the one kernel that lk/compare.h makes
PADS = (0, 704, 1984, 3136)  # bytes, multiples of a cache line; as in native/kernels/CMakeLists.txt
FLAGS = ("-O3", "-g", "-std=gnu11", "-fPIC", "-shared", "-fvisibility=hidden", "-falign-functions=64")
COMPILERS = ("cc", "gcc", "clang")
LIST_TIMEOUT_S = 20.0


class DoesNotCompile(LabError):
    """The compiler refused the user's code; `output` is what it wrote."""

    exit_code = UsageError.exit_code

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


@dataclass(frozen=True, slots=True)
class Compiled:
    """A source and its builds.

    Attributes:
        subject: the kernel in its builds.
        arms: the names of the arms, the baseline first.
    """

    subject: NativeKernel
    arms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What is needed to build.

    Attributes:
        native: the driver and the headers of this installation.
        keep: folder in which builds are kept, each in a folder named by its content.
        cflags: the user's own flags, after the lab's.
    """

    native: Native
    keep: Path
    cflags: tuple[str, ...] = ()

    def compiler(self) -> list[str]:
        """The compiler's command: that of the variable CC, or the first that is installed.

        Raises:
            EnvironmentFailure: there is none.
        """
        chosen = shlex.split(os.environ.get("CC", ""))
        if chosen:
            if shutil.which(chosen[0]) is None:
                raise EnvironmentFailure(f"the compiler {chosen[0]}, which the variable CC names, is not installed")
            return chosen
        for name in COMPILERS:
            if shutil.which(name):
                return [name]
        raise EnvironmentFailure("there is no C compiler here; install gcc or clang, or name one with CC=...")

    def build(self, source: Path, *, sources: Sequence[Path] = (), described: str = "") -> Compiled:
        """Build a C file that includes lk/compare.h.

        Args:
            source: the file.
            sources: other files that decide what is measured.
            described: where it comes from, for the report.

        Raises:
            UsageError: there is no such file, or it marks fewer than two arms.
            DoesNotCompile: see there.
            EnvironmentFailure: there is no compiler, or no header.
        """
        if not source.is_file():
            raise UsageError(f"there is no file {source}")
        command = self._command(source)
        with tempfile.TemporaryDirectory(prefix="lab-build-") as folder:
            outputs = [Path(folder) / f"build_{number}.so" for number in range(len(PADS))]
            self._compile(command, source, PADS[0], outputs[0])
            with ThreadPoolExecutor(max_workers=self.native.cpus) as pool:
                jobs = [
                    pool.submit(self._compile, command, source, pad, output)
                    for pad, output in zip(PADS[1:], outputs[1:], strict=True)
                ]
                for job in jobs:
                    job.result()
            digest = hashlib.sha256(b"".join(output.read_bytes() for output in outputs)).hexdigest()[:16]
            kept = self.keep / digest
            builds = tuple(kept / output.name for output in outputs)
            if not all(build.is_file() for build in builds):
                _keep(outputs, kept)
        flags = shlex.join([command[0], *FLAGS[:2], *self.cflags])
        subject = NativeKernel(KERNEL, builds, described or f"{source.name}, {flags}", tuple(sources))
        arms = self._arms(builds[0])
        if len(arms) < 2:
            raise UsageError(
                f"{source}: {len(arms) or 'no'} arm{'s' * (len(arms) != 1)}; mark two functions or more with"
                " LK_ARM(function); lab compare --print-template c prints a file to start from"
            )
        return Compiled(subject, arms)

    def _command(self, source: Path) -> list[str]:
        include = self.native.include
        if include is None or not (include / "lk" / "compare.h").is_file():
            raise EnvironmentFailure("lk/compare.h is missing beside the compiled module; build the native part")
        return [*self.compiler(), *FLAGS, f"-I{include}", f"-I{source.parent}", *self.cflags]

    def _compile(self, command: Sequence[str], source: Path, pad: int, output: Path) -> None:
        whole = [*command, f"-DLK_LAYOUT_PAD={pad}", str(source), "-o", str(output), "-lm", "-ldl"]
        try:
            done = subprocess.run(whole, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise EnvironmentFailure(f"cannot start {command[0]}: {error.strerror}") from error
        if done.returncode:
            raise DoesNotCompile(f"{source} does not compile; {command[0]} says why above", done.stdout + done.stderr)

    def _arms(self, library: Path) -> tuple[str, ...]:
        found: list[_Listed] = []
        outcome = run_lines(
            self.native.driver_command(),
            stdin_text=f"lib\t0\t{library}\nlist\t0\n",
            answers=True,
            idle_timeout_s=LIST_TIMEOUT_S,
            on_line=lambda line: found.append(msgspec.json.decode(line, type=_Listed)),
        )
        if outcome.trouble is not None:
            raise UsageError(f"the compiled code cannot be loaded: {outcome.trouble}")
        levels = next((one.params[0][2] for one in found if one.kernel == KERNEL), "")
        return tuple(filter(None, levels.split(",")))


@dataclass(frozen=True, slots=True)
class CSource(Base):
    """A C file that includes lk/compare.h, compiled when the run is planned.

    The group's arms have the parameter "arm" and the names of the functions that LK_ARM marks.

    Attributes:
        file: the C file; beside the experiment's own file with `Path(__file__).with_name(...)`.
        cflags: the user's own flags, after -O3 -g.
    """

    file: Path
    cflags: tuple[str, ...] = ()

    @property
    def kernel(self) -> str:
        """As in CasePlan.kernel."""
        return KERNEL

    @property
    def passes(self) -> tuple[str, ...]:
        """Names of the probes that look at it where the group names none."""
        return ("callgrind", "allocations", "resident")

    @property
    def builds(self) -> tuple[Path, ...]:
        """The builds, made now unless they are there.

        Raises:
            UsageError: see Workshop.build.
            DoesNotCompile: see there.
        """
        status = self.file.stat() if self.file.is_file() else None
        return _built(self.file, self.cflags, (status.st_mtime_ns, status.st_size) if status else None)

    @property
    def described(self) -> str:
        """Where it comes from."""
        return shlex.join([self.file.name, "-O3", "-g", *self.cflags])


@functools.lru_cache(maxsize=64)
def _built(file: Path, cflags: tuple[str, ...], version: tuple[int, int] | None) -> tuple[Path, ...]:
    del version  # of the file: a changed one is built again
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    workshop = Workshop(native=find_native(), keep=cache / "portalis-lab" / "builds", cflags=cflags)
    return workshop.build(file.resolve()).subject.builds


class _Listed(msgspec.Struct):
    kernel: str
    params: list[list[str]]


def _keep(outputs: Sequence[Path], folder: Path) -> None:
    """Move builds to the folder that is named by their content, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as name:
        staged = Path(name) / "builds"
        staged.mkdir()
        for output in outputs:
            shutil.copy(output, staged / output.name)
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)


@dataclass(frozen=True, slots=True)
class Exported:
    """A function that a shared library exports: "liba.so:sum"."""

    library: Path
    symbol: str

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.library.name}:{self.symbol}"


def glue(functions: Sequence[Exported], names: Sequence[str], header: Path, call: str) -> str:
    """The C file that makes functions of shared libraries the arms of one case.

    Args:
        functions: the baseline's first.
        names: of the arms, in the same order.
        header: declares the functions.
        call: the expression that is one call and its answer; "" for NAME(data, bytes).
    """
    first = functions[0].symbol
    linked = " ".join(hashlib.sha256(function.library.read_bytes()).hexdigest() for function in functions)
    expression = call or f"{first}(data, bytes)"
    parts = [
        "#include <lk/compare.h>",
        "#include <dlfcn.h>",
        "/* What is opened is part of this library, so that no figures of another revision are taken for its own. */",
        f"__attribute__((used)) static const char lk_glue_of[] = {_quoted(linked)};",
        f"#include {_quoted(str(header.resolve()))}",
        "static const char *lk_glue_setup(lk_data *self, const lk_data *data);",
        "LK_CASE(lk_data, lk_glue_setup, NULL)",
    ]
    for number, function in enumerate(functions):
        parts += [
            f"static __typeof__(&{first}) lk_glue_{number};",
            f"static LK_APART_ uint64_t lk_glue_run_{number}(void *lk_input_) {{",
            "    const void *const data = ((const lk_data *)lk_input_)->bytes;",
            "    const size_t bytes = ((const lk_data *)lk_input_)->count;",
            "    (void)data;",
            "    (void)bytes;",
            *(f"#define {symbol} lk_glue_{number}" for symbol in dict.fromkeys([first, function.symbol])),
            f"    return LK_ANSWER_({expression});",
            *(f"#undef {symbol}" for symbol in dict.fromkeys([first, function.symbol])),
            "}",
            f"__attribute__((constructor)) static void lk_glue_add_{number}(void) {{",
            f"    lk_add_arm_({_quoted(names[number])}, lk_glue_run_{number});",
            "}",
        ]
    parts.append("static const char *lk_glue_setup(lk_data *self, const lk_data *data) {")
    for number, function in enumerate(functions):
        parts += [
            "    {",
            f"        void *library = dlopen({_quoted(str(function.library))}, RTLD_NOW | RTLD_LOCAL);",
            f"        void *symbol = library ? dlsym(library, {_quoted(function.symbol)}) : NULL;",
            "        if (!symbol) {",
            "            return dlerror();",
            "        }",
            f"        memcpy(&lk_glue_{number}, &symbol, sizeof symbol);",
            "    }",
        ]
    parts += ["    *self = *data;", "    return NULL;", "}", ""]
    return "\n".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
