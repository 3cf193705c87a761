"""A tree as rows, the one that `ast` made and the one of the front end's columns, so that they can be compared."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab.translation.columns import NUMBERS, NodeTable, codes

_MARKS: Final = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
_PLACE: Final = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_TEXTS: Final = ("name", "value")
_NO_FIELD: Final = 255
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
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Nodes in the order of ast.dump.

    Attributes:
        kind: Codes of the classes, shape (n,), uint8.
        field: Codes of the parents' fields, shape (n,), uint8; 255 for the root.
        numbers: By name of NUMBERS, shape (n,), int32; -1 where there is no value.
        texts: name and value, n each; empty where there is none.
    """

    kind: npt.NDArray[np.uint8]
    field: npt.NDArray[np.uint8]
    numbers: dict[str, npt.NDArray[np.int32]]
    texts: dict[str, list[bytes]]

    def digest(self) -> str:
        """Of everything, in hexadecimal digits."""
        made = hashlib.blake2b(self.kind.tobytes() + self.field.tobytes(), digest_size=16)
        for name in NUMBERS:
            made.update(self.numbers[name].tobytes())
        for name in _TEXTS:
            made.update(b"\n".join(self.texts[name]) + b"\0")
        return made.hexdigest()

    def histogram(self) -> Counter[str]:
        """How many nodes there are of each class."""
        names = codes("kind")
        counts = np.bincount(self.kind, minlength=1)
        return Counter({names[code].decode(): int(count) for code, count in enumerate(counts) if count})

    def row(self, number: int) -> dict[str, Any]:
        """One row in words; an empty one past the end."""
        if number >= len(self.kind):
            return {}
        field = int(self.field[number])
        return {
            "kind": codes("kind")[int(self.kind[number])].decode(),
            "field": None if field == _NO_FIELD else codes("field")[field].decode(),
            **{name: int(self.numbers[name][number]) for name in NUMBERS},
            **{name: self.texts[name][number].decode(errors="replace") for name in _TEXTS},
        }


def rows_of_table(table: NodeTable) -> Rows:
    """The rows of the front end's columns of one source."""
    texts = {}
    for name in _TEXTS:
        words = [*table.strings(name), b""]  # -1, no value, is the last of them
        texts[name] = [words[number] for number in table.numbers(name).tolist()]
    return Rows(table.numbers("kind"), table.numbers("field"), {name: table.numbers(name) for name in NUMBERS}, texts)


def rows_of_tree(tree: ast.Module) -> Rows:
    """The rows of a tree that `ast.parse` made."""
    kind_codes, field_codes = ({word.decode(): code for code, word in enumerate(codes(of))} for of in ("kind", "field"))
    kinds, fields = bytearray(), bytearray()
    numbers: dict[str, list[int]] = {name: [] for name in NUMBERS}
    texts: dict[str, list[bytes]] = {name: [] for name in _TEXTS}
    waiting: list[tuple[ast.AST, int, int, int]] = [(tree, _NO_FIELD, -1, -1)]
    while waiting:
        node, field, parent, index = waiting.pop()
        number, kind = len(kinds), type(node).__name__
        kinds.append(kind_codes[kind])
        fields.append(field)
        numbers["parent"].append(parent)
        numbers["index"].append(index)
        for name in _PLACE:
            numbers[name].append(getattr(node, name, -1))
        texts["name"].append((getattr(node, _NAME_FIELDS[kind]) or "").encode() if kind in _NAME_FIELDS else b"")
        texts["value"].append(repr(node.value).encode() if isinstance(node, ast.Constant | ast.MatchSingleton) else b"")
        below = [(child, field_codes[name], number, place) for child, name, place in _children(node)]
        waiting.extend(reversed(below))
    return Rows(
        np.frombuffer(bytes(kinds), np.uint8),
        np.frombuffer(bytes(fields), np.uint8),
        {name: np.array(values, np.int32) for name, values in numbers.items()},
        texts,
    )


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, str, int]]:
    """Each node that a node holds, the field, and the place in it where that is a list."""
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST) and not isinstance(item, _MARKS):
                    yield item, name, place
        elif isinstance(value, ast.AST) and not isinstance(value, _MARKS):
            yield value, name, -1
