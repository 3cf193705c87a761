"""A config that many tasks read and few change: shared until then."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Final

from lab._extension import Turn
from lab.memory.cow import CowBytes

Value = bool | int | float | str
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


class SharedConfig(MutableMapping[str, Value]):
    """Names and values, copied by the first change through a handle that others share. Threads take turns.

    The content is one block of bytes, its lines in the order of the names: `bytes(config)` is a TOML document and goes
    into a batch's config column as it is. Equal configs are equal bytes.

    Args:
        values: What to begin with.

    Raises:
        TypeError: A name is no text, or a value neither bool, int, float nor str.
        MemoryError: The system refuses memory.
    """

    __slots__ = ("_text", "_turn", "_values")

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        # Shared between handles: replaced, never changed.
        self._values: Mapping[str, Value] = {_plain_name(name): _plain(name, value) for name, value in _pairs(values)}
        self._turn = Turn("SharedConfig")
        self._text = CowBytes("".join(_line(name, self._values[name]) for name in sorted(self._values)), copy=True)

    @classmethod
    def from_toml(cls, text: str | bytes) -> "SharedConfig":
        """A config out of a TOML document without tables.

        Raises:
            tomllib.TOMLDecodeError: The text is no TOML.
            TypeError: It holds more than names and plain values.
        """
        return cls(tomllib.loads(text.decode() if isinstance(text, bytes) else text))

    def share(self) -> "SharedConfig":
        """Another handle on the same content, without a copy."""
        other = SharedConfig.__new__(SharedConfig)
        with self._turn:
            other._text, other._values, other._turn = self._text.share(), self._values, Turn("SharedConfig")
        return other

    @property
    def shared(self) -> bool:
        """Whether the next change copies."""
        return self._text.shared

    @property
    def closed(self) -> bool:
        """Whether the handle has ended."""
        return self._text.closed

    def close(self) -> None:
        """End the handle; others on the content live on."""
        self._text.close()

    def __enter__(self) -> "SharedConfig":
        self._text.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __bytes__(self) -> bytes:
        return bytes(self._text)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __setitem__(self, name: str, value: Value) -> None:
        name, value = _plain_name(name), _plain(name, value)
        with self._turn:
            self._replace(name, _line(name, value))
            self._values = {**self._values, name: value}

    def __delitem__(self, name: str) -> None:
        with self._turn:
            if name not in self._values:
                raise KeyError(name)
            self._replace(name, "")
            self._values = {other: value for other, value in self._values.items() if other != name}

    def _replace(self, name: str, line: str) -> None:
        """Put a line in the place of a name's, or where it belongs; to be called with the turn."""
        first = sum(len(_line(other, value).encode()) for other, value in self._values.items() if other < name)
        removed = len(_line(name, self._values[name]).encode()) if name in self._values else 0
        self._text.splice(first, removed, line)

    def __repr__(self) -> str:
        return f"SharedConfig({dict(self)!r})"


def _pairs(values: Mapping[str, Value] | None) -> Iterable[tuple[str, Value]]:
    return () if values is None else values.items()


def _plain_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a config's names are texts, got {type(name).__name__}")
    return str.__str__(name) if type(name) is not str else name


def _plain(name: str, value: Any) -> Value:
    """A value of exactly bool, int, float or str: what TOML can hold, and reads back the same.

    Raises:
        TypeError: It is none of these, nor of a class derived from them.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value) if type(value) is not str else value
    raise TypeError(
        f"{name}: a config's values are bool, int, float or str, got {type(value).__name__}: convert it first "
        "(of NumPy's scalars, item() gives the plain value)"
    )


def _line(name: str, value: Value) -> str:
    """One line of TOML. Its strings are JSON's, but for the delete character, which TOML wants escaped too."""
    key = name if _BARE_KEY.fullmatch(name) else _quoted(name)
    if isinstance(value, str):
        return f"{key} = {_quoted(value)}\n"
    return f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
