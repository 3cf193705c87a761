"""Whether two answers are the same, and how they differ: for values of any Python type, from two modules alike."""

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

MOST_CHARACTERS = 80
MOST_DEPTH = 100


def same_answer(one: Any, two: Any, depth: int = 0) -> bool:
    """Whether two values are equal: by `==`, and part by part where a type has no `==` of its own.

    Two NaN are equal. Objects of classes of one name, from two revisions of a module, are equal if their fields are.
    """
    if one is two:
        return True
    if depth > MOST_DEPTH:
        return bool(one == two)
    if isinstance(one, float) and isinstance(two, float) and math.isnan(one) and math.isnan(two):
        return True
    if isinstance(one, str | bytes | bytearray | int | float | complex | bool):
        return (type(one) is type(two) and bool(one == two)) or _numbers_equal(one, two)
    if type(one).__qualname__ != type(two).__qualname__:
        return False
    if _is_array(one):
        return _arrays_equal(one, two)
    if isinstance(one, Mapping):
        return one.keys() == two.keys() and all(same_answer(one[key], two[key], depth + 1) for key in one)
    if isinstance(one, Set):
        return bool(one == two)
    if isinstance(one, Sequence):
        return len(one) == len(two) and all(same_answer(a, b, depth + 1) for a, b in zip(one, two, strict=True))
    if hasattr(one, "equals"):  # a table
        return bool(one.equals(two))
    fields = _fields(one), _fields(two)
    if fields[0] is None or fields[1] is None:
        return bool(one == two)
    return same_answer(fields[0], fields[1], depth + 1)


def describe(one: Any, two: Any) -> str:
    """How two different answers differ, in a line: the first part that differs with both values."""
    path, left, right = _first_difference(one, two, "")
    where = f"at {path} " if path else ""
    names = type(left).__qualname__, type(right).__qualname__
    if names[0] != names[1]:
        return f"{where}{names[0]} {_shown(left)} and {names[1]} {_shown(right)}"
    if isinstance(left, list | tuple) and len(left) != len(right):
        where += f"of length {len(left)} and {len(right)}: "
    return f"{where}{_shown(left)} and {_shown(right)}"


def _numbers_equal(one: Any, two: Any) -> bool:
    number = int | float | complex
    both = isinstance(one, number) and isinstance(two, number) and isinstance(one, bool) == isinstance(two, bool)
    return both and bool(one == two)


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _arrays_equal(one: Any, two: Any) -> bool:
    if not _is_array(two) or one.shape != two.shape or one.dtype != two.dtype:
        return False
    equal = one == two
    if getattr(one.dtype, "kind", "") in "fc":
        equal = equal | ((one != one) & (two != two))  # noqa: PLR0124 - NaN is not equal to itself
    return bool(equal.all())


def _fields(value: Any) -> dict[str, Any] | None:
    """An object's state by name; None where it has an `==` of its own or hides its state."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    slots = {name: getattr(value, name) for name in _slots(type(value)) if hasattr(value, name)}
    own = getattr(value, "__dict__", None)
    if own is None and not slots:
        return None
    return {**(own or {}), **slots}


def _slots(kind: type) -> list[str]:
    found: list[str] = []
    for base in kind.__mro__:
        names = base.__dict__.get("__slots__", ())
        found += [names] if isinstance(names, str) else list(names)
    return [name for name in found if name not in ("__dict__", "__weakref__")]


def _first_difference(one: Any, two: Any, path: str, depth: int = 0) -> tuple[str, Any, Any]:
    """Where two values first differ, as a path of keys and fields, and what is there."""
    for step, a, b in _parts(one, two) if depth < MOST_DEPTH else ():
        if not same_answer(a, b):
            return _first_difference(a, b, path + step, depth + 1)
    return path, one, two


def _parts(one: Any, two: Any) -> Iterator[tuple[str, Any, Any]]:
    """The parts that two values both have; none where they are not made of the same parts."""
    if type(one).__qualname__ != type(two).__qualname__:
        return
    if isinstance(one, Mapping):
        if one.keys() == two.keys():
            yield from ((f"[{key!r}]", one[key], two[key]) for key in one)
    elif isinstance(one, list | tuple):
        if len(one) == len(two):
            yield from ((f"[{number}]", a, b) for number, (a, b) in enumerate(zip(one, two, strict=True)))
    elif not _is_array(one) and not hasattr(one, "equals") and not isinstance(one, str | bytes | int | float | complex):
        mine, theirs = _fields(one) or {}, _fields(two) or {}
        if mine.keys() == theirs.keys():
            yield from ((f".{name}", mine[name], theirs[name]) for name in mine)


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 3]}..."
