"""A tree as rows, those of CPython's `ast` and those of the front end's columns, so that they can be compared."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab.translation.columns import NodeTable, codes
from lab.translation.ladder.cpython import NO_FIELD, NUMBERS, TEXTS, rows_digest

_EMPTY: Final = b""


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
        return rows_digest(self.kind.tobytes(), self.field.tobytes(), self.numbers, self.texts)

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
            "field": None if field == NO_FIELD else codes("field")[field].decode(),
            **{name: int(self.numbers[name][number]) for name in NUMBERS},
            **{name: self.texts[name][number].decode(errors="replace") for name in TEXTS},
        }


def rows_of_table(table: NodeTable) -> Rows:
    """The rows of the front end's columns of one source."""
    texts = {}
    for name in TEXTS:
        words = [*table.strings(name), _EMPTY]  # -1, no value, is the last of them
        texts[name] = [words[number] for number in table.numbers(name).tolist()]
    return Rows(table.numbers("kind"), table.numbers("field"), {name: table.numbers(name) for name in NUMBERS}, texts)


def rows_of_answer(said: tuple[Any, ...]) -> Rows:
    """The rows that an oracle's "rows" holds."""
    kind, field, numbers, texts = said
    return Rows(
        np.array(kind, np.uint8),
        np.array(field, np.uint8),
        {name: np.array(values, np.int32) for name, values in numbers.items()},
        {name: [word.encode() for word in words] for name, words in texts.items()},
    )
