"""Where in a JSON text a value is, so that a message can name the line."""

import json
import re
from typing import Final

Path = list[str | int]

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_STEP: Final = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")


def line_of(text: str, path: Path) -> int:
    """The line, from 1, of the value at a path of keys and indices; of the last value on the way that there is.

    Args:
        text: valid JSON.
        path: such as ["figures", 3, "value"].
    """
    at = _skip(text, 0)
    for step in path:
        inner = _member(text, at, step) if text[at : at + 1] == "{" else _item(text, at, step)
        if inner is None:
            break
        at = inner
    return text.count("\n", 0, at) + 1


def path_of(message: str) -> Path:
    """The path that msgspec names at the end of a validation error ("... - at `$.figures[3].value`")."""
    found = re.search(r"at `\$(.*)`$", message)
    return [name or int(index) for name, index in _STEP.findall(found[1])] if found else []


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int) -> int:
    """Behind the value that begins there and the comma that follows."""
    _, end = json.JSONDecoder().raw_decode(text, at)
    end = _skip(text, end)
    return _skip(text, end + 1) if text[end : end + 1] == "," else end


def _member(text: str, at: int, key: str | int) -> int | None:
    at = _skip(text, at + 1)
    while text[at] == '"':
        name, at = json.JSONDecoder().raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if name == key:
            return at
        at = _after(text, at)
    return None


def _item(text: str, at: int, index: str | int) -> int | None:
    if text[at : at + 1] != "[" or not isinstance(index, int):
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        if text[at] == "]":
            return None
        at = _after(text, at)
    return None if text[at] == "]" else at
