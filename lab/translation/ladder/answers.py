"""What CPython says of a source: tokens, nodes, dumps and columns as digests, or where and why it refuses.

A refusal's line is *stable* where it depends on nothing that follows it: where CPython, given the source only up to the
end of that line, refuses it in the same line for the same reason. Others are artefacts of how CPython searches for a
helpful message (it reads on, to the end of the file if need be, and then points to where a bracket or an expression
begins), and are not compared.
"""

import ast
import hashlib
import io
import re
import sys
import threading
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from lab.translation.delegate import decode_source
from lab.translation.ladder.rows import rows_of_tree
from lab.translation.session import TOKEN

Mode = Literal["file", "mutant"]
DIGEST_BYTES: Final = 16
STACK_BYTES: Final = 512 << 20
RECURSION: Final = 50_000
_CLASSES: Final = {
    tokenize.ENDMARKER: 0,
    tokenize.NEWLINE: 1,
    tokenize.INDENT: 2,
    tokenize.DEDENT: 3,
    tokenize.NAME: 4,
    tokenize.NUMBER: 5,
    tokenize.STRING: 6,
    tokenize.OP: 7,
}
_PLACELESS: Final = 3  # classes up to this one have no text
_SILENT: Final = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)
_NUMBER: Final = re.compile(r"\d+")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Answer:
    """CPython's answer to one source.

    Attributes:
        accepted: Whether it parses.
        error: The exception's name and message, where not.
        line: Where it was refused, from 1; 0 where CPython names no line.
        stable: Whether the line depends on nothing that follows it.
        tokens: Digest of the token views; empty where the tokenize module has no answer.
        kinds: Digest of the histogram of node classes; as all that follow empty where refused.
        plain: Digest of the dump without attributes.
        full: Digest of the dump with attributes.
        columns: Digest of the nodes as columns.
    """

    accepted: bool
    error: str = ""
    line: int = 0
    stable: bool = False
    tokens: str = ""
    kinds: str = ""
    plain: str = ""
    full: str = ""
    columns: str = ""


def digest(data: bytes) -> str:
    """A digest in hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def answer(source: bytes, mode: Mode) -> Answer:
    """Ask CPython.

    Args:
        source: A file as it stands on disk.
        mode: "file" asks everything, "mutant" whether it parses and the full dump.
    """
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = _line(error)
        return Answer(False, f"{type(error).__name__}: {error}", line, bool(line) and _is_stable(source, error))
    if mode == "mutant":
        return Answer(True, full=digest(dump(tree)))
    tokens = token_views(source)
    return Answer(
        True,
        tokens="" if tokens is None else digest(tokens.tobytes()),
        kinds=digest(repr(sorted(kinds(tree).items())).encode()),
        plain=digest(ast.dump(tree).encode()),
        full=digest(dump(tree)),
        columns=rows_of_tree(tree).digest(),
    )


def parse(source: bytes) -> ast.Module:
    """`ast.parse` without warnings of what the source does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def dump(tree: ast.Module) -> bytes:
    """The text that the front end is to make of the tree's source."""
    return ast.dump(tree, include_attributes=True).encode()


def kinds(tree: ast.Module) -> Counter[str]:
    """How many nodes there are of each class; contexts and operators are values of fields here, not nodes."""
    marks = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
    return Counter(type(node).__name__ for node in ast.walk(tree) if not isinstance(node, marks))


def token_views(source: bytes) -> npt.NDArray[np.void] | None:
    """The tokens of the tokenize module as the front end tells them, shape (n,) of TOKEN; None where it has no answer.

    It has none where its patterns do not know a character that identifiers allow.
    """
    views = []
    try:
        text = decode_source(source)
        begins = _line_begins(text)
        lines = [line.decode() for line in text.split(b"\n")]
        for token in tokenize.generate_tokens(io.StringIO(text.decode(), newline="\n").readline):
            if token.type in _SILENT:
                continue
            if token.type not in _CLASSES:
                return None
            code = _CLASSES[token.type]
            if code <= _PLACELESS:
                views.append((code, 0, 0, 0))
            else:
                line, column = token.start
                start = begins[line - 1] + len(lines[line - 1][:column].encode())
                views.append((code, start, start + len(token.string.encode()), line))
    except (tokenize.TokenError, SyntaxError):
        return None
    return np.array(views, TOKEN)


def deeply(function: Callable[[], _Result]) -> _Result:
    """Call a function where recursion has room, on a thread of its own with a large stack, and ints have any size."""
    results: list[_Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    before, limit = threading.stack_size(STACK_BYTES), sys.getrecursionlimit()
    digits = sys.get_int_max_str_digits()
    sys.setrecursionlimit(RECURSION)
    sys.set_int_max_str_digits(0)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        sys.set_int_max_str_digits(digits)
        threading.stack_size(before)
    if errors:
        raise errors[0]
    return results[0]


def _line_begins(text: bytes) -> list[int]:
    begins = [0]
    while place := text.find(b"\n", begins[-1]) + 1:
        begins.append(place)
    return begins


def _line(error: Exception) -> int:
    return getattr(error, "lineno", None) or 0


def _reason(error: Exception) -> str:
    """An error's words without numbers of lines in them."""
    return _NUMBER.sub("", getattr(error, "msg", None) or str(error))


def _is_stable(source: bytes, error: Exception) -> bool:
    line = _line(error)
    lines = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    try:
        parse(b"\n".join(lines[:line]) + b"\n")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as again:
        return (_line(again), _reason(again)) == (line, _reason(error))
    return False
