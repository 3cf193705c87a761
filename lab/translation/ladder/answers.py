"""What CPython says of a source, as digests and in full: asked of this interpreter or of another one (`oracles`)."""

import base64
import json
import sys
from dataclasses import dataclass, fields
from typing import Any, Protocol

from lab.translation.columns import codes
from lab.translation.ladder import cpython
from lab.translation.ladder.cpython import Codes, Mode, digest

__all__ = ["Answer", "Mode", "Oracle", "ThisPython", "codes_of", "digest"]


@dataclass(frozen=True, slots=True)
class Answer:
    """CPython's answer to one source.

    Attributes:
        accepted: Whether it parses.
        error: The exception's name and message, where not.
        line: Where it was refused, from 1; 0 where CPython names no line.
        stable: Whether the line depends on nothing that follows it; see `cpython`.
        tokens: Digest of the token views; empty where the tokenize module has no answer.
        kinds: Digest of the histogram of node classes; as all that follow empty where refused.
        plain: Digest of the dump without attributes.
        full: Digest of the dump with attributes.
        columns: Digest of the nodes as columns.
        answered: False where CPython fails over a source by a fault of its own; nothing is compared then.
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
    answered: bool = True


_ANSWER_FIELDS = frozenset(field.name for field in fields(Answer))


class Oracle(Protocol):
    """A CPython that is asked: this one or another. For one thread at a time.

    Attributes:
        version: Its version, such as "3.13.0".
        minor: Of its version.
    """

    version: str
    minor: int

    def answer(self, source: bytes, mode: Mode) -> Answer:
        """Its answer to a source."""

    def detail(self, source: bytes, what: str) -> Any:
        """Its answer in full, to show a difference: "dump", "plain", "tokens", "kinds" or "rows" of `cpython.serve`."""

    def close(self) -> None:
        """End what was started to ask it."""


class ThisPython:
    """The running interpreter as an oracle."""

    def __init__(self) -> None:
        self.version = ".".join(map(str, sys.version_info[:3]))
        self.minor = sys.version_info.minor

    def answer(self, source: bytes, mode: Mode) -> Answer:
        """See `Oracle.answer`."""
        return made(cpython.answer(source, mode, *codes_of()))

    def detail(self, source: bytes, what: str) -> Any:
        """See `Oracle.detail`."""
        kinds, names = codes_of()
        request = json.dumps({"do": what, "source": base64.b64encode(source).decode()})
        return json.loads(cpython.serve(request, {"kinds": kinds, "fields": names}))

    def close(self) -> None:
        """See `Oracle.close`; there is nothing to end."""


def codes_of() -> tuple[Codes, Codes]:
    """The front end's codes of classes of nodes and of fields that hold nodes."""
    kinds, names = ({word.decode(): code for code, word in enumerate(codes(of))} for of in ("kind", "field"))
    return kinds, names


def made(said: dict[str, Any]) -> Answer:
    """An answer from what `cpython.answer` returned."""
    return Answer(**{name: value for name, value in said.items() if name in _ANSWER_FIELDS})
