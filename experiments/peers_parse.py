"""Kernels of the experiment `peers` over Python sources: lexing, parsing and dumping them, file by file.

Each arm is what one would write with that library. A factory runs its arm over every file once, and ours is compared
with CPython's own answer there, so the checksum while time is taken need only be a count.
"""

import ast
import importlib
import io
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.peers_text import need
from lab.experiment.python_kernel import PythonKernel, Unsupported
from lab.translation import Session, UnsupportedGrammarError

COMPARED = 16  # files whose text is compared with ast.dump
WHOLE_BYTES = 2_000_000
# A statement that must begin a module, and what a concatenation cannot hold twice.
_FIRST_ONLY = (b"from __future__", b"coding", b"\xef\xbb\xbf")

Work = Callable[[bytes], object]


class WrongAnswer(Exception):
    """An arm does not answer as CPython does."""


@dataclass(slots=True)
class Sources:
    """An iteration does all sources, one after the other."""

    sources: list[bytes]
    work: Work
    pass_iterations: int = 1

    def run(self, first: int, count: int) -> tuple[int, int]:
        """The bytes of the sources, twice: as checksum and as items."""
        done = 0
        for _ in range(count):
            for source in self.sources:
                self.work(source)
                done += len(source)
        return done, done


def read_sources(data: memoryview | None) -> list[bytes]:
    """The files of an input in the format LKSOURCE (experiments.inputs).

    Raises:
        ValueError: there is no input.
    """
    if data is None:
        raise ValueError("the kernel reads files: declare its input")
    places = [struct.unpack_from("<QQ", data, 16 + 16 * section) for section in range(2)]
    table, octets = (data[place : place + size] for place, size in places)
    return [bytes(octets[place : place + size]) for place, size in struct.iter_unpack("<QQ", table)]


def each(args: Mapping[str, str], data: memoryview | None) -> PythonKernel:
    """`stage` lex, parse or text of every file, by the `contender`.

    Raises:
        Unsupported: the contender is not installed, or the front end does not know the running Python's grammar.
        WrongAnswer: ours is not CPython's.
    """
    sources = [source for source in read_sources(data) if _is_python(source)]
    work = _CONTENDERS[args["stage"], args["contender"]]()
    for source in sources:
        work(source)
    if args["contender"] == "ours":
        _compare(sources[:COMPARED])
    return Sources(sources, work)


def whole(args: Mapping[str, str], data: memoryview | None) -> PythonKernel:
    """One source of all files end to end, up to WHOLE_BYTES, parsed by the `contender`.

    Raises:
        Unsupported: as for `each`.
    """
    source = b""
    for one in read_sources(data):
        if len(source) + len(one) <= WHOLE_BYTES and _is_python(one) and not any(word in one for word in _FIRST_ONLY):
            source += one.rstrip(b"\\\n") + b"\n"
    work = {"ours": _ours("parse"), "ruff": _ruff}[args["contender"]]()
    work(source)
    return Sources([source], work)


def _is_python(source: bytes) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _compare(sources: list[bytes]) -> None:
    with Session() as session:
        for source in sources:
            if session.text(source).decode() != ast.dump(ast.parse(source), include_attributes=True):
                raise WrongAnswer("the front end does not answer as ast.dump does: run lab verify-frontend")


def _ours(stage: Any) -> Callable[[], Work]:
    def make() -> Work:
        try:
            session = Session()
        except UnsupportedGrammarError as error:
            raise Unsupported(str(error)) from None
        return lambda source: session.run(source, stage)

    return make


def _cpython_tokenizer() -> Work:
    try:
        tokens: Callable[..., Iterable[object]] = importlib.import_module("_tokenize").TokenizerIter
    except (ImportError, AttributeError):
        raise Unsupported("this interpreter does not show its tokenizer (_tokenize.TokenizerIter)") from None

    def begin(source: bytes) -> Iterable[object]:
        if sys.version_info < (3, 12):
            return tokens(source.decode())
        return tokens(io.BytesIO(source).readline, encoding="utf-8", extra_tokens=False)

    def work(source: bytes) -> object:
        last = None
        for last in begin(source):  # noqa: B007
            pass
        return last

    return work


def _tree_sitter() -> Work:
    module, grammar = need("tree_sitter"), need("tree_sitter_python")
    parser = module.Parser(module.Language(grammar.language()))
    work: Work = parser.parse
    return work


def _libcst() -> Work:
    work: Work = need("libcst").parse_module
    return work


def _parso() -> Work:
    grammar = need("parso").load_grammar()
    return lambda source: grammar.parse(source.decode())


def _ruff() -> Work:
    program = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if program is None:
        raise Unsupported("ruff is not installed; install it with: pip install ruff")
    # E902 is about reading the file: no rule that it selects looks at the tree, but it is parsed all the same.
    command = [
        program,
        "check",
        "--isolated",
        "--no-cache",
        "--quiet",
        "--select",
        "E902",
        "--stdin-filename",
        "a.py",
        "-",
    ]
    environment = os.environ | {"RAYON_NUM_THREADS": "1"}

    def work(source: bytes) -> object:
        done = subprocess.run(command, input=source, capture_output=True, env=environment, check=False)
        if done.returncode:
            raise WrongAnswer(f"ruff ended with {done.returncode}: {done.stdout[:200]!r}")
        return done

    return work


_CONTENDERS: Mapping[tuple[str, str], Callable[[], Work]] = {
    ("lex", "ours"): _ours("lex"),
    ("lex", "cpython"): _cpython_tokenizer,
    ("parse", "ours"): _ours("parse"),
    ("parse", "ast"): lambda: ast.parse,
    ("parse", "tree_sitter"): _tree_sitter,
    ("parse", "libcst"): _libcst,
    ("parse", "parso"): _parso,
    ("text", "ours"): _ours("text"),
    ("text", "ast"): lambda: lambda source: ast.dump(ast.parse(source), include_attributes=True),
}
