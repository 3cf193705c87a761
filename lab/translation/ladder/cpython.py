"""What the CPython that runs this says of a source. Imports the standard library alone: any interpreter can run it.

Run as a script it answers requests, a line of JSON each, on standard input with a line of JSON on standard output:
`{"do": "answer", "source": base64, "mode": "file"}` and so on, see `serve`. `lab.translation.ladder.oracles` starts it.

A refusal's line is *stable* where it depends on nothing that follows it: where CPython, given the source only up to the
end of that line, refuses it in the same line for the same reason. Others are artefacts of how CPython searches for a
helpful message (it reads on, to the end of the file if need be, and then points to where a bracket or an expression
begins), and are not compared.
"""

import array
import ast
import base64
import hashlib
import io
import json
import re
import sys
import threading
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

if __package__:
    from lab.translation.decoding import declared_encoding, decode_source, line_ends
else:  # another interpreter, given the folder of this file and of its neighbours
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from decoding import declared_encoding, decode_source, line_ends  # type: ignore[import-not-found, no-redef]

Mode = Literal["file", "mutant"]
Codes = dict[str, int]
DIGEST_BYTES: Final = 16
STACK_BYTES: Final = 512 << 20
RECURSION: Final = 50_000
NO_FIELD: Final = 255
NUMBERS: Final = ("parent", "index", "lineno", "col_offset", "end_lineno", "end_col_offset")
TEXTS: Final = ("name", "value")
_REFUSALS: Final = (SyntaxError, ValueError, RecursionError, MemoryError)
_MARKS: Final = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
_CLASSES: Final = {
    tokenize.ENDMARKER: 0,
    tokenize.NEWLINE: 1,
    tokenize.INDENT: 2,
    tokenize.DEDENT: 3,
    tokenize.NAME: 4,
    tokenize.NUMBER: 5,
    tokenize.STRING: 6,
    tokenize.OP: 7,
} | {
    getattr(tokenize, f"{letter}STRING_{part}"): code
    for letter in "FT"
    for code, part in ((8, "START"), (9, "MIDDLE"), (10, "END"))
    if hasattr(tokenize, f"{letter}STRING_{part}")
}
_PLACELESS: Final = 3  # classes up to this one have no text
_SILENT: Final = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)
_NUMBER: Final = re.compile(r"\d+")
_FAULT: Final = re.compile(r"field '\w+' is required")  # of trees that 3.12 and 3.13 make of some f-strings
_PLACE: Final = ("lineno", "col_offset", "end_lineno", "end_col_offset")
# The field of each class that is its first identifier.
_NAME_FIELDS: Final = {
    "FunctionDef": "name",
    "AsyncFunctionDef": "name",
    "ClassDef": "name",
    "ImportFrom": "module",
    "Attribute": "attr",
    "Name": "id",
    "ExceptHandler": "name",
    "alias": "name",
    "arg": "arg",
    "keyword": "arg",
    "MatchMapping": "rest",
    "MatchStar": "name",
    "MatchAs": "name",
    "TypeVar": "name",
    "ParamSpec": "name",
    "TypeVarTuple": "name",
}
_Result = TypeVar("_Result")


def digest(data: bytes) -> str:
    """A digest in hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def answer(source: bytes, mode: Mode, kinds_by_name: Codes, fields_by_name: Codes) -> dict[str, Any]:
    """Ask CPython; see `Answer` for what the entries mean.

    Args:
        source: A file as it lies on disk.
        mode: "file" asks everything, "mutant" whether it parses and the full dump.
        kinds_by_name: The front end's code of each class of node.
        fields_by_name: Its code of each field that holds nodes.
    """
    if (line := foreign_line(source)) != 0:
        words = "SyntaxError: Non-UTF-8 code, but no encoding declared"
        return {"accepted": False, "error": words, "line": line, "stable": True}
    try:
        tree = parse(source)
    except _REFUSALS as error:
        if isinstance(error, ValueError) and _FAULT.match(str(error)):
            return {"accepted": False, "error": str(error), "answered": False}
        line = _line(error)
        stable = bool(line) and _is_stable(source, error)
        return {"accepted": False, "error": f"{type(error).__name__}: {error}", "line": line, "stable": stable}
    if mode == "mutant":
        return {"accepted": True, "full": digest(dump(tree))}
    tokens = token_views(source)
    return {
        "accepted": True,
        "tokens": "" if tokens is None else digest(array.array("I", [n for view in tokens for n in view]).tobytes()),
        "kinds": digest(repr(sorted(kinds(tree).items())).encode()),
        "plain": digest(ast.dump(tree).encode()),
        "full": digest(dump(tree)),
        "columns": rows_digest(*rows_of_tree(tree, kinds_by_name, fields_by_name)),
    }


def foreign_line(source: bytes) -> int:
    """The line of the first byte that is no UTF-8, of a source that declares no other encoding; 0 where there is none.

    `ast.parse` takes such bytes in comments and `python FILE` does not; the front end goes with the second.
    """
    text = line_ends(source)
    try:
        text.decode()
    except UnicodeDecodeError as error:
        if declared_encoding(text) in (None, "utf-8"):
            return text.count(b"\n", 0, error.start) + 1
    return 0


def parse(source: bytes) -> ast.Module:
    """`ast.parse` without warnings of what the source does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def dump(tree: ast.Module) -> bytes:
    """The text that the front end is to make of the tree's source."""
    return ast.dump(tree, include_attributes=True).encode()


def kinds(tree: ast.AST) -> Counter[str]:
    """How many nodes there are of each class; contexts and operators are values of fields here, not nodes."""
    return Counter(type(node).__name__ for node in ast.walk(tree) if not isinstance(node, _MARKS))


def token_views(source: bytes) -> list[tuple[int, int, int, int]] | None:
    """The tokens of the tokenize module as the front end gives them: class, start, end, line; None for no answer.

    There is none where its patterns do not know a character that identifiers allow.
    """
    views = []
    try:
        text = decode_source(source)
        begins = _line_begins(text)
        lines = [line.decode() for line in text.split(b"\n")]

        def offset(place: tuple[int, int]) -> int:
            return begins[place[0] - 1] + len(lines[place[0] - 1][: place[1]].encode())

        for token in tokenize.generate_tokens(io.StringIO(text.decode(), newline="\n").readline):
            if token.type in _SILENT:
                continue
            if token.type not in _CLASSES:
                return None
            code = _CLASSES[token.type]
            if code <= _PLACELESS:
                views.append((code, 0, 0, 0))
            else:
                views.append((code, offset(token.start), offset(token.end), token.start[0]))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return views


def rows_of_tree(
    tree: ast.AST, kinds_by_name: Codes, fields_by_name: Codes
) -> tuple[bytes, bytes, dict[str, list[int]], dict[str, list[bytes]]]:
    """A row for each node in the order of ast.dump: codes of kinds and of fields, numbers, texts; see `Rows`."""
    kinds_found, fields_found = bytearray(), bytearray()
    numbers: dict[str, list[int]] = {name: [] for name in NUMBERS}
    texts: dict[str, list[bytes]] = {name: [] for name in TEXTS}
    waiting: list[tuple[ast.AST, int, int, int]] = [(tree, NO_FIELD, -1, -1)]
    while waiting:
        node, field, parent, index = waiting.pop()
        number, kind = len(kinds_found), type(node).__name__
        kinds_found.append(kinds_by_name[kind])
        fields_found.append(field)
        numbers["parent"].append(parent)
        numbers["index"].append(index)
        for name in _PLACE:
            numbers[name].append(getattr(node, name, -1))
        texts["name"].append((getattr(node, _NAME_FIELDS[kind]) or "").encode() if kind in _NAME_FIELDS else b"")
        texts["value"].append(
            repr(node.value).encode() if isinstance(node, (ast.Constant, ast.MatchSingleton)) else b""
        )
        below = [(child, fields_by_name[name], number, place) for child, name, place in _children(node)]
        waiting.extend(reversed(below))
    return bytes(kinds_found), bytes(fields_found), numbers, texts


def rows_digest(kind: bytes, field: bytes, numbers: dict[str, Any], texts: dict[str, list[bytes]]) -> str:
    """A digest of rows, in hexadecimal digits; numbers of int32."""
    made = hashlib.blake2b(kind + field, digest_size=DIGEST_BYTES)
    for name in NUMBERS:
        made.update(array.array("i", numbers[name]).tobytes())
    for name in TEXTS:
        made.update(b"\n".join(texts[name]) + b"\0")
    return made.hexdigest()


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


def serve(request: str, codes: dict[str, Codes]) -> str:
    """The answer to one request, both as a line of JSON.

    Args:
        request: `do` is "codes" (sets `codes` from `kinds` and `fields`), "answer", "parses", "dump", "plain",
            "tokens", "kinds" or "rows".
        codes: What "codes" has set; kept by the caller.
    """
    asked = json.loads(request)
    do = asked["do"]
    if do == "codes":
        codes.update(kinds=asked["kinds"], fields=asked["fields"])
        return json.dumps({"version": list(sys.version_info[:3])})
    source = base64.b64decode(asked["source"])
    if do == "answer":
        return json.dumps(answer(source, asked["mode"], codes["kinds"], codes["fields"]))
    if do == "tokens":
        return json.dumps(token_views(source))
    try:
        tree = parse(source)
    except _REFUSALS as error:
        return json.dumps({"refused": str(error)})
    if do == "dump":
        return json.dumps(dump(tree).decode())
    if do == "plain":
        return json.dumps(ast.dump(tree))
    if do == "kinds":
        return json.dumps(kinds(tree))
    if do == "rows":
        kind, field, numbers, texts = rows_of_tree(tree, codes["kinds"], codes["fields"])
        shown = {name: [text.decode() for text in values] for name, values in texts.items()}
        return json.dumps([list(kind), list(field), numbers, shown])
    return json.dumps("parses")


def _line_begins(text: bytes) -> list[int]:
    begins = [0]
    while place := text.find(b"\n", begins[-1]) + 1:
        begins.append(place)
    return begins


def _line(error: BaseException) -> int:
    return getattr(error, "lineno", None) or 0


def _reason(error: BaseException) -> str:
    """An error's words without numbers of lines in them."""
    return _NUMBER.sub("", getattr(error, "msg", None) or str(error))


def _is_stable(source: bytes, error: BaseException) -> bool:
    line = _line(error)
    lines = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    try:
        parse(b"\n".join(lines[:line]) + b"\n")
    except _REFUSALS as again:
        return (_line(again), _reason(again)) == (line, _reason(error))
    return False


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, str, int]]:
    """Each node that a node holds, the field, and the place in it where that is a list."""
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST) and not isinstance(item, _MARKS):
                    yield item, name, place
        elif isinstance(value, ast.AST) and not isinstance(value, _MARKS):
            yield value, name, -1


def _main() -> None:
    codes: dict[str, Codes] = {}
    for request in sys.stdin:
        try:
            said = serve(request, codes)
        except Exception as error:  # the one who asks is to see it, and to go on
            said = json.dumps({"failed": f"{type(error).__name__}: {error}"})
        print(said, flush=True)


if __name__ == "__main__":
    deeply(_main)
